/**
 * kube-apiserver: keeps the objects of the cluster, one call at a time.
 *
 * Follows `apiserver/pkg/registry/generic/registry/store.go` (optimistic concurrency, finalizers) and the pod, node and scale
 * subresources. Watches are the kernel's: a write here reaches each watcher after its own lag.
 *
 *   client ─ApiRequest─► room? ─► webhook? ─► checked, stored at receipt ─(api.get | api.list | api.mutate .latency)─► ApiResponse
 *                          └─ too many in flight ─► 429
 *
 * Simplified: a call takes effect when it arrives and only its answer takes time, so calls are ordered by arrival and no two of them
 * meet inside the server.
 */
import { ZERO } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { remove } from './deletion.ts';
import { evict } from './eviction.ts';
import { expire } from './events.ts';
import { occupy, overload } from './inflight.ts';
import type { KubeApiserverState, Verdict } from './objects.ts';
import { get, list, listLatency } from './reads.ts';
import { bind, nodeStatus, patchStatus, podStatus, scale } from './status.ts';
import { admission, admitted } from './webhook.ts';
import { apply, create, update } from './writes.ts';

/** What it can be told. */
export type KubeApiserverInbox = MessageOf<'Start' | 'ApiRequest' | 'AdmissionDue' | 'EventsExpired'>;

/** The actor `kube-apiserver`. */
export const kubeApiserver = defineActor<KubeApiserverState, KubeApiserverInbox>({
  kind: 'kube-apiserver',
  initial: () => ({ writes: 0, inflight: { reads: [], writes: [] } }),
  handlers: {
    Start: () => {
      // It begins with what its tables hold: nothing to do.
    },
    ApiRequest: onApiRequest,
    AdmissionDue: (state, message, turn) => {
      finish(state, message, admitted(message, turn) ?? perform(state, message.call, turn), turn);
    },
    EventsExpired: (_state, { minute }, turn) => {
      expire(minute, turn);
    },
  },
});

function onApiRequest(state: KubeApiserverState, { request, call }: MessageOf<'ApiRequest'>, turn: Turn): void {
  const client = turn.from;
  const refusal = overload(state, call, turn);
  if (refusal !== undefined) {
    turn.fact({ type: 'api-answered', client, verb: call.verb, kind: kindOf(call), status: refusal.status });
    turn.reply({ type: 'ApiResponse', request, ...refusal }, { after: ZERO, label: 'api' });
    return;
  }
  const asked = admission(call, turn);
  if (asked.kind === 'waits') {
    const { call: changed, pod, outcome, took } = asked;
    const due = { type: 'AdmissionDue', client, request, call: changed, pod, outcome, took } as const;
    turn.setTimer(`admission/${client}/${request}`, took, due, { label: 'api' });
    return;
  }
  const verdict = asked.kind === 'refused' ? asked.verdict : perform(state, call, turn);
  finish(state, { client, request, call }, verdict, turn);
}

interface Asked {
  readonly client: string;
  readonly request: string;
  readonly call: ApiCall;
}

function finish(state: KubeApiserverState, { client, request, call }: Asked, verdict: Verdict, turn: Turn): void {
  turn.fact({ type: 'api-answered', client, verb: call.verb, kind: kindOf(call), status: verdict.status });
  const after = latencyOf(call, client, verdict, turn);
  occupy(state, call, client, (turn.now + after) as Moment);
  turn.send(client, { type: 'ApiResponse', request, ...verdict }, { after, label: 'api' });
}

function latencyOf(call: ApiCall, client: string, verdict: Verdict, turn: Turn): Duration {
  if (call.verb === 'list') return listLatency(verdict.objects?.length ?? 0, client, turn);
  return turn.draw(call.verb === 'get' ? 'api.get.latency' : 'api.mutate.latency', client);
}

function perform(state: KubeApiserverState, call: ApiCall, turn: Turn): Verdict {
  switch (call.verb) {
    case 'get':
      return get(call, turn);
    case 'list':
      return list(call, turn);
    case 'create':
      return create(state, turn, call.object);
    case 'update':
      return update(state, turn, call.object);
    case 'apply':
      return apply(state, turn, call.object);
    case 'patchStatus':
      return patchStatus(state, turn, call);
    case 'podStatus':
      return podStatus(state, turn, call);
    case 'bind':
      return bind(state, turn, call);
    case 'nodeStatus':
      return nodeStatus(state, turn, call);
    case 'scale':
      return scale(state, turn, call);
    case 'delete':
      return remove(state, turn, call);
    case 'evict':
      return evict(state, turn, call.key);
  }
}

function kindOf(call: ApiCall): string {
  if ('object' in call) return call.object.kind;
  if ('kind' in call) return call.kind;
  return call.verb === 'nodeStatus' ? 'Node' : 'Pod';
}
