/**
 * Node life cycle: silence, NotReady, eviction, removal of nodes whose VM is gone, and of pods whose node is gone.
 *
 * Follows `pkg/controller/nodelifecycle`, `cloud-provider/controllers/nodelifecycle` and `pkg/controller/podgc`.
 *
 *   last heartbeat ─(node.monitorGrace)─► NotReady ─(node.evictionDelay, node.evictionRate)─► its pods are deleted
 *                                            └─(next look of the cloud controller)─► VM gone? ─► Node deleted ─► orphans deleted
 *
 * A node whose machine is still there, but down, is rebooted by AKS after `node.autoRepair.detect` (node auto-repair); one that is heard of
 * again is well.
 *
 * Heartbeats are a standing exchange: a kubelet that lives renews every `node.heartbeat`, and only the end of its life makes an event.
 * Simplified: the network loses no heartbeat; the cluster is one zone, of any size, and is never taken to be wholly down; the cloud
 * controller looks once per heartbeat; a repair is always a reboot, and helps; orphans are kept as long as `node.monitorGrace` (upstream 40 s too).
 */
import { ZERO, seconds } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { rebootMachine } from '../../model/machine.ts';
import { controllerOf } from '../../model/pod-template.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { call } from './state.ts';
import type { ControllerManagerState } from './state.ts';

/** What is to be done about a node. */
export type NodeStep = 'heartbeat' | 'unknown' | 'evict' | 'cloud' | 'repair' | 'orphans';

/** Lets the heartbeats of a node be watched; an unchanged kubelet costs no event. */
export function watchHeartbeat(node: string, turn: Turn): void {
  const period = turn.knob('node.heartbeat');
  turn.park(
    timerOf('heartbeat', node),
    { type: 'NodeStepDue', node, step: 'heartbeat' },
    {
      period,
      first: Math.round(turn.uniform('heartbeat', node) * period) as Duration,
      inputs: [{ actor: `kubelet/${node}` }],
      label: 'other',
      start: 'due',
    },
  );
}

/** A Node object is gone from the API. */
export function onNodeDeleted(state: ControllerManagerState, node: string, turn: Turn): void {
  for (const step of ['heartbeat', 'unknown', 'evict', 'cloud', 'repair'] as const) turn.cancelTimer(timerOf(step, node));
  turn.fact({ type: 'node-removed', node, how: state.silent[node] === undefined ? 'deleted' : 'lost' });
  delete state.silent[node];
  arm(turn, 'orphans', node, turn.knob('node.monitorGrace'));
}

/** A node that had fallen silent is Ready: its kubelet reports again. */
export function onNodeReady(state: ControllerManagerState, node: string, turn: Turn): void {
  const stage = state.silent[node];
  if (stage === undefined || stage === 'silent' || !turn.isAlive(`kubelet/${node}`)) return;
  for (const step of ['evict', 'cloud', 'repair'] as const) turn.cancelTimer(timerOf(step, node));
  hearAgain(state, node, turn);
}

function hearAgain(state: ControllerManagerState, node: string, turn: Turn): void {
  Reflect.deleteProperty(state.silent, node);
  watchHeartbeat(node, turn);
}

