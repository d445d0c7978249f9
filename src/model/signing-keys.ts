/**
 * Keys with which a cluster signs the tokens of its service accounts, and the document (JWKS) in which its issuer publishes them.
 *
 * Follows AKS's `oidc-issuer rotate-signing-keys`: the key before stays in the document for a day beside the new one; a second rotation
 * takes it out at once.
 */
import { after } from '../kernel/time.ts';
import type { Duration, Moment } from '../kernel/time.ts';

/** A key. */
interface SigningKey {
  readonly keyId: string;
  /** From when it signs. */
  readonly from: Moment;
  /** When it leaves the document; absent: nobody has replaced it. */
  readonly until?: Moment;
}

/** An issuer. Key: its address. */
export interface OidcIssuer {
  readonly issuer: string;
  /** All it ever had, oldest first. */
  readonly keys: readonly SigningKey[];
}

/** The key that signed what was issued at a moment; `''` for an issuer that is not there. */
export function signingKeyAt(row: OidcIssuer | undefined, at: Moment): string {
  return row?.keys.findLast(({ from }) => from <= at)?.keyId ?? '';
}

/** Keys in the document now. */
export function publishedKeys(row: OidcIssuer | undefined, now: Moment): readonly string[] {
  return (row?.keys ?? []).flatMap(({ keyId, until }) => (until === undefined || now < until ? [keyId] : []));
}

/** The issuer with a new key: the present one leaves after the overlap, an earlier one now. */
export function rotated(row: OidcIssuer, now: Moment, overlap: Duration): OidcIssuer {
  const kept = row.keys.map((key): SigningKey => {
    if (key.until === undefined) return { ...key, until: after(now, overlap) };
    return key.until > now ? { ...key, until: now } : key;
  });
  return { ...row, keys: [...kept, { keyId: keyNumber(row.keys.length + 1), from: now }] };
}

/** Name of the n-th key, from 1. */
export function keyNumber(n: number): string {
  return `signing-key-${String(n)}`;
}
