/**
 * NMI gets the token of a chosen identity: `GetTokens`.
 *
 *   type 0 ─► IMDS, as adal does (2, 6, 14, 30, 60 s)        type 1, 2 ─► Secret (live, 5 QPS) ─► Entra, no retry
 *
 * Follows aad-pod-identity v1.8.17 `pkg/nmi/standard.go:GetTokens` and `pkg/auth/auth.go`. Faithful: none of this stops when the client
 * hangs up, and nothing is cached. Simplified: every tenant's token comes from the same issuer; the endpoint of an identity is not used;
 * an IMDS that takes a request and stays silent counts as one that cannot be reached (30 s), for both end in the same way.
 * Upstream's server still speaks of a check of IMDS's health before each request; the adal it links makes none, so there is none here.
 */
import { between, micros } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { MetadataCall, TokenBody } from '../../model/messages/token.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { ANSWERS } from '../../model/nmi/answers.ts';
import { afterAnswer, errorKind } from '../../model/nmi/upstream.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import { copyOfToken } from '../../model/token.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { IMDS_TOKEN_PATH } from '../../model/metadata-path.ts';
import { answer, answerNoToken, answerToken, handOn } from './answer.ts';
import { newQuestion, takeAnswered } from './state.ts';
import type { NmiState, OpenRequest } from './state.ts';

/** Begins to get a token for the identity chosen for a request. */
export function acquire(state: NmiState, request: string, turn: Turn): void {
  const identity = state.requests[request]?.identity;
  if (identity === undefined) return;
  if (identity.type === 0) askImds(state, request, identity.clientId, turn);
  else if (identity.type === 1 || identity.type === 2) readSecret(state, request, identity.secretKey, turn);
  else answerNoToken(state, request, 'healthCheckError', turn);
}

/** Asks IMDS for a token. Faithful: an empty client id is left out, so IMDS takes the VM's default identity. */
export function askImds(state: NmiState, request: string, clientId: string, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  open.stage = 'imds';
  open.attempt = 0;
  open.upstreamClientId = clientId;
  open.upstreamSince = turn.now;
  tryImds(state, request, turn);
}

/** One try at IMDS. */
function tryImds(state: NmiState, request: string, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  const { upstreamClientId: clientId, resource } = open;
  sendToImds(state, request, turn, {
    method: 'GET',
    path: IMDS_TOKEN_PATH,
    metadataHeader: 'true',
    query: { resource, apiVersion: '2018-02-01', ...(clientId === '' ? {} : { clientId }) },
    ...(areHeadersTooLong(state, turn) ? { headers: 'tooLong' } : {}),
  });
}

/** Faithful: where the name of NMI was added to a global user agent with each call, only a new process begins with a short one. */
function areHeadersTooLong(state: NmiState, turn: Turn): boolean {
  if (!behaves(turn, 'nmiRepeatsUserAgent', state.own.release)) return false;
  state.userAgents += 1;
  return state.userAgents > turn.knob('nmi.userAgent.mostCalls');
}

/** Sends a call to the node's IMDS, past the rules, and waits for a connection as long as adal's dialler does. */
function sendToImds(state: NmiState, request: string, turn: Turn, call: MetadataCall): void {
  const question = newQuestion(state, request, turn);
  const vm = turn.table('virtualMachines').get(state.node)?.name ?? state.node;
  const sender = state.requests[request]?.sender ?? '';
  turn.setTimer(`dial:${request}`, turn.knob('adal.http.dialTimeout'), { type: 'UpstreamTimeoutDue', request }, { label: 'imds' });
  turn.send(
    `imds/${vm}`,
    { type: 'MetadataRequest', request: question, call, sourceIP: '', replyTo: turn.self, sender, network: 'host', connection: question },
    { ifAbsent: { type: 'MetadataResponse', request: question, status: 0, servedBy: 'kernel' } },
  );
}

