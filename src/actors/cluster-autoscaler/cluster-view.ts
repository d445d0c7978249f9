/** What the autoscaler reads of the cluster: which pods wait in vain, and what is on each node. Pods count, as requests do upstream. */
import { keyOf } from '../../model/kubernetes.ts';
import type { Node, Pod } from '../../model/kubernetes.ts';
import { controllerOf } from '../../model/pod-template.ts';
import { hasLabels } from '../../model/selectors.ts';
import { isAdmittedBy } from '../../model/taints.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { AutoscalerState } from './state.ts';

/** Pods that have no node and fit on none: one with room, Ready, open and bearable. */
export function pendingPods(turn: Turn): readonly Pod[] {
  const pending = turn
    .informer('pods')
    .by('node', '')
    .filter((pod) => pod.metadata.deletionTimestamp === undefined && turn.table('placements').get(keyOf(pod)) === undefined);
  if (pending.length === 0) return pending;
  const open = turn
    .table('schedulerNodes')
    .all()
    .filter((node) => node.isOpen);
  const left = new Map(open.map((node) => [node.node, node.maxPods - node.pods]));
  return pending.filter((pod) => {
    const place = open.find(
      (node) => (left.get(node.node) ?? 0) > 0 && hasLabels(node.labels, pod.spec.nodeSelector) && isAdmittedBy(node.taints, pod.spec),
    );
    if (place !== undefined) left.set(place.node, (left.get(place.node) ?? 0) - 1);
    return place === undefined;
  });
}

/** Nodes of a pool that have registered and are to stay. */
export function stayingNodes(state: AutoscalerState, pool: string, turn: Turn): readonly Node[] {
  return turn
    .informer('nodes')
    .by('pool', pool)
    .filter(({ metadata }) => state.leaving[metadata.name] === undefined);
}

/** How many of them the scheduler uses; the others are on their way, or sick. */
export function readyNodes(state: AutoscalerState, pool: string, turn: Turn): number {
  return stayingNodes(state, pool, turn).filter(({ metadata }) => turn.table('schedulerNodes').get(metadata.name)?.isSchedulable === true)
    .length;
}

/** Pods of a node that must go elsewhere when it goes: those of DaemonSets go with it, ended ones need no place. */
export function movingPods(node: string, turn: Turn): readonly Pod[] {
  return turn
    .informer('pods')
    .by('node', node)
    .filter((pod) => !controllerOf(pod).startsWith('DaemonSet/') && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed');
}

/** Pods that every new node of the cluster gets at once. */
export function daemonPods(turn: Turn): number {
  return turn.informer('daemonSets').all().length;
}

/** Places for pods on all open nodes but one. */
export function roomElsewhere(node: string, turn: Turn): number {
  return turn
    .table('schedulerNodes')
    .all()
    .reduce((sum, other) => (other.isOpen && other.node !== node ? sum + other.maxPods - other.pods : sum), 0);
}
