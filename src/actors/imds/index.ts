/**
 * The instance metadata service of one VM: gives the tokens of the VM's identities to whoever can reach it.
 *
 * Follows Microsoft's documentation of the endpoint (order of checks, limits, default identity) and, for what it caches, an engineer of
 * the service (aad-pod-identity issue 980): a cached token is always served, and renewed ahead of time when a request comes an hour or
 * more after the last fetch.
 *
 *   MetadataRequest ─► headers, api-version 400 ─► upgrade 404, 410 ─► limits 429 ─► resource, identity 400 ─► cached? ─yes─► 200 (and renew?)
 *                                                                                                                │no
 *                                                                         200, 4xx, 500 ◄─ AadTokenResponse ◄─ AadTokenRequest
 *
 * Simplified: it has the newest certificate of each identity the moment that exists; no token client asks to bypass the cache, which a
 * request may where `imds.bypassCache.enabled` is on; any resource is one that Entra knows.
 */
import type { MessageOf } from '../../model/messages/index.ts';
import { isServedVersion } from '../../model/imds-error.ts';
import type { MetadataCall } from '../../model/messages/token.ts';
import { IMDS_TOKEN_PATH, metadataPath } from '../../model/metadata-path.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { respond } from './answer.ts';
import type { Answer } from './answer.ts';
import { chooseIdentity } from './choice.ts';
import { onAadTokenResponse, serveIdentity, serveKept } from './fetch.ts';
import { notFoundShare, quickShare } from './latency.ts';
import { admitGeneral, admitIdentity, updateStatus } from './limits.ts';
import { initialImds } from './state.ts';
import type { ImdsState } from './state.ts';

type ImdsInbox = MessageOf<'ComputeCreated' | 'MetadataRequest' | 'AadTokenResponse' | 'ConnectionClosed'>;
type Request = MessageOf<'MetadataRequest'>;

/** The IMDS of one VM. */
export const imds = defineActor<ImdsState, ImdsInbox>({
  kind: 'imds',
  initial: initialImds,
  handlers: {
    ComputeCreated: (state, { resource, start }, turn) => {
      state.resource = resource;
      state.start = start;
      state.updateFrom = turn.now;
      state.updateUntil = turn.now;
    },
    MetadataRequest: onMetadataRequest,
    AadTokenResponse: onAadTokenResponse,
    ConnectionClosed: onConnectionClosed,
  },
});

function onMetadataRequest(state: ImdsState, message: Request, turn: Turn): void {
  // Never answered: whoever asked waits as long as its own time-outs let it.
  if (turn.draw('imds.timeout.prob', turn.self) === 1) return;
  const { call } = message;
  const isToken = metadataPath(call.path) === IMDS_TOKEN_PATH;
  const malformed = malformation(call, isToken ? 'token' : 'other');
  if (malformed !== undefined) refuse(state, message, turn, { status: 400, ...malformed });
  else if (isToken) serveToken(state, message, turn);
  else serveMetadata(state, message, turn);
}

/** What is wrong with a request itself, whoever sends it. */
function malformation(call: MetadataCall, of: 'token' | 'other'): Pick<Answer, 'error' | 'code'> | undefined {
  if (call.headers === 'tooLong') return { error: 'Bad Request - Request Too Long' };
  if (call.metadataHeader !== 'true') return { error: 'Required metadata header not specified', code: 'bad_request_102' };
  // A request that a proxy handed on may come from anywhere.
  if (call.forwardedFor !== undefined) return { error: 'Request has a header X-Forwarded-For', code: 'invalid_request' };
  // Who asks for what there is not is told that, of whatever version.
  if (of === 'other' && !isKnownPath(call.path)) return undefined;
  if (isServedVersion(call.query.apiVersion, of)) return undefined;
  return { error: 'Required query variable api-version is missing, or no version of this service', code: 'invalid_request' };
}

function serveToken(state: ImdsState, message: Request, turn: Turn): void {
  const update = updateStatus(state, turn);
  if (update !== undefined) {
    refuse(state, message, turn, { status: update, error: update === 404 ? 'Not found' : 'Gone' });
    return;
  }
  if (!admitIdentity(state, turn)) {
    refuse(state, message, turn, { status: 429, error: 'Too many requests' });
    return;
  }
  const resource = message.call.query.resource ?? '';
  if (resource === '') {
    refuse(state, message, turn, { status: 400, error: 'Required query variable resource is missing', code: 'invalid_request' });
    return;
  }
  const choice = chooseIdentity(turn, state.resource, message.call.query);
  switch (choice.outcome) {
    case 'found':
      serveIdentity(state, message, turn, choice.grant);
      return;
    case 'several':
      refuse(state, message, turn, {
        status: turn.knob('imds.noClientId.manyUami'),
        code: 'invalid_request',
        error: 'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
      });
      return;
    case 'gone':
      if (!serveKept(state, message, turn, choice.grant)) refuseUnknown(state, message, turn);
      return;
    case 'notFound':
      refuseUnknown(state, message, turn);
  }
}

function refuseUnknown(state: ImdsState, message: Request, turn: Turn): void {
  const after = notFoundShare(turn, turn.self);
  respond(state, turn, message, { status: 400, error: 'Identity not found', code: 'invalid_request' }, after);
}

/** Refuses, as fast as IMDS answers anything it need not look up. */
function refuse(state: ImdsState, message: Request, turn: Turn, refusal: Answer): void {
  respond(state, turn, message, refusal, quickShare(turn, turn.self));
}

/** Anything but tokens: all that matters is whether it answers. */
function serveMetadata(state: ImdsState, message: Request, turn: Turn): void {
  if (!admitGeneral(state, turn)) refuse(state, message, turn, { status: 429, error: 'Too many requests' });
  else if (!isKnownPath(message.call.path)) refuse(state, message, turn, { status: 404, error: 'Not found' });
  else respond(state, turn, message, { status: 200, error: '' }, quickShare(turn, turn.self));
}

/** The client hung up: nothing is sent to it; a fetch goes on and fills the cache. */
function onConnectionClosed(state: ImdsState, { request }: MessageOf<'ConnectionClosed'>): void {
  for (const id of Object.keys(state.fetches)) {
    const fetch = state.fetches[id];
    if (fetch?.waiting.some((waiting) => waiting.request === request) === true) {
      fetch.waiting = fetch.waiting.filter((waiting) => waiting.request !== request);
    }
  }
}

/** Whether there is anything but tokens at a path. */
function isKnownPath(path: string): boolean {
  return metadataPath(path).startsWith('/metadata/instance');
}
