/**
 * Workload identity federation: the token of a service account as a pod shows it, and whether Entra trusts it.
 *
 * Follows Microsoft's documentation of workload identity federation (issuer, subject and audience must be those of a federated
 * credential; AADSTS700211, 700213, 7002138, 700212, 700024) and the kubelet's rule for projected tokens (renewed at 80 % of their life, or a day).
 * Simplified: the kubelet's renewals are always in time, and nobody forges a signature.
 */
import { after, between, micros } from '../kernel/time.ts';
import type { Duration, Moment } from '../kernel/time.ts';

/** Audience of every token that is shown to Entra. */
export const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

/** A token of a service account: the claims, as a verifier reads them. */
export interface ServiceAccountToken {
  readonly issuer: string;
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject: string;
  readonly audience: string;
  /** Key that signed it. */
  readonly keyId: string;
  readonly expiresAt: Moment;
}

/** Whom a federated credential trusts. */
export interface Trust {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** A federated credential of a principal. Key: `objectId/name`. */
export interface FederatedCredential extends Trust {
  readonly id: string;
  readonly principalId: string;
  readonly name: string;
  /** When it was written, first or anew. */
  readonly createdAt: Moment;
  /** When every replica of the directory that will ever know it does. */
  readonly propagatedAt: Moment;
  /** What replicas that are behind still have; absent: nothing. */
  readonly former?: Trust;
  /** Share [0 to 1] of the replicas that never get it, whatever the time. */
  readonly missingFrom: number;
}

/** Key of a federated credential. */
export function federatedKey(principalId: string, name: string): string {
  return `${principalId}/${name.toLowerCase()}`;
}

/** When the projected token that a process finds in its volume was issued: its first one, or the last renewal. */
export function projectedAt(
  startedAt: Moment,
  now: Moment,
  rule: { readonly life: Duration; readonly at: number; readonly most: Duration },
): Moment {
  const every = Math.max(1, Math.min(Math.round(rule.life * rule.at), rule.most));
  return after(startedAt, micros(Math.floor(between(startedAt, now) / every) * every));
}

/** Why no credential trusts a token: expired, no such issuer, no such subject, one in another case, another audience. */
export type Distrust = 'AADSTS700024' | 'AADSTS700211' | 'AADSTS700213' | 'AADSTS7002138' | 'AADSTS700212';

/** Why Entra refuses a token, as its error codes say it; or what trusts it. */
export function trusted<T extends Trust>(
  credentials: readonly T[],
  token: ServiceAccountToken,
  now: Moment,
  matching: 'caseSensitive' | 'caseInsensitive',
): T | Distrust {
  if (now >= token.expiresAt) return 'AADSTS700024';
  const isSame = (a: string, b: string): boolean => (matching === 'caseSensitive' ? a === b : a.toLowerCase() === b.toLowerCase());
  const ofIssuer = credentials.filter(({ issuer }) => isSame(issuer, token.issuer));
  if (ofIssuer.length === 0) return 'AADSTS700211';
  const ofSubject = ofIssuer.filter(({ subject }) => isSame(subject, token.subject));
  if (ofSubject.length === 0)
    return ofIssuer.some(({ subject }) => subject.toLowerCase() === token.subject.toLowerCase()) ? 'AADSTS7002138' : 'AADSTS700213';
  return ofSubject.find(({ audience }) => audience === token.audience) ?? 'AADSTS700212';
}