/** IMDS answered, or nobody did (status 0). */
export function onImdsAnswer(state: NmiState, message: MessageOf<'MetadataResponse'>, turn: Turn): void {
  const request = takeAnswered(state, message.request);
  if (request === undefined) return;
  turn.cancelTimer(`dial:${request}`);
  const open = state.requests[request];
  if (open?.stage === 'proxy') {
    if (message.status === 0) answer(state, request, ANSWERS.imdsUnreachable, turn);
    else handOn(state, request, message, turn);
    return;
  }
  if (open !== undefined) open.upstreamText = message.text ?? '';
  settle(state, request, { status: message.status, ...(message.body === undefined ? {} : { body: message.body }) }, turn);
}

/** No connection came about in time: what might still arrive is late. */
export function onImdsSilence(state: NmiState, { request }: MessageOf<'UpstreamTimeoutDue'>, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined || open.question === '') return;
  takeAnswered(state, open.question);
  if (open.stage === 'proxy') answer(state, request, ANSWERS.imdsUnreachable, turn);
  else settle(state, request, { status: 0 }, turn);
}

/** The sleep after a failed try is over: the next one, or the answer. */
export function onImdsRetry(state: NmiState, { request }: MessageOf<'UpstreamRetryDue'>, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  open.attempt += 1;
  if (open.attempt < turn.knob('adal.imds.maxAttempts')) tryImds(state, request, turn);
  else endWithout(state, request, open, errorKind(open.upstreamStatus), turn);
}

function settle(state: NmiState, request: string, got: { readonly status: number; readonly body?: TokenBody }, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  if (got.status === 200) {
    // An empty body is not a refresh error upstream, so it counts as one of the way there.
    if (got.body === undefined) endWithout(state, request, open, 'healthCheckError', turn);
    else endWith(state, request, open, got.body, turn);
    return;
  }
  open.upstreamStatus = got.status;
  const next = afterAnswer(got.status, open.attempt, {
    attempts: turn.knob('adal.imds.maxAttempts'),
    delays: turn.knob('adal.imds.delays'),
  });
  if (next.sleep === undefined) endWithout(state, request, open, errorKind(got.status), turn);
  else turn.setTimer(`retry:${request}`, next.sleep, { type: 'UpstreamRetryDue', request }, { label: 'nmiBackoff' });
}

/** The way to a token ended well. */
function endWith(state: NmiState, request: string, open: OpenRequest, body: TokenBody, turn: Turn): void {
  stateUpstream(state, request, open, 200, turn);
  answerToken(state, request, body, turn);
}

/** The way to a token ended without one. */
function endWithout(state: NmiState, request: string, open: OpenRequest, kind: ReturnType<typeof errorKind>, turn: Turn): void {
  stateUpstream(state, request, open, open.upstreamStatus, turn);
  answerNoToken(state, request, kind, turn);
}

function stateUpstream(state: NmiState, request: string, open: OpenRequest, status: number, turn: Turn): void {
  const msi = open.upstreamClientId === '' ? 'adal_token_msi' : 'adal_token_msi_userassignedid';
  const operation = open.stage === 'issuer' ? 'adal_token' : msi;
  const took = between(open.upstreamSince, turn.now);
  turn.fact({ type: 'nmi-upstream-ended', node: state.node, request, operation, status, took });
}

/** Reads a Secret live, as often as client-go's limiter lets NMI. */
function readSecret(state: NmiState, request: string, key: string, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  if (key === '') {
    answerNoToken(state, request, 'healthCheckError', turn);
    return;
  }
  open.stage = 'secret';
  const question = newQuestion(state, request, turn);
  const wait = waitForLimiter(state, turn);
  if (wait > 0) turn.fact({ type: 'client-throttled', client: turn.self, bucket: 'secrets', waited: wait });
  turn.send(
    'kube-apiserver',
    { type: 'ApiRequest', request: question, call: { verb: 'get', kind: 'Secret', key } },
    { ifAbsent: { type: 'ApiResponse', request: question, status: 503 }, ...(wait > 0 ? { after: wait, label: 'clientThrottle' } : {}) },
  );
}

