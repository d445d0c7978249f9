/**
 * kube-apiserver: keeps the objects of the cluster, one call at a time.
 *
 * Follows `apiserver/pkg/registry/generic/registry/store.go` (optimistic concurrency, finalizers) and the pod, node and scale
 * subresources. Watches are the kernel's: a write here reaches each watcher after its own lag.
 *
 *   client ─ApiRequest─► room? ─► checked, stored at receipt ─(api.get | api.list | api.mutate .latency)─► ApiResponse
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
import { apply, create, update } from './writes.ts';

/** What it can be told. */
export type KubeApiserverInbox = MessageOf<'Start' | 'ApiRequest' | 'EventsExpired'>;

/** The actor `kube-apiserver`. */
export const kubeApiserver = defineActor<KubeApiserverState, KubeApiserverInbox>({
  kind: 'kube-apiserver',
  initial: () => ({ writes: 0, inflight: { reads: [], writes: [] } }),
  handlers: {
    Start: () => {
      // It begins with what its tables hold: nothing to do.
    },
    ApiRequest: onApiRequest,
    EventsExpired: (_state, { minute }, turn) => {
      expire(minute, turn);
    },
  },
});

function onApiRequest(state: KubeApiserverState, { request, call }: MessageOf<'ApiRequest'>, turn: Turn): void {
  const refusal = overload(state, call, turn);
  const verdict = refusal ?? perform(state, call, turn);
  turn.fact({ type: 'api-answered', client: turn.from, verb: call.verb, kind: kindOf(call), status: verdict.status });
  const after = refusal === undefined ? latencyOf(call, verdict, turn) : ZERO;
  if (refusal === undefined) occupy(state, call, (turn.now + after) as Moment, turn);
  turn.reply({ type: 'ApiResponse', request, ...verdict }, { after, label: 'api' });
}

function latencyOf(call: ApiCall, verdict: Verdict, turn: Turn): Duration {
  if (call.verb === 'list') return listLatency(verdict.objects?.length ?? 0, turn);
  return turn.draw(call.verb === 'get' ? 'api.get.latency' : 'api.mutate.latency', turn.from);
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
