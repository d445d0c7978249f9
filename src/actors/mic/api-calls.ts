/**
 * Calls of the kube-apiserver through the two rate-limited clients of the process, and the return address their ids carry.
 *
 * Follows cmd/mic/main.go:buildConfig and client-go flowcontrol: 5 calls a second, 5 at once, one bucket for custom resources and one
 * for everything else, in order of the calls (§3.5). Simplified: the lists and watches of a start draw no tokens.
 */
import type { Moment } from '../../kernel/time.ts';
import { tokenBucket, reserve } from '../../model/token-bucket.ts';
import type { TokenBucket } from '../../model/token-bucket.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { MicState } from './state.ts';

/** Which part of the process an answer is for. */
export type ReturnAddress =
  | { readonly part: 'lease' }
  | { readonly part: 'recorder' }
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
  const field = client === 'crd' ? 'crdBucket' : 'coreBucket';
  const { bucket, wait } = reserve(state[field] ?? fullBucket(turn), turn.now);
  state[field] = bucket;
  if (wait > 0) turn.fact({ type: 'client-throttled', client: turn.self, bucket: client, waited: wait });
  const request = nextRequest(state, turn, textOf(address));
  const ifAbsent = { type: 'ApiResponse', request, status: 503, reason: 'no API server' } as const;
  turn.send('kube-apiserver', { type: 'ApiRequest', request, call }, { after: wait, label: 'clientThrottle', ifAbsent });
  return request;
}

/** Whom an answer is for; undefined for none of ours. */
export function addressOf(request: string): ReturnAddress | undefined {
  const [, part, worker, item, step, since] = request.split('~');
  if (part === 'lease' || part === 'recorder') return { part };
  if (part !== 'item' || worker === undefined || item === undefined || step === undefined) return undefined;
  return { part, worker, item: Number(item), step: step as ItemStep, since: Number(since) as Moment };
}

function textOf(address: ReturnAddress): string {
  return address.part === 'item' ? `item~${address.worker}~${String(address.item)}~${address.step}~${String(address.since)}` : address.part;
}

function fullBucket(turn: Turn): TokenBucket {
  return tokenBucket({ capacity: turn.knob('mic.clientBurst'), refillPerSecond: turn.knob('mic.clientQps') });
}
