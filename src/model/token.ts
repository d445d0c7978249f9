/**
 * Access tokens: how Entra writes one, and how a verifier judges one.
 *
 * Follows the token samples of Microsoft's documentation (`iat` and `nbf` lie 300 s before the issue, `exp` counts from the issue) and
 * Microsoft.IdentityModel's validation of lifetime, audience and issuer. Simplified: signatures are always right, so it does not matter
 * that a service looks at the issuer's keys but once a day.
 */
import { after, before } from '../kernel/time.ts';
import type { Duration, Moment } from '../kernel/time.ts';
import { TENANT } from './azure.ts';
import type { AccessToken, ServicePrincipal } from './azure.ts';

/** Issuer of every token. */
const ISSUER = `https://sts.windows.net/${TENANT}/`;

/** What a token is made from. */
export interface TokenOrder {
  /** Unique token identifier. */
  readonly uti: string;
  /** The resource asked for, letter by letter. */
  readonly audience: string;
  readonly principal: ServicePrincipal;
  /** Moment of issue. */
  readonly at: Moment;
  /** Life, counted from the issue. */
  readonly life: Duration;
  /** How far before the issue the token claims to have been issued. */
  readonly backdate: Duration;
  /** Groups and application roles at the issue; absent: none. */
  readonly claims?: TokenClaims;
}

/** What a token says about its bearer beside who it is. */
export type TokenClaims = Pick<AccessToken, 'groups' | 'roles'>;

/** What a verifier finds; all but `valid` mean 401. */
export type TokenVerdict = 'valid' | 'foreignIssuer' | 'wrongAudience' | 'notYetValid' | 'expired';

/** Writes a token. */
export function issueToken(order: TokenOrder): AccessToken {
  const claimed = before(order.at, order.backdate);
  return {
    uti: order.uti,
    audience: order.audience,
    issuer: ISSUER,
    objectId: order.principal.objectId,
    appId: order.principal.appId,
    mirid: order.principal.kind === 'application' ? '' : order.principal.resourceId,
    issuedAt: claimed,
    notBefore: claimed,
    expiresAt: after(order.at, order.life),
    ...order.claims,
  };
}

/** Judges a token: issuer, audience (exactly), then lifetime with the clock skew allowed on both ends, bounds included. */
export function judgeToken(
  token: AccessToken,
  verifier: { readonly audience: string; readonly now: Moment; readonly skew: Duration },
): TokenVerdict {
  if (token.issuer !== ISSUER) return 'foreignIssuer';
  if (token.audience !== verifier.audience) return 'wrongAudience';
  if (verifier.now < before(token.notBefore, verifier.skew)) return 'notYetValid';
  if (verifier.now > after(token.expiresAt, verifier.skew)) return 'expired';
  return 'valid';
}

/** A copy that shares nothing with its original: for whoever keeps tokens in his slice and hands them out. */
export function copyOfToken(token: AccessToken): AccessToken {
  const { uti, audience, issuer, objectId, appId, mirid, issuedAt, notBefore, expiresAt, groups, roles } = token;
  const plain = { uti, audience, issuer, objectId, appId, mirid, issuedAt, notBefore, expiresAt };
  return {
    ...plain,
    ...(groups === undefined ? {} : { groups: [...groups] }),
    ...(roles === undefined ? {} : { roles: [...roles] }),
  };
}