/** One step of one node is due. */
export function onNodeStep(state: ControllerManagerState, step: NodeStep, node: string, turn: Turn): void {
  switch (step) {
    case 'heartbeat':
      missHeartbeat(state, node, turn);
      return;
    case 'unknown':
      if (turn.isAlive(`kubelet/${node}`)) {
        hearAgain(state, node, turn);
        return;
      }
      state.silent[node] = 'unknown';
      call(state, turn, ['node', 'unknown', node], { verb: 'nodeStatus', key: node, ready: false });
      arm(turn, 'evict', node, turn.knob('node.evictionDelay'));
      arm(turn, 'repair', node, turn.knob('node.autoRepair.detect'));
      arm(turn, 'cloud', node, Math.round(turn.uniform('cloudLook', node) * turn.knob('node.heartbeat')) as Duration);
      return;
    case 'evict':
      evict(state, node, turn);
      return;
    case 'cloud':
      askCloud(state, node, turn);
      return;
    case 'repair':
      if (turn.isAlive(`kubelet/${node}`)) return;
      for (const vm of turn.table('virtualMachines').by('node', node)) rebootMachine(turn, vm.name);
      return;
    case 'orphans':
      if (turn.informer('nodes').get(node) !== undefined) return;
      for (const pod of podsOn(node, turn))
        call(state, turn, ['node', 'orphans', node], { verb: 'delete', kind: 'Pod', key: keyOf(pod), grace: 'now' });
  }
}

/** The cloud provider is asked by providerID; a VM that is gone has no row, and for one on its way out it is asked again. */
function askCloud(state: ControllerManagerState, node: string, turn: Turn): void {
  const vms = turn.table('virtualMachines').by('node', node);
  if (vms.length === 0) call(state, turn, ['node', 'cloud', node], { verb: 'delete', kind: 'Node', key: node });
  else if (vms.some(({ leaving }) => leaving !== undefined)) arm(turn, 'cloud', node, turn.knob('node.heartbeat'));
}

/** A call about a node failed for a passing reason. */
export function retryNode(step: string, node: string, turn: Turn): void {
  if (isNodeStep(step)) arm(turn, step, node, turn.knob('watch.backoff.first'));
}

/** Whether a text names a step of this controller. */
export function isNodeStep(step: string): step is NodeStep {
  return step === 'heartbeat' || step === 'unknown' || step === 'evict' || step === 'cloud' || step === 'repair' || step === 'orphans';
}

/** The heartbeat of this moment did not come if its kubelet is dead: the last one came a period ago. */
function missHeartbeat(state: ControllerManagerState, node: string, turn: Turn): void {
  if (turn.isAlive(`kubelet/${node}`) || state.silent[node] !== undefined) return;
  state.silent[node] = 'silent';
  turn.cancelTimer(timerOf('heartbeat', node));
  arm(turn, 'unknown', node, Math.max(ZERO, turn.knob('node.monitorGrace') - turn.knob('node.heartbeat')) as Duration);
}

function evict(state: ControllerManagerState, node: string, turn: Turn): void {
  if (state.evictFrom > turn.now) {
    arm(turn, 'evict', node, (state.evictFrom - turn.now) as Duration);
    return;
  }
  state.evictFrom = (turn.now + seconds(1 / Math.max(0.001, evictionRate(state, turn)))) as Moment;
  state.silent[node] = 'evicted';
  for (const pod of podsOn(node, turn)) {
    if (pod.spec.toleratesAll || controllerOf(pod).startsWith('DaemonSet/') || pod.metadata.deletionTimestamp !== undefined) continue;
    call(state, turn, ['node', 'evict', node], { verb: 'delete', kind: 'Pod', key: keyOf(pod) });
  }
}

/** Nodes a second: fewer while so many are silent that the fault is likely not theirs. */
function evictionRate(state: ControllerManagerState, turn: Turn): number {
  const silent = Object.values(state.silent).filter((stage) => stage !== 'silent').length;
  const isLarge = silent >= turn.knob('node.evictionRate.outageThreshold') * turn.table('nodes').size;
  return turn.knob(isLarge && silent > 1 ? 'node.evictionRate.largeOutage' : 'node.evictionRate');
}

function podsOn(node: string, turn: Turn): readonly Pod[] {
  return turn.informer('pods').by('node', node);
}

function arm(turn: Turn, step: NodeStep, node: string, delay: Duration): void {
  turn.setTimer(timerOf(step, node), delay, { type: 'NodeStepDue', node, step }, { label: 'other' });
}

function timerOf(step: NodeStep, node: string): string {
  return `node-${step}|${node}`;
}
