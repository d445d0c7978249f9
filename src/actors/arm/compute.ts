/** Writes on VMs and scale sets, as the compute provider carries them out; what stands against one of identities is in identity-write. */
import { ZERO, micros, plus, scaled } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { resourceId } from '../../model/azure.ts';
import type { ComputeResource } from '../../model/azure.ts';
import type { ResourceRef } from '../../model/messages/arm.ts';
import { changeBetween, identityTypeOf, isUnchanged } from '../../model/resource-identity.ts';
import type { ResourceIdentity } from '../../model/resource-identity.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { notFound, placeOf, refusal, resourceNamed } from './answer.ts';
import type { Answer } from './answer.ts';
import { identityRefusal, missingIdentity } from './identity-checks.ts';
import { conflict, sizeRefusal, staleRefusal, weighed, writeRefusal } from './identity-write.ts';
import type { IdentityWrite } from './identity-write.ts';
import { createScaleSet, scaleSetActor } from './machines.ts';
import { goalOf, startOperation } from './operation.ts';
import type { Plan } from './operation.ts';
import { runningOn } from './state.ts';
import type { ArmState, Caller } from './state.ts';
import { putResource } from './versions.ts';

/** Changes the identities of a VM or scale set. */
export function changeIdentity(state: ArmState, turn: Turn, caller: Caller, ref: ResourceRef, write: IdentityWrite): Answer {
  const row = resourceNamed(turn, ref);
  if (row === undefined) return notFound(caller.about);
  const on = weighed(state, turn, row, write);
  const refused = writeRefusal(state, turn, caller, on);
  if (refused !== undefined) return refused;
  const { base, goal, change, capacity, missing } = on;
  const isResized = capacity !== row.capacity;
  // A PUT is a new model, which the provider carries out even where it says what is there.
  const isCarriedOut = write.isWhole === true && turn.knob('arm.put.unchanged') === 'carriedOut';
  if (isUnchanged(change) && !isResized && !isCarriedOut && runningOn(state, row.id.toLowerCase()) === undefined) {
    return { status: 200, resource: row, operationStatus: 'Succeeded' };
  }
  let took = isUnchanged(change) && isResized ? ZERO : patchTime(turn, row, write.entries);
  if (change.systemAssigned === 'enabled') took = plus(took, turn.draw('mi.systemAssigned.enableExtra', row.name));
  const error = missing?.error ?? chanceFault(turn, row);
  const fault = error === undefined ? {} : { fault: error };
  if (!isResized) return begun(state, turn, { caller, row: updating(row), kind: 'identity', goal, base, took, ...fault });
  const longest = micros(Math.max(took, resize(turn, row, capacity)));
  return begun(state, turn, { caller, row: updating({ ...row, capacity }), kind: 'scale', goal, base, took: longest });
}

/** Body of a PUT. */
export interface ComputeBody {
  readonly ref: ResourceRef;
  readonly capacity: number;
  readonly systemAssigned: boolean;
  readonly identities: readonly string[];
  readonly form?: 'plain' | 'echoed' | undefined;
  readonly ifMatch?: number | undefined;
}

/** Creates a VM or scale set, or replaces the identities (and the size) of one that exists, as a PUT does. */
export function putCompute(state: ArmState, turn: Turn, caller: Caller, body: ComputeBody): Answer {
  const { ref, capacity, systemAssigned, identities, form = 'plain', ifMatch } = body;
  const goal: ResourceIdentity = {
    identityType: identityTypeOf({ system: systemAssigned ? 'enabled' : 'disabled', users: identities.length }),
    userAssigned: [...identities],
  };
  const entries = identities.length;
  if (resourceNamed(turn, ref) !== undefined) {
    return changeIdentity(state, turn, caller, ref, {
      goal: () => goal,
      named: identities,
      entries,
      form,
      capacity,
      ifMatch,
      isWhole: true,
    });
  }
  const change = changeBetween({ identityType: '', userAssigned: [] }, goal);
  const checked = { named: identities, entries, form, goal, change };
  const refused = identityRefusal(turn, checked) ?? missingIdentity(turn, checked) ?? sizeRefusal(turn, capacity);
  if (refused !== undefined) return refused;
  const row = newRow(turn, ref, capacity);
  // The actor of a deleted scale set of that name hears of its end a moment later than ARM.
  if (ref.kind === 'vmss' && turn.isAlive(scaleSetActor(row))) {
    return { ...refusal(409, 'OperationNotAllowed', `${row.name} is being deleted.`), retryAfter: turn.knob('vmss.conflict.retryAfter') };
  }
  const base: ResourceIdentity = { identityType: '', userAssigned: [] };
  let took = turn.draw('node.provision', row.name);
  if (systemAssigned) took = plus(took, turn.draw('mi.systemAssigned.enableExtra', row.name));
  const answer = begun(state, turn, { caller, row, kind: 'create', goal, base, took });
  if (ref.kind === 'vmss') createScaleSet(turn, row);
  return { ...answer, status: answer.status === 200 ? 201 : answer.status };
}

/** Changes the number of instances of a scale set. */
export function scale(
  state: ArmState,
  turn: Turn,
  caller: Caller,
  wanted: { readonly ref: ResourceRef; readonly capacity: number; readonly ifMatch?: number | undefined },
): Answer {
  const row = resourceNamed(turn, wanted.ref);
  if (row === undefined) return notFound(caller.about);
  const { capacity, ifMatch } = wanted;
  const refused = staleRefusal(turn, row, ifMatch) ?? sizeRefusal(turn, capacity) ?? conflict(state, turn, row);
  if (refused !== undefined) return refused;
  if (capacity === row.capacity) return { status: 200, resource: row, operationStatus: 'Succeeded' };
  return resized(state, turn, { caller, row, capacity, took: resize(turn, row, capacity) });
}

