/** The controller manager's memory, its work queue, and its calls. What grows with the cluster is in the table `controlledPods`. */
import { ZERO } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** The controller manager. */
export interface ControllerManagerState {
  /** Calls so far [count] -- changes. */
  requests: number;
  /** Nodes whose kubelet is silent, and what was done about it -- changes. */
  silent: Record<string, 'silent' | 'unknown' | 'evicted'>;
  /** Earliest next eviction of a node's pods: they are rationed -- changes. */
  evictFrom: Moment;
}

/** Puts an item of work into the queue; the same item again before its turn is one item. */
export function enqueue(turn: Turn, work: { readonly kind: string; readonly key: string; readonly delay?: Duration }): void {
  const { kind, key, delay = ZERO } = work;
  turn.setTimer(`work|${kind}/${key}`, delay, { type: 'ControllerDue', kind, key }, { label: 'other' });
}

/** Puts an owner (`Kind/namespace/name`) into the queue. */
export function enqueueOwner(turn: Turn, owner: string, delay: Duration = ZERO): void {
  const { kind, key } = parsed(owner);
  enqueue(turn, { kind, key, delay });
}

/** Calls the API server. `about` comes back with the answer: who asked for it, and for what. */
export function call(state: ControllerManagerState, turn: Turn, about: readonly string[], apiCall: ApiCall): void {
  state.requests += 1;
  const request = [`${turn.self}#${String(state.requests)}`, ...about].join(' ');
  turn.send('kube-apiserver', { type: 'ApiRequest', request, call: apiCall });
}

/** Kind and key of `Kind/namespace/name`. */
export function parsed(text: string): { readonly kind: string; readonly key: string } {
  const at = text.indexOf('/');
  return { kind: text.slice(0, at), key: text.slice(at + 1) };
}
