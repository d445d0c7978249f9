/**
 * DaemonSets: one pod on every node that fits.
 *
 * Follows `pkg/controller/daemon`. An event of one node or pod costs the work of one node. Simplified: the controller names the node itself
 * (upstream by affinity, through the scheduler); a node gets its first pods when it is Ready (the time until NMI runs, `nmi.startAfterReady.*`,
 * counts from there), and pods that tolerate every taint stay on it, and come back to it, when it no longer is.
 */
import { keyOf } from '../../model/kubernetes.ts';
import type { DaemonSet, Node } from '../../model/kubernetes.ts';
import { templateHash } from '../../model/pod-names.ts';
import { componentOf, hasLabels } from '../../model/selectors.ts';
import { isAdmittedBy, isTainted } from '../../model/taints.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { countOf, dismiss, liveCount, livePods, ownerName } from './ledger.ts';
import { askNamed } from './sets.ts';
import { enqueue } from './state.ts';
import type { ControllerManagerState } from './state.ts';

/** Looks at every node: when the DaemonSet itself changed. */
export function syncDaemonSet(state: ControllerManagerState, set: DaemonSet, turn: Turn): void {
  for (const node of turn.informer('nodes').all()) syncNode(state, set, node.metadata.name, turn);
  if (isRolling(set, turn)) enqueue(turn, { kind: 'DaemonSetRoll', key: keyOf(set) });
}

/** Brings one node to one pod of that set, if it fits. */
export function syncNode(state: ControllerManagerState, set: DaemonSet, name: string, turn: Turn): void {
  const owner = ownerName(set);
  const node = turn.informer('nodes').get(name);
  const rows = turn.table('controlledPods').by('node', `${owner}|${name}`);
  for (const row of rows) if (row.stage === 'failed' || row.stage === 'done') dismiss(state, turn, row);
  // The next pod of a node waits until the former one is gone.
  if (rows.length > 0 || node === undefined || !isFit(state, set, node, turn)) return;
  askNamed(state, turn, set, { stem: set.metadata.name, subject: `${owner}|${name}`, node: name });
}

/** Whether pods of an old template are left. */
export function isRolling(set: DaemonSet, turn: Turn): boolean {
  const owner = ownerName(set);
  return liveCount(owner, turn) !== liveCount(owner, turn, templateHash(set.spec.template));
}

/** Replaces pods of an old template, as many at once as may be unavailable. Counts: so it needs a turn of its own after any ask. */
export function rollOver(state: ControllerManagerState, set: DaemonSet, turn: Turn): void {
  const owner = ownerName(set);
  const hash = templateHash(set.spec.template);
  const olds = livePods(owner, turn).filter((row) => row.templateHash !== hash);
  const idle = olds.filter((row) => row.stage !== 'ready');
  for (const row of idle) dismiss(state, turn, row);
  const unavailable = countOf(owner, 'asked', turn) + countOf(owner, 'pending', turn) + countOf(owner, 'ending', turn);
  const ready = olds.filter((row) => row.stage === 'ready');
  for (const row of ready.slice(0, Math.max(0, mostUnavailable(set, turn) - unavailable))) dismiss(state, turn, row);
}

/** Pods of a set that may be away at once: as it says; else one, as the API server fills in, or what the chart of NMI says. */
function mostUnavailable({ spec }: DaemonSet, turn: Turn): number {
  if (spec.maxUnavailable !== undefined) return Math.max(1, spec.maxUnavailable);
  return componentOf(spec.template) === 'nmi' ? turn.knob('nmi.rollout.maxUnavailable') : 1;
}

function isFit(state: ControllerManagerState, set: DaemonSet, node: Node, turn: Turn): boolean {
  const { spec } = set.spec.template;
  const { name, labels } = node.metadata;
  if (!hasLabels(labels, spec.nodeSelector) || !isAdmittedBy(node.spec.taints, spec)) return false;
  const isNmiOnTaint = componentOf({ spec }) === 'nmi' && isTainted(node.spec.taints);
  if (isNmiOnTaint && turn.drawAt('nmi.missingOnTaintedNode.prob', name, 0) === 1) return false;
  return node.status.ready || (spec.toleratesAll && state.silent[name] !== undefined);
}