/** Carries out an update that changes nothing of what is modelled: it meets the same conflicts, and makes a new version. */
export function putTags(state: ArmState, turn: Turn, caller: Caller, ref: ResourceRef): Answer {
  const row = resourceNamed(turn, ref);
  if (row === undefined) return notFound(caller.about);
  const refused = conflict(state, turn, row);
  if (refused !== undefined) return refused;
  putResource(state, turn, row);
  return { status: 200, resource: row, operationStatus: 'Succeeded' };
}

/** Removes one instance of a scale set. */
export function deleteInstance(
  state: ArmState,
  turn: Turn,
  caller: Caller,
  which: { readonly ref: ResourceRef; readonly instance: string },
): Answer {
  const row = resourceNamed(turn, which.ref);
  const vm = turn.table('virtualMachines').get(which.instance);
  if (row === undefined || vm?.resource !== row.id.toLowerCase()) return notFound(caller.about);
  const refused = conflict(state, turn, row);
  if (refused !== undefined) return refused;
  if (vm.leaving !== undefined) return { status: 202, resource: row };
  // Marked at once: a second request for it must not count it twice.
  turn.table('virtualMachines').put(vm.name, { ...vm, leaving: 'leaving' });
  turn.send(scaleSetActor(row), { type: 'InstanceUnwanted', scaleSet: row.name, instance: which.instance });
  return resized(state, turn, { caller, row, capacity: Math.max(0, row.capacity - 1), took: turn.draw('node.delete.duration', row.name) });
}

/** Deletes a VM or scale set. */
export function deleteCompute(state: ArmState, turn: Turn, caller: Caller, ref: ResourceRef): Answer {
  const row = resourceNamed(turn, ref);
  if (row === undefined) return { status: 204 };
  const refused = conflict(state, turn, row);
  return refused ?? startDeletion(state, turn, caller, row);
}

/** Begins the deletion of a VM or scale set, whatever runs on it. */
export function startDeletion(state: ArmState, turn: Turn, caller: Caller, row: ComputeResource): Answer {
  const nothing: ResourceIdentity = { identityType: 'None', userAssigned: [] };
  const took = turn.draw('node.delete.duration', row.name);
  return begun(state, turn, { caller, row: { ...row, provisioningState: 'Deleting' }, kind: 'delete', goal: nothing, base: nothing, took });
}

function resized(
  state: ArmState,
  turn: Turn,
  wanted: { readonly caller: Caller; readonly row: ComputeResource; readonly capacity: number; readonly took: Duration },
): Answer {
  const goal = goalOf(state, wanted.row);
  const row = updating({ ...wanted.row, capacity: wanted.capacity });
  return begun(state, turn, { caller: wanted.caller, row, kind: 'scale', goal, base: goal, took: wanted.took });
}

/** A resource in state Deleting takes writes and stays in that state. */
function updating(row: ComputeResource): ComputeResource {
  return row.provisioningState === 'Deleting' ? row : { ...row, provisioningState: 'Updating' };
}

function begun(state: ArmState, turn: Turn, plan: Plan): Answer {
  const operation = startOperation(state, turn, plan);
  const resource = turn.table('computeResources').get(operation.resource);
  const shown = resource === undefined ? {} : { resource };
  if (operation.status === 'Succeeded') return { status: 200, operationStatus: 'Succeeded', ...shown };
  return { status: 202, operation: operation.id, operationStatus: 'InProgress', ...shown };
}

/** Tells a scale set its new size; answers how long that takes. */
function resize(turn: Turn, row: ComputeResource, capacity: number): Duration {
  turn.send(scaleSetActor(row), { type: 'CapacityWanted', scaleSet: row.name, capacity });
  return turn.draw(capacity > row.capacity ? 'node.provision' : 'node.delete.duration', row.name);
}

function patchTime(turn: Turn, row: ComputeResource, entries: number): Duration {
  if (row.kind === 'vm') return turn.draw('vm.patch.duration', row.name);
  return plus(scaleSetPatchTime(turn, row), scaled(turn.knob('vmss.patch.perIdentityCost'), entries));
}

/** The client-side figure contains half a poll on average. */
function scaleSetPatchTime(turn: Turn, row: ComputeResource): Duration {
  if (turn.knob('vmss.patch.basis') === 'serverSide') return turn.draw('vmss.patch.duration.serverSide', row.name);
  const halfPoll = scaled(turn.knob('arm.poll.interval.mic'), 0.5);
  return micros(Math.max(0, turn.draw('vmss.patch.duration', row.name) - halfPoll));
}

/** An accepted write that fails by chance. */
function chanceFault(turn: Turn, row: ComputeResource): { readonly code: string; readonly message: string } | undefined {
  if (turn.draw('vmss.operation.failProb', row.name) === 0) return undefined;
  return { code: 'InternalExecutionError', message: 'An internal execution error occurred.' };
}

function newRow(turn: Turn, ref: ResourceRef, capacity: number): ComputeResource {
  const { subscription, resourceGroup } = placeOf(turn);
  const id = resourceId({
    subscription,
    resourceGroup,
    provider: 'Microsoft.Compute',
    type: ref.kind === 'vm' ? 'virtualMachines' : 'virtualMachineScaleSets',
    name: ref.name,
  });
  return {
    kind: ref.kind,
    id,
    name: ref.name,
    resourceGroup,
    identityType: '',
    userAssigned: [],
    provisioningState: 'Creating',
    capacity,
    generation: 0,
  };
}
