/**
 * kubectl drain: cordons a node, evicts its pods, and looks again until none is left or `node.drain.timeout` is over.
 *
 *   cordon ─► list of its pods ─► evict each ─(5 s)─► list … ─► empty, or given up (the node stays cordoned)
 *
 * Follows `kubectl/pkg/drain`: pods of DaemonSets stay, and an eviction that a disruption budget refuses is tried again at the next look.
 */
import { after, seconds } from '../../kernel/time.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { askApi } from './api-calls.ts';
import type { OperatorState } from './state.ts';

/** How often a drain looks whether the node is empty, as kubectl drain does. */
const DRAIN_LOOK = seconds(5);

/** Begins. */
export function drain(state: OperatorState, node: string, turn: Turn): void {
  state.drains[node] = after(turn.now, turn.knob('node.drain.timeout'));
  askApi(state, { verb: 'nodeStatus', key: node, unschedulable: true }, turn);
  lookForPods(state, node, turn);
}

/** Asks for what is left; gives up when the time is over. */
export function lookForPods(state: OperatorState, node: string, turn: Turn): void {
  const end = state.drains[node];
  if (end === undefined) return;
  if (turn.now >= end) {
    delete state.drains[node];
    return;
  }
  askApi(state, { verb: 'list', kind: 'Pod', fieldSelector: { 'spec.nodeName': node } }, turn, node);
  // Armed now, so that a lost answer does not end the drain.
  turn.setTimer(`drain/${node}`, DRAIN_LOOK, { type: 'DrainDue', node }, { label: 'idle' });
}

/** What is left is evicted; pods that are on their way out are only waited for. */
export function onPodsListed(state: OperatorState, node: string, objects: readonly KubernetesObject[], turn: Turn): void {
  const left = objects.filter(({ metadata }) => !metadata.ownerReferences.some(({ kind }) => kind === 'DaemonSet'));
  if (left.length === 0) {
    turn.cancelTimer(`drain/${node}`);
    delete state.drains[node];
  }
  for (const pod of left) {
    if (pod.metadata.deletionTimestamp === undefined) askApi(state, { verb: 'evict', key: keyOf(pod) }, turn);
  }
}
