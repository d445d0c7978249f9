/**
 * Calls of the kube-apiserver through the two rate-limited clients of the process, and the return address their ids carry.
 *
 * Follows cmd/mic/main.go:buildConfig and client-go flowcontrol: 5 calls a second, 5 at once, one bucket for custom resources and one
 * for everything else, in order of the calls (§3.5). A call answered 429 or 5xx with Retry-After is repeated by the client itself.
 */
import { current, isDraft } from 'immer';
import type { Duration, Moment } from '../../kernel/time.ts';
import { tokenBucket, reserve } from '../../model/token-bucket.ts';
import type { TokenBucket } from '../../model/token-bucket.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { ListedKind } from '../../model/mic/startup.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { MicState } from './state.ts';

/** Which part of the process an answer is for. */
export type ReturnAddress =
  | { readonly part: 'lease' }
  | { readonly part: 'recorder' }
  | { readonly part: 'upgrade' }
  | { readonly part: 'list'; readonly kind: ListedKind }
  | {
      readonly part: 'item';
      readonly worker: string;
      readonly item: number;
      readonly step: ItemStep;
      /** When the item's operation began: a deletion's is that of its DELETE. */
      readonly since: Moment;
    };

/** Call of one AzureAssignedIdentity. */
export type ItemStep = 'write' | 'confirm' | 'unassign' | 'delete' | 'finalize';

/** Next id of a request, unique over all processes of this pod; what follows the last `~` is for {@link addressOf}. */
export function nextRequest(state: MicState, turn: Turn, suffix: string): string {
  state.serial += 1;
  return `${turn.self}#${String(state.boot)}.${String(state.serial)}~${suffix}`;
}

/** Whether a request was made by this process, not by an earlier one of the same pod. */
export function isOwnRequest(state: MicState, turn: Turn, request: string): boolean {
  return request.startsWith(`${turn.self}#${String(state.boot)}.`);
}

/** Sends one call as soon as its client's rate limit lets it, and answers its id. */
export function callApi(state: MicState, client: 'crd' | 'core', call: ApiCall, address: ReturnAddress, turn: Turn): string {
  const request = nextRequest(state, turn, textOf(address));
  state.calls[request] = { client, call, repeats: 0 };
  send(state, { request, client, call }, turn);
  return request;
}

/**
 * Whether an answer is the last word on its call. One with Retry-After is not: client-go waits that long and sends the call again, so
 * many times.
 */
export function settleCall(state: MicState, answer: MessageOf<'ApiResponse'>, turn: Turn): 'answered' | 'repeated' {
  const { request, status, retryAfter } = answer;
  const pending = state.calls[request];
  const isRepeatable = status === 429 || (status >= 500 && status < 600);
  if (pending === undefined || retryAfter === undefined || !isRepeatable || pending.repeats >= turn.knob('api.retryOnRetryAfter')) {
    Reflect.deleteProperty(state.calls, request);
    return 'answered';
  }
  pending.repeats += 1;
  turn.setTimer(`repeat/${request}`, retryAfter, { type: 'ApiRepeatDue', request }, { label: 'api' });
  return 'repeated';
}

/** The wait that the server asked for is over: the call goes out again, at the end of its client's queue. */
export function onRepeatDue(state: MicState, request: string, turn: Turn): void {
  const pending = state.calls[request];
  if (pending !== undefined) send(state, { request, client: pending.client, call: plain(pending.call) }, turn);
}

/** The network sends a call again that got no answer so far: the same call, for which the limiter was asked before. */
export function sendAgain(state: MicState, request: string, turn: Turn): void {
  const pending = state.calls[request];
  if (pending !== undefined) turn.send('kube-apiserver', { type: 'ApiRequest', request, call: plain(pending.call) });
}

/** Takes a token for a call that needs no answer here; answers how long its caller has to wait. */
export function drawToken(state: MicState, client: 'crd' | 'core', turn: Turn): Duration {
  const field = client === 'crd' ? 'crdBucket' : 'coreBucket';
  const { bucket, wait } = reserve(state[field] ?? fullBucket(turn), turn.now);
  state[field] = bucket;
  if (wait > 0) turn.fact({ type: 'client-throttled', client: turn.self, bucket: client, waited: wait });
  return wait;
}

function send(
  state: MicState,
  { request, client, call }: { readonly request: string; readonly client: 'crd' | 'core'; readonly call: ApiCall },
  turn: Turn,
): void {
  const wait = drawToken(state, client, turn);
  const ifAbsent = { type: 'ApiResponse', request, status: 503, reason: 'no API server' } as const;
  turn.send('kube-apiserver', { type: 'ApiRequest', request, call }, { after: wait, label: 'clientThrottle', ifAbsent });
}

/** A call from the slice as a message may carry it: in recorded mode the slice is a draft, which must not leave. */
function plain(call: ApiCall): ApiCall {
  return isDraft(call) ? current(call as never) : call;
}

/** Whom an answer is for; undefined for none of ours. */
export function addressOf(request: string): ReturnAddress | undefined {
  const [, part, worker, item, step, since] = request.split('~');
  if (part === 'lease' || part === 'recorder' || part === 'upgrade') return { part };
  if (part === 'list') return { part, kind: worker as ListedKind };
  if (part !== 'item' || worker === undefined || item === undefined || step === undefined) return undefined;
  return { part, worker, item: Number(item), step: step as ItemStep, since: Number(since) as Moment };
}

function textOf(address: ReturnAddress): string {
  if (address.part === 'list') return `list~${address.kind}`;
  return address.part === 'item' ? `item~${address.worker}~${String(address.item)}~${address.step}~${String(address.since)}` : address.part;
}

function fullBucket(turn: Turn): TokenBucket {
  return tokenBucket({ capacity: turn.knob('mic.clientBurst'), refillPerSecond: turn.knob('mic.clientQps') });
}
