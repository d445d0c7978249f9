/**
 * A virtual machine scale set (Uniform): makes and removes its instances. ARM decides how many there shall be, and whether.
 *
 * Follows Microsoft.Compute scale sets as a node pool meets them: instance numbers only grow, scale-in takes the highest numbers first,
 * an instance that fails to appear is not made again by itself.
 *
 *   ComputeCreated, CapacityWanted ─► InstanceDue(provisioned) ─► bootMachine
 *   CapacityWanted, InstanceUnwanted ─► InstanceDue(deleted) ─► endMachine          ComputeDeleted ─► the end of all
 *
 * Simplified: no overprovisioning (AKS switches it off), no zones, no model upgrades.
 */
import type { MessageOf } from '../model/messages/index.ts';
import { bootMachine, endMachine } from '../model/machine.ts';
import { instanceName } from '../model/provider-id.ts';
import { defineActor } from '../model/vocabulary.ts';
import type { Turn } from '../model/vocabulary.ts';

/** Slice of a scale set. The machines it has are rows of `virtualMachines`. */
export interface VmssState {
  /** Lower-case id of the scale set; `''` before its first message. */
  resource: string;
  /** Name as ARM spells it. */
  name: string;
  /** Number of the next instance [1] -- changes. */
  next: number;
  /** Instances on their way, by name -- changes. */
  pending: Record<string, 'provisioning' | 'deleting'>;
}

type VmssInbox = MessageOf<'ComputeCreated' | 'CapacityWanted' | 'InstanceUnwanted' | 'ComputeDeleted' | 'InstanceDue'>;

/** A scale set. */
export const vmss = defineActor<VmssState, VmssInbox>({
  kind: 'vmss',
  initial: () => ({ resource: '', name: '', next: 0, pending: {} }),
  handlers: {
    ComputeCreated: onComputeCreated,
    CapacityWanted: onCapacityWanted,
    InstanceUnwanted: (state, { instance }, turn) => {
      remove(state, instance, turn);
    },
    ComputeDeleted: onComputeDeleted,
    InstanceDue: onInstanceDue,
  },
});

function onComputeCreated(state: VmssState, { resource, instances, start }: MessageOf<'ComputeCreated'>, turn: Turn): void {
  state.resource = resource;
  state.name = turn.table('computeResources').get(resource)?.name ?? turn.self.slice('scale-set/'.length);
  for (let n = 0; n < instances; n += 1) {
    if (start === 'settled') boot(state, instanceName(state.name, n), turn, 'settled');
    else add(state, turn);
  }
  if (start === 'settled') state.next = instances;
}

function onCapacityWanted(state: VmssState, { capacity }: MessageOf<'CapacityWanted'>, turn: Turn): void {
  const staying = stayingInstances(state, turn);
  for (let count = staying.length; count < capacity; count += 1) add(state, turn);
  for (const instance of staying.slice(0, Math.max(0, staying.length - capacity))) remove(state, instance, turn);
}

/** Instances that exist or are on their way, without those on their way out; highest numbers first. */
function stayingInstances(state: VmssState, turn: Turn): readonly string[] {
  const names = turn
    .table('virtualMachines')
    .by('resource', state.resource)
    .filter((vm) => vm.leaving === undefined)
    .map((vm) => vm.name);
  for (const name of Object.keys(state.pending)) if (state.pending[name] === 'provisioning') names.push(name);
  // Names of one scale set differ in their last six digits only, which are of one length.
  return names.sort().reverse();
}

function add(state: VmssState, turn: Turn): void {
  const instance = instanceName(state.name, state.next);
  state.next += 1;
  if (turn.draw('node.provision.failProb', instance) === 1) return;
  state.pending[instance] = 'provisioning';
  turn.setTimer(
    instance,
    turn.draw(turn.knob('node.provision.by') === 'nap' ? 'node.provision.nap' : 'node.provision', instance),
    { type: 'InstanceDue', instance, step: 'provisioned' },
    { label: 'other' },
  );
}

function remove(state: VmssState, instance: string, turn: Turn): void {
  if (state.pending[instance] === 'deleting') return;
  if (state.pending[instance] === 'provisioning') {
    delete state.pending[instance];
    turn.cancelTimer(instance);
    return;
  }
  const vm = turn.table('virtualMachines').get(instance);
  if (vm === undefined) return;
  turn.table('virtualMachines').put(instance, { ...vm, leaving: 'leaving' });
  state.pending[instance] = 'deleting';
  turn.setTimer(
    instance,
    turn.draw('node.delete.duration', instance),
    { type: 'InstanceDue', instance, step: 'deleted' },
    { label: 'other' },
  );
}

function onInstanceDue(state: VmssState, { instance, step }: MessageOf<'InstanceDue'>, turn: Turn): void {
  delete state.pending[instance];
  if (step === 'provisioned') boot(state, instance, turn, 'cold');
  else endMachine(turn, instance);
}

function boot(state: VmssState, instance: string, turn: Turn, start: 'settled' | 'cold'): void {
  const row = turn.table('computeResources').get(state.resource);
  bootMachine(turn, {
    name: instance,
    resource: state.resource,
    resourceKind: 'vmss',
    node: turn.table('nodePools').get(state.resource) === undefined ? '' : instance,
    resourceName: state.name,
    resourceGroup: row?.resourceGroup ?? '',
    subscription: row?.id.split('/')[2] ?? '',
    start,
  });
}

function onComputeDeleted(state: VmssState, _message: MessageOf<'ComputeDeleted'>, turn: Turn): void {
  for (const vm of turn.table('virtualMachines').by('resource', state.resource)) endMachine(turn, vm.name);
  turn.stop(turn.self);
}
