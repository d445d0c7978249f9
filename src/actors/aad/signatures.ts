/**
 * Signatures of service accounts' tokens: Entra keeps the keys of an issuer for a while and fetches them anew when they are old, or when
 * a token names a key that they lack.
 *
 *   token ─► keys fresh and known? ─yes─► goes on
 *                 └─no─► JwksRequest ─► JwksResponse ─► goes on │ key unknown: AADSTS700027
 *                              └─ nobody answers in time ─► AADSTS90061 for all that wait
 *
 * Follows the documentation of workload identity for the errors, and Microsoft.IdentityModel's ConfigurationManager for the unknown key:
 * it asks again, but not oftener than its refresh interval. Faithful: keys in the cache are believed though the issuer has withdrawn them.
 */
import { after, between } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { Refusal } from './token-answer.ts';

/** A request that waits for keys. */
export interface Held {
  readonly client: string;
  readonly message: MessageOf<'AadTokenRequest'>;
  /** Time that its answer takes besides. */
  readonly latency: Duration;
}

/** The keys of an issuer as Entra has them. */
interface KnownKeys {
  readonly keys: readonly string[];
  readonly fetchedAt: Moment;
  readonly until: Moment;
}

/** Slice of this part. */
export interface Signatures {
  /** Keys by issuer -- changes. */
  known: Record<string, KnownKeys>;
  /** Requests that wait for keys, by issuer; while there are any, a fetch is under way -- changes. */
  held: Record<string, Held[]>;
  /** Fetches so far [count] -- changes. */
  fetches: number;
}

interface WithSignatures {
  signatures: Signatures;
}

/** What is known of a signature now: it is good, its key is unknown, or one must look first. */
export function judgeSignature(
  { signatures }: WithSignatures,
  token: { readonly issuer: string; readonly keyId: string },
  turn: Turn,
): 'good' | 'look' | Refusal {
  const known = signatures.known[token.issuer];
  if (known === undefined || turn.now >= known.until) return 'look';
  if (known.keys.includes(token.keyId)) return 'good';
  if (between(known.fetchedAt, turn.now) >= turn.knob('wi.oidc.refreshInterval')) return 'look';
  return UNKNOWN_KEY;
}

/** The refusal of a token whose key the issuer does not have. */
export const UNKNOWN_KEY: Refusal = { status: 401, error: 'AADSTS700027' };

/** Lets a request wait for the keys of its issuer, and fetches them unless that is under way. */
export function holdForKeys({ signatures }: WithSignatures, held: Held, issuer: string, turn: Turn): void {
  const waiting = signatures.held[issuer];
  if (waiting !== undefined) {
    waiting.push(held);
    return;
  }
  signatures.held[issuer] = [held];
  signatures.fetches += 1;
  const request = `${turn.self}#jwks${String(signatures.fetches)}`;
  turn.send('oidc-issuer', { type: 'JwksRequest', request, issuer });
  turn.setTimer(`jwks/${issuer}`, turn.knob('wi.oidc.fetchTimeout'), { type: 'JwksTimeoutDue', issuer }, { label: 'aad' });
}

/** The keys came: whoever waited for them. */
export function onKeys({ signatures }: WithSignatures, { issuer, keys }: MessageOf<'JwksResponse'>, turn: Turn): readonly Held[] {
  turn.cancelTimer(`jwks/${issuer}`);
  const until = after(turn.now, turn.draw('wi.oidc.entraJwksCache', issuer));
  signatures.known[issuer] = { keys: [...keys], fetchedAt: turn.now, until };
  return release(signatures, issuer);
}

/** They did not: whoever waited for them, to be refused. */
export function onNoKeys({ signatures }: WithSignatures, { issuer }: MessageOf<'JwksTimeoutDue'>): readonly Held[] {
  return release(signatures, issuer);
}

/** The refusal of a token whose issuer cannot be reached. */
export const UNREACHABLE: Refusal = { status: 400, error: 'AADSTS90061' };

function release(signatures: Signatures, issuer: string): readonly Held[] {
  const waiting = signatures.held[issuer] ?? [];
  delete signatures.held[issuer];
  return waiting;
}
