/** What the operator, or Azure, does to nodes and the machines under them: taints, reboots, failures, spot evictions, removal. */
import { endMachine, haltMachine, rebootMachine } from '../../model/machine.ts';
import { withTaints } from '../../model/taints.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { OperatorAction } from '../../model/story.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { askApi } from './api-calls.ts';
import { askArm } from './arm-calls.ts';
import { drain } from './drain.ts';
import type { OperatorState } from './state.ts';

type NodeAction = Extract<OperatorAction, { kind: 'taint' | 'machine' | 'removeNode' }>;

/** Does one of these. */
export function actOnNode(state: OperatorState, action: NodeAction, turn: Turn): void {
  switch (action.kind) {
    case 'taint':
      taint(state, action, turn);
      return;
    case 'removeNode':
      removeNode(state, action, turn);
      return;
    case 'machine':
      for (const vm of turn.table('virtualMachines').by('node', action.node)) {
        if (action.how === 'reboot') rebootMachine(turn, vm.name);
        else if (action.how === 'fail') haltMachine(turn, vm.name);
        else noticeEviction(state, action.node, turn);
      }
  }
}

/** kubectl taint: reads the node and writes it with other taints. */
function taint(state: OperatorState, { node, add, remove }: Extract<OperatorAction, { kind: 'taint' }>, turn: Turn): void {
  const present = turn.table('nodes').get(node)?.spec.taints ?? [];
  askApi(state, { verb: 'nodeStatus', key: node, taints: withTaints(present, { add, remove }) }, turn);
}

/**
 * Azure announces the end of a spot VM (scheduled event Preempt), and AKS cordons and drains its node (node auto-drain). When the time of
 * the notice is over the VM goes, whatever is left on it.
 */
function noticeEviction(state: OperatorState, node: string, turn: Turn): void {
  drain(state, node, turn);
  turn.setTimer(`spot/${node}`, turn.knob('vm.spot.notice'), { type: 'SpotEvictionDue', node }, { label: 'other' });
}

/**
 * The time of a spot VM is over: it stops, and its scale set is one smaller, as with eviction policy Delete. Simplified: Azure's own deletion
 * goes by ARM as the operator's would.
 */
export function onSpotEviction(state: OperatorState, node: string, turn: Turn): void {
  for (const vm of turn.table('virtualMachines').by('node', node)) haltMachine(turn, vm.name);
  const deletion = deletionOf(node, turn);
  if (deletion !== undefined) askArm(state, deletion, turn);
}

function removeNode(state: OperatorState, action: Extract<OperatorAction, { kind: 'removeNode' }>, turn: Turn): void {
  if (action.how === 'lost') {
    endMachine(turn, action.node);
    return;
  }
  const deletion = deletionOf(action.node, turn);
  askApi(state, { verb: 'delete', kind: 'Node', key: action.node }, turn);
  if (deletion !== undefined) askArm(state, deletion, turn);
}

/** The ARM call that takes a node's machine away. */
function deletionOf(node: string, turn: Turn): ArmCall | undefined {
  const vm = turn.table('virtualMachines').get(node);
  if (vm === undefined) return undefined;
  if (vm.resourceKind === 'vm') return { op: 'deleteResource', resource: { kind: 'vm', name: vm.name } };
  const resource = turn.table('computeResources').get(vm.resource);
  return resource === undefined ? undefined : { op: 'deleteInstance', scaleSet: resource.name, instance: vm.name };
}
