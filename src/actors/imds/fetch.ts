/** Tokens of IMDS: out of its cache, or from Entra with the identity's certificate. */
import { between } from '../../kernel/time.ts';
import { ORIGIN } from '../../kernel/time.ts';
import type { Credential, IdentityGrant } from '../../model/azure.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { copyOfToken } from '../../model/token.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { respond, respondFetched } from './answer.ts';
import type { Answer } from './answer.ts';
import { grantSubject } from './choice.ts';
import { fetchShare, quickShare } from './latency.ts';
import type { CachedToken, ImdsState } from './state.ts';

type Request = MessageOf<'MetadataRequest'>;

/** Serves a token of an identity that is on the VM. */
export function serveIdentity(state: ImdsState, message: Request, turn: Turn, grant: IdentityGrant): void {
  const resource = message.call.query.resource ?? '';
  const key = cacheKey(grant, resource);
  const isBypassed = message.call.query.bypassCache === 'true' && turn.knob('imds.bypassCache.enabled');
  const cached = isBypassed ? undefined : usable(state, key, turn, grant);
  if (cached === undefined) {
    fetchToken(state, turn, { grant, resource, message });
    return;
  }
  respond(state, turn, message, { status: 200, error: '', token: cached.token }, quickShare(turn, grantSubject(turn, grant)));
  if (between(cached.fetchedAt, turn.now) >= turn.knob('imds.cache.proactiveRenewAfter')) fetchToken(state, turn, { grant, resource });
}

/** Serves a token that was kept although its identity has left the VM. Whether it was is drawn once for each unassignment. */
export function serveKept(state: ImdsState, message: Request, turn: Turn, grant: IdentityGrant): boolean {
  const cached = usable(state, cacheKey(grant, message.call.query.resource ?? ''), turn, grant);
  const subject = grantSubject(turn, grant);
  if (cached === undefined || turn.drawAt('imds.unassign.cachedTokenDropped', subject, grant.incarnation) === 1) return false;
  respond(state, turn, message, { status: 200, error: '', token: cached.token }, quickShare(turn, subject));
  return true;
}

/** Entra has answered: everybody who waits gets the same. */
export function onAadTokenResponse(state: ImdsState, message: MessageOf<'AadTokenResponse'>, turn: Turn): void {
  const fetch = state.fetches[message.request];
  if (fetch === undefined) return;
  delete state.fetches[message.request];
  const { token } = message;
  if (token !== undefined) {
    dropUsedUp(state, turn);
    state.cache[fetch.key] = { token: copyOfToken(token), fetchedAt: turn.now, incarnation: fetch.incarnation };
  }
  const answer: Answer = token === undefined ? failureOf(message) : { status: 200, error: '', token };
  for (const waiting of fetch.waiting) respondFetched(turn, waiting, fetch, answer);
}

/** What a client of IMDS sees of Entra's refusal. */
function failureOf({ status, error }: MessageOf<'AadTokenResponse'>): Answer {
  if (status === 429) return { status: 429, error: error ?? '' };
  // A fault rule may answer for Entra without a code.
  if (status >= 500) return { status: 500, error: error ?? '', code: 'unknown' };
  return { status: 400, error: error ?? '', code: 'invalid_request' };
}

interface Order {
  readonly grant: IdentityGrant;
  readonly resource: string;
  /** Request that waits for it; absent: renewal ahead of time. */
  readonly message?: Request;
}

/** Asks Entra, or joins a call for the same token that is under way. */
function fetchToken(state: ImdsState, turn: Turn, { grant, resource, message }: Order): void {
  const key = cacheKey(grant, resource);
  const waiting = message === undefined ? [] : [{ request: message.request, replyTo: message.replyTo, sender: message.sender }];
  const underWay = Object.keys(state.fetches).find((id) => state.fetches[id]?.key === key);
  const present = underWay === undefined ? undefined : state.fetches[underWay];
  if (present !== undefined) {
    present.waiting.push(...waiting);
    return;
  }
  const subject = grantSubject(turn, grant);
  const share = fetchShare(turn, isFirstUse(state, grant) ? 'firstUse' : 'cacheMiss', subject);
  if (turn.draw('imds.error5xx.prob', subject) === 1) {
    if (message !== undefined) respond(state, turn, message, { status: 500, error: 'Failed to retrieve a token', code: 'unknown' }, share);
    return;
  }
  state.used[usedKey(grant)] = 'used';
  state.fetched += 1;
  const request = `${turn.self}#${String(state.fetched)}`;
  const { clientId, principalId: objectId, incarnation } = grant;
  state.fetches[request] = { key, clientId, objectId, resource, incarnation, waiting };
  const { kind, keyId, value } = newestCredential(turn, objectId);
  turn.send(
    'aad',
    { type: 'AadTokenRequest', request, clientId, credential: { kind, keyId, value }, resource },
    { after: share, label: 'imds' },
  );
}

/** The certificate the identity provider handed over last; an empty one where the principal is unknown, which Entra will refuse. */
function newestCredential(turn: Turn, objectId: string): Pick<Credential, 'kind' | 'keyId' | 'value'> {
  let newest: Credential | undefined;
  for (const credential of turn.table('servicePrincipals').get(objectId)?.credentials ?? []) {
    if (credential.kind === 'certificate' && (newest === undefined || credential.notBefore > newest.notBefore)) newest = credential;
  }
  return newest ?? { kind: 'certificate', keyId: '', value: '' };
}

/** The cached token of a key, if it may still be handed out to this incarnation of its identity. */
function usable(state: ImdsState, key: string, turn: Turn, grant: IdentityGrant): CachedToken | undefined {
  const cached = state.cache[key];
  if (cached === undefined || between(turn.now, cached.token.expiresAt) <= turn.knob('imds.cache.serveUntil')) return undefined;
  // Each unassignment since then may have emptied the cache.
  for (let incarnation = cached.incarnation; incarnation < grant.incarnation; incarnation += 1) {
    if (turn.drawAt('imds.unassign.cachedTokenDropped', grantSubject(turn, grant), incarnation) === 1) return undefined;
  }
  return cached;
}

/** Identities that were on a settled machine before the world began have long been used there. */
function isFirstUse(state: ImdsState, grant: IdentityGrant): boolean {
  if (state.start === 'settled' && grant.attachStartedAt < ORIGIN) return false;
  return state.used[usedKey(grant)] === undefined;
}

function dropUsedUp(state: ImdsState, turn: Turn): void {
  for (const key of Object.keys(state.cache)) if ((state.cache[key]?.token.expiresAt ?? turn.now) <= turn.now) delete state.cache[key];
}

function cacheKey(grant: IdentityGrant, resource: string): string {
  return `${usedKey(grant)}|${resource}`;
}

function usedKey(grant: IdentityGrant): string {
  return `${grant.identity}|${grant.principalId}`;
}
