/**
 * Taints of nodes: pods that do not tolerate NoExecute have to go, and startup taints go when NMI is ready.
 *
 * Follows `pkg/controller/tainteviction`. Simplified: a pool's `startupTaints` stand for a readiness gate of the cluster's owner (AKS has
 * none of its own): a controller takes them away when the node's NMI pod is ready.
 */
import { keyOf } from '../../model/kubernetes.ts';
import type { Node, Taint } from '../../model/kubernetes.ts';
import { componentOf } from '../../model/selectors.ts';
import { isDrivenOutBy } from '../../model/taints.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { call } from './state.ts';
import type { ControllerManagerState } from './state.ts';

/** Deletes the pods of a node that its taints drive out. */
export function driveOut(state: ControllerManagerState, node: Node, turn: Turn): void {
  const { taints } = node.spec;
  if (taints === undefined || taints.every(({ effect }) => effect !== 'NoExecute')) return;
  for (const pod of turn.informer('pods').by('node', node.metadata.name)) {
    if (pod.metadata.deletionTimestamp !== undefined || !isDrivenOutBy(taints, pod.spec)) continue;
    call(state, turn, ['node', 'taint', node.metadata.name], { verb: 'delete', kind: 'Pod', key: keyOf(pod) });
  }
}

/** A pod is ready: if it is the NMI of its node, the node loses its startup taints. */
export function liftStartupTaints(state: ControllerManagerState, key: string, turn: Turn): void {
  const pod = turn.informer('pods').get(key);
  if (pod?.status.ready !== true || pod.spec.nodeName === undefined || componentOf(pod) !== 'nmi') return;
  const node = turn.informer('nodes').get(pod.spec.nodeName);
  if (node?.spec.taints === undefined) return;
  const startup = startupTaintsOf(node.metadata.name, turn);
  const left = node.spec.taints.filter((taint) => !startup.some((other) => isSame(other, taint)));
  if (left.length === node.spec.taints.length) return;
  call(state, turn, ['node', 'startup', node.metadata.name], { verb: 'nodeStatus', key: node.metadata.name, taints: left });
}

function startupTaintsOf(node: string, turn: Turn): readonly Taint[] {
  const [vm] = turn.table('virtualMachines').by('node', node);
  return turn.table('nodePools').get(vm?.resource ?? '')?.startupTaints ?? [];
}

function isSame(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.value === b.value && a.effect === b.effect;
}