/** Takes a token from the limiter; answers how long the call has to wait for it. */
function waitForLimiter(state: NmiState, turn: Turn): Duration {
  const bucket = state.secretBucket;
  const perMicro = turn.knob('nmi.secretClient.qps') / 1e6;
  const burst = turn.knob('nmi.secretClient.burst');
  const held = bucket.at < 0 ? burst : Math.min(burst, bucket.tokens + between(bucket.at, turn.now) * perMicro);
  bucket.tokens = held - 1;
  bucket.at = turn.now;
  return bucket.tokens >= 0 ? micros(0) : micros(-bucket.tokens / perMicro);
}

/** The Secret came, or did not. */
export function onSecret(state: NmiState, request: string, message: MessageOf<'ApiResponse'>, turn: Turn): void {
  const open = state.requests[request];
  if (open?.identity === undefined) return;
  const data = message.status === 200 && message.object?.kind === 'Secret' ? message.object.data : {};
  // Faithful: of a secret for a client secret any key will do, and a map has no first one.
  const keys = open.identity.type === 2 ? ['certificate'] : Object.keys(data).sort();
  const key = keys.length < 2 ? keys[0] : keys[Math.floor(turn.uniform('nmi.secretKey', open.pod) * keys.length)];
  const value = key === undefined ? undefined : data[key];
  if (value === undefined) {
    turn.fact({ type: 'nmi-kubernetes-call-failed', node: state.node, request, operation: 'get_secret' });
    answerNoToken(state, request, 'healthCheckError', turn);
    return;
  }
  open.credential = { kind: open.identity.type === 2 ? 'certificate' : 'secret', value };
  open.stage = 'issuer';
  open.attempt = 0;
  open.upstreamSince = turn.now;
  askIssuer(state, request, turn);
}

function askIssuer(state: NmiState, request: string, turn: Turn): void {
  const open = state.requests[request];
  if (open?.identity === undefined || open.credential === undefined) return;
  const { clientId } = open.identity;
  const { kind, value } = open.credential;
  open.upstreamClientId = clientId;
  const question = newQuestion(state, request, turn);
  const nobody = { type: 'AadTokenResponse', request: question, status: 0 } as const;
  turn.send(
    'aad',
    { type: 'AadTokenRequest', request: question, clientId, credential: { kind, keyId: '', value }, resource: open.resource },
    // Faithful: adal tries a sign-in by secret or certificate once; a connection that does not come about ends it (#1079).
    { ifAbsent: nobody, ifDropped: { message: nobody, after: turn.knob('adal.http.dialTimeout') } },
  );
}

/** Entra answered. Tokens of auxiliary tenants are asked for one after the other; the first is what the pod gets to use. */
export function onIssuerAnswer(state: NmiState, message: MessageOf<'AadTokenResponse'>, turn: Turn): void {
  const request = takeAnswered(state, message.request);
  const open = request === undefined ? undefined : state.requests[request];
  if (request === undefined || open?.identity === undefined) return;
  if (message.status !== 200 || message.token === undefined) {
    // Faithful: errors of several tenants come wrapped, and a wrapped error is not taken for one of the issuer.
    const isWrapped = open.identity.auxiliaryTenants > 0;
    open.upstreamText = message.error ?? '';
    open.upstreamStatus = message.status;
    endWithout(state, request, open, isWrapped ? 'healthCheckError' : errorKind(message.status), turn);
    return;
  }
  open.issued ??= copyOfToken(message.token);
  open.attempt += 1;
  if (open.attempt <= open.identity.auxiliaryTenants) {
    askIssuer(state, request, turn);
    return;
  }
  endWith(state, request, open, { token: copyOfToken(open.issued), resource: open.resource, isCached: false }, turn);
}

/** Hands a call of another path on to IMDS as it came. */
export function proxy(state: NmiState, request: string, open: OpenRequest, call: MetadataCall, turn: Turn): void {
  open.stage = 'proxy';
  sendToImds(state, request, turn, call);
}
