/**
 * Workload identity federation: the token of a service account as a pod shows it, and whether Entra trusts it.
 *
 * Follows Microsoft's documentation of workload identity federation (issuer, subject and audience must be those of a federated
 * credential; AADSTS700211, 700213, 700212, 700024) and the kubelet's rule for projected tokens (renewed at 80 % of their life, or a day).
 * Simplified: the kubelet's renewals are always in time, and signatures are always right, so key rotation changes nothing.
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
  readonly expiresAt: Moment;
}

/** A federated credential of a principal. Key: `objectId/number`. */
export interface FederatedCredential {
  readonly id: string;
  readonly principalId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly createdAt: Moment;
  /** When every replica of the directory knows it. */
  readonly propagatedAt: Moment;
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

/** Why Entra refuses a token, as its error codes say it; or the credential that trusts it. */
export function trusted(
  credentials: readonly FederatedCredential[],
  token: ServiceAccountToken,
  now: Moment,
  matching: 'caseSensitive' | 'caseInsensitive',
): FederatedCredential | 'AADSTS700024' | 'AADSTS700211' | 'AADSTS700213' | 'AADSTS700212' {
  if (now >= token.expiresAt) return 'AADSTS700024';
  const isSame = (a: string, b: string): boolean => (matching === 'caseSensitive' ? a === b : a.toLowerCase() === b.toLowerCase());
  const ofIssuer = credentials.filter(({ issuer }) => isSame(issuer, token.issuer));
  if (ofIssuer.length === 0) return 'AADSTS700211';
  const ofSubject = ofIssuer.filter(({ subject }) => isSame(subject, token.subject));
  if (ofSubject.length === 0) return 'AADSTS700213';
  return ofSubject.find(({ audience }) => audience === token.audience) ?? 'AADSTS700212';
}
