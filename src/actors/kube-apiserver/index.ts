/**
 * kube-apiserver: keeps the objects of the cluster, one call at a time.
 *
 * Follows `apiserver/pkg/registry/generic/registry/store.go` (optimistic concurrency, finalizers) and the pod, node and scale
 * subresources. Watches are the kernel's: a write here reaches each watcher after its own lag.
 *
 *   client ─ApiRequest─► checked, stored at receipt ─(api.get.latency | api.mutate.latency)─► ApiResponse
 *
 * Simplified: a call takes effect when it arrives and only its answer takes time, so calls are ordered by arrival and no two of them
 * meet inside the server; in-flight limits (`api.inflight.*`) are not reached. Events are kept for ever (upstream: one hour).
 */
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { remove } from './deletion.ts';
import { stored } from './objects.ts';
import type { KubeApiserverState, Verdict } from './objects.ts';
import { bind, nodeStatus, patchStatus, podStatus, scale } from './status.ts';
import { apply, create, update } from './writes.ts';

/** What it can be told. */
export type KubeApiserverInbox = MessageOf<'Start' | 'ApiRequest'>;

/** The actor `kube-apiserver`. */
export const kubeApiserver = defineActor<KubeApiserverState, KubeApiserverInbox>({
  kind: 'kube-apiserver',
  initial: () => ({ writes: 0 }),
  handlers: {
    Start: () => {
      // It begins with what its tables hold: nothing to do.
    },
    ApiRequest: onApiRequest,
  },
});

function onApiRequest(state: KubeApiserverState, { request, call }: MessageOf<'ApiRequest'>, turn: Turn): void {
  const verdict = perform(state, call, turn);
  turn.fact({ type: 'api-answered', client: turn.from, verb: call.verb, kind: kindOf(call), status: verdict.status });
  const latency = call.verb === 'get' ? 'api.get.latency' : 'api.mutate.latency';
  turn.reply({ type: 'ApiResponse', request, ...verdict }, { after: turn.draw(latency, turn.from), label: 'api' });
}

function perform(state: KubeApiserverState, call: ApiCall, turn: Turn): Verdict {
  switch (call.verb) {
    case 'get':
      return read(call, turn);
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
      return remove(state, turn, { kind: 'Pod', key: call.key });
  }
}

function read(call: Extract<ApiCall, { readonly verb: 'get' }>, turn: Turn): Verdict {
  const object = stored(turn, call.kind, call.key);
  return object === undefined ? { status: 404, reason: `NotFound: ${call.kind} ${call.key}` } : { status: 200, object };
}

function kindOf(call: ApiCall): string {
  if ('object' in call) return call.object.kind;
  if ('kind' in call) return call.kind;
  return call.verb === 'nodeStatus' ? 'Node' : 'Pod';
}
