/**
 * Writes on VMs and scale sets, as the compute provider accepts or refuses them.
 *
 * Follows Microsoft.Compute as MIC and `az` meet it: identity PATCHes are deltas, one missing identity refuses the whole write
 * (FailedIdentityOperation, the id in single quotes), and of two writes on one resource the later one wins.
 */
import { ZERO, inSeconds, micros, plus, scaled } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { resourceId } from '../../model/azure.ts';
import type { ComputeResource } from '../../model/azure.ts';
import type { ArmCall, ResourceRef } from '../../model/messages/arm.ts';
import { changeBetween, identityTypeOf, includesId, isUnchanged } from '../../model/resource-identity.ts';
import type { ResourceIdentity } from '../../model/resource-identity.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { notFound, placeOf, refusal, resourceNamed } from './answer.ts';
import type { Answer } from './answer.ts';
import { createScaleSet, scaleSetActor } from './machines.ts';
import { goalOf, startOperation } from './operation.ts';
import type { Plan } from './operation.ts';
import { runningOn } from './state.ts';
import type { ArmState, Caller } from './state.ts';
import { passIdentityProvider } from './throttle.ts';

/** An identity write: what it makes of the present block, how many identities its body names, and the size that goes with it (PUT). */
export interface IdentityWrite {
  readonly goal: (base: ResourceIdentity) => ResourceIdentity;
  readonly entries: number;
  readonly capacity?: number;
}

/** Changes the identities of a VM or scale set. */
export function changeIdentity(state: ArmState, turn: Turn, caller: Caller, ref: ResourceRef, write: IdentityWrite): Answer {
  const row = resourceNamed(turn, ref);
  if (row === undefined) return notFound(caller.about);
  const late = passIdentityProvider(state, turn, row.id.toLowerCase());
  if (late !== undefined) {
    const text = `FailedIdentityOperation: identity operation for resource failed with status 429, Retry after ${String(inSeconds(late))} seconds`;
    return { ...refusal(429, 'FailedIdentityOperation', text), retryAfter: late };
  }
  const base = goalOf(state, row);
  const goal = write.goal(base);
  const change = changeBetween(base, goal);
  const capacity = write.capacity ?? row.capacity;
  const refused = identityRefusal(turn, goal, write.entries) ?? sizeRefusal(turn, capacity) ?? conflict(state, turn, row);
  if (refused !== undefined) return refused;
  const isResized = capacity !== row.capacity;
  if (isUnchanged(change) && !isResized && runningOn(state, row.id.toLowerCase()) === undefined) {
    return { status: 200, resource: row, operationStatus: 'Succeeded' };
  }
  let took = isUnchanged(change) && isResized ? ZERO : patchTime(turn, row, write.entries);
  if (change.systemAssigned === 'enabled') took = plus(took, turn.draw('mi.systemAssigned.enableExtra', row.name));
  if (!isResized) return begun(state, turn, { caller, row: updating(row), kind: 'identity', goal, base, took });
  const longest = micros(Math.max(took, resize(turn, row, capacity)));
  return begun(state, turn, { caller, row: updating({ ...row, capacity }), kind: 'scale', goal, base, took: longest });
}

/** Puts back the model of a resource with another identity list. ARM takes an id once, however it is spelled. */
export function putIdentities(
  state: ArmState,
  turn: Turn,
  caller: Caller,
  body: Extract<ArmCall, { readonly op: 'putIdentities' }>,
): Answer {
  const { resource, identityType, identities, capacity } = body;
  const repeated = identities.find((id, index) => includesId(identities.slice(0, index), id));
  if (repeated !== undefined) {
    const text = `ResourceIdentity identityId '${repeated}' cannot be duplicated in the provided identityIds list.`;
    return refusal(400, 'InvalidParameter', text);
  }
  const goal: ResourceIdentity = { identityType, userAssigned: [...identities] };
  return changeIdentity(state, turn, caller, resource, { goal: () => goal, entries: identities.length, capacity });
}

/** Creates a VM or scale set, or replaces the identities (and the size) of one that exists, as a PUT does. */
export function putCompute(
  state: ArmState,
  turn: Turn,
  caller: Caller,
  body: { readonly ref: ResourceRef; readonly capacity: number; readonly systemAssigned: boolean; readonly identities: readonly string[] },
): Answer {
  const { ref, capacity, systemAssigned, identities } = body;
  const goal: ResourceIdentity = {
    identityType: identityTypeOf({ system: systemAssigned ? 'enabled' : 'disabled', users: identities.length }),
    userAssigned: [...identities],
  };
  const existing = resourceNamed(turn, ref);
  if (existing !== undefined) {
    return changeIdentity(state, turn, caller, ref, { goal: () => goal, entries: identities.length, capacity });
  }
  const refused = identityRefusal(turn, goal, identities.length) ?? sizeRefusal(turn, capacity);
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
  wanted: { readonly ref: ResourceRef; readonly capacity: number },
): Answer {
  const row = resourceNamed(turn, wanted.ref);
  if (row === undefined) return notFound(caller.about);
  const { capacity } = wanted;
  const refused = sizeRefusal(turn, capacity) ?? conflict(state, turn, row);
  if (refused !== undefined) return refused;
  if (capacity === row.capacity) return { status: 200, resource: row, operationStatus: 'Succeeded' };
  return resized(state, turn, { caller, row, capacity, took: resize(turn, row, capacity) });
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
  if (refused !== undefined) return refused;
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
  return plus(turn.draw('vmss.patch.duration.serverSide', row.name), scaled(turn.knob('vmss.patch.perIdentityCost'), entries));
}

/**
 * Every identity the resource would have must exist, also those it carried before (a deleted one leaves a reference behind, and from then
 * on refuses every write that keeps it). One missing id is named at a time.
 */
function identityRefusal(turn: Turn, goal: ResourceIdentity, entries: number): Answer | undefined {
  const limit = turn.knob('mi.assign.maxIdentitiesPerRequest');
  if (entries > limit) {
    const text = `FailedIdentityOperation: Number '${String(entries)}' Assign exceed limit '${String(limit)}' in one request`;
    return refusal(400, 'FailedIdentityOperation', text);
  }
  const missing = goal.userAssigned.find((id) => turn.table('userAssignedIdentities').get(id.toLowerCase()) === undefined);
  if (missing === undefined) return undefined;
  return refusal(400, 'FailedIdentityOperation', `FailedIdentityOperation: resource '${missing}' was not found`);
}

/** A write that meets another: refused by rule, or while the resource is being made or deleted; otherwise it preempts. */
function conflict(state: ArmState, turn: Turn, row: ComputeResource): Answer | undefined {
  const running = runningOn(state, row.id.toLowerCase());
  if (running === undefined) return undefined;
  const isFirm = running.kind === 'create' || running.kind === 'delete';
  if (!isFirm && turn.knob('vmss.concurrentWrite.outcome') === 'preempt') return undefined;
  const text = `Operation ${running.id} on ${row.name} is in progress.`;
  return { ...refusal(409, 'OperationNotAllowed', text), retryAfter: turn.knob('vmss.conflict.retryAfter') };
}

function sizeRefusal(turn: Turn, capacity: number): Answer | undefined {
  const most = turn.knob('vmss.maxInstances');
  if (capacity <= most) return undefined;
  return refusal(400, 'InvalidParameter', `A scale set has at most ${String(most)} instances, not ${String(capacity)}.`);
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
