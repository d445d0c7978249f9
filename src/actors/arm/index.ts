/**
 * Azure Resource Manager, with the compute, identity and authorization providers behind it.
 *
 * Follows ARM as its clients meet it: throttles first, then the request itself; writes on VMs and scale sets are long-running operations
 * that are polled. Api-version 2019-12-01 of Microsoft.Compute, the one MIC uses.
 *
 *   ArmRequest ─► throttled? ─yes─► 429        read ──────────► 200, 404
 *                     │no                      write ─► CallDue ─► 400, 409 │ 200 │ 202 ─► OperationDue ─► ended
 *                     └─► broken? ─► 500                                         poll ─► InProgress, Succeeded, Canceled
 *
 * Simplified: one subscription and one region; model upgrades of instances are left out (identity changes do not need them); what a call
 * of `az` reads before it writes is not counted.
 */
import { inSeconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { patchAdding, patchRemoving, patchSystemAssigned, patched } from '../../model/resource-identity.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { answer, nameOf, notFound, refusal, resourceNamed, targetOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { actionRefusal } from './authorization.ts';
import { changeIdentity, deleteCompute, deleteInstance, putCompute, putTags, scale } from './compute.ts';
import { hold, onFederatedDone, writeFederated } from './federated.ts';
import { changePodIdentity, onPodIdentityDone } from './pod-identities.ts';
import { refusalOnArrival, weighed } from './identity-write.ts';
import type { IdentityWrite } from './identity-write.ts';
import { deleteIdentity, deleteRoleAssignment, getIdentity, onIdentityPrincipal, putIdentity, putRoleAssignment } from './identities.ts';
import { onOperationDue, onSystemPrincipal } from './operation.ts';
import { bootOldMachines } from './machines.ts';
import { initialArm } from './state.ts';
import type { ArmState, Caller, Operation } from './state.ts';
import { passArm, passProvider } from './limits.ts';
import { deleteCluster, deleteResourceGroup } from './resource-group.ts';
import { shownResource } from './versions.ts';

type ArmInbox = MessageOf<
  'Start' | 'ArmRequest' | 'CallDue' | 'OperationDue' | 'PrincipalReady' | 'FederatedCredentialDone' | 'PodIdentityDone'
>;
type ReadOp = 'get' | 'getInstanceView' | 'getIdentity' | 'pollOperation';
type Read = Extract<ArmCall, { readonly op: ReadOp }>;
type Write = Exclude<ArmCall, Read>;

/** Azure Resource Manager. */
export const arm = defineActor<ArmState, ArmInbox>({
  kind: 'arm',
  initial: initialArm,
  handlers: {
    // What exists at the start stands in the tables; only its VMs are not yet alive. Scale sets boot their own.
    Start: (_state, _message, turn) => {
      bootOldMachines(turn);
    },
    ArmRequest: onArmRequest,
    CallDue: onCallDue,
    OperationDue: onOperationDue,
    PrincipalReady: onPrincipalReady,
    FederatedCredentialDone: onFederatedDone,
    PodIdentityDone: onPodIdentityDone,
  },
});

function onArmRequest(state: ArmState, { request, call }: MessageOf<'ArmRequest'>, turn: Turn): void {
  const caller: Caller = { client: turn.from, request, call, about: aboutOf(state, turn, call) };
  const refused = throttled(state, turn, caller) ?? broken(turn, caller) ?? hold(state, turn, caller);
  if (isRead(call)) {
    answer(turn, caller, refused ?? read(state, turn, caller, call), readLatency(turn, caller));
    return;
  }
  const rejected = refused ?? rejectedOnArrival(state, turn, caller, call);
  if (rejected !== undefined && rejected.status < 500) {
    answer(turn, caller, rejected, turn.draw('arm.write.rejectLatency', caller.about));
    return;
  }
  const after = turn.draw(call.op === 'putIdentity' ? 'mi.uami.createLatency' : 'arm.write.acceptLatency', caller.about);
  if (refused !== undefined) answer(turn, caller, refused, after);
  else turn.setTimer(`call/${turn.from}/${request}`, after, { type: 'CallDue', client: turn.from, request, call }, { label: 'arm' });
}

/** A poll is about the resource whose operation it asks for. */
function aboutOf(state: ArmState, turn: Turn, call: ArmCall): string {
  if (call.op === 'pollOperation') return state.operations[call.operation]?.resource ?? call.operation;
  return nameOf(turn, call);
}

function isRead(call: ArmCall): call is Read {
  return call.op.startsWith('get') || call.op === 'pollOperation';
}

/** Whether the compute provider answers it: it says 429 in its own words. */
function isComputeCall(call: ArmCall): boolean {
  return targetOf(call) !== undefined || call.op === 'pollOperation';
}

/** Throttles are asked on arrival; the answer of a refusal takes as long as any other. */
function throttled(state: ArmState, turn: Turn, { call, client, about }: Caller): Answer | undefined {
  const armWait = passArm(state, turn, call, client);
  if (armWait !== undefined) {
    const text = `Number of requests of ${client} exceeded its limit. Please try again after ${String(inSeconds(armWait))} seconds.`;
    return { ...refusal(429, 'SubscriptionRequestsThrottled', text), retryAfter: armWait };
  }
  const wait = passProvider(state, turn, call, about);
  if (wait === undefined) return undefined;
  if (!isComputeCall(call)) {
    const text = `Too many requests: ${call.op} may be tried again after ${String(inSeconds(wait))} seconds.`;
    return { ...refusal(429, 'TooManyRequests', text), retryAfter: wait };
  }
  const text = `OperationNotAllowed (TooManyRequests): the server rejected ${call.op} because too many requests have been received.`;
  return { ...refusal(429, 'OperationNotAllowed', text), retryAfter: wait };
}

function broken(turn: Turn, { about }: Caller): Answer | undefined {
  if (turn.draw('arm.error5xx.prob', about) === 0) return undefined;
  return refusal(500, 'InternalServerError', 'Encountered internal server error.');
}

function readLatency(turn: Turn, { call, about }: Caller): Duration {
  const hangs = call.op === 'get' && turn.draw('arm.get.pathological.prob', about) === 1;
  return turn.draw(hangs ? 'arm.get.pathological.duration' : 'arm.get.latency', about);
}

function read(state: ArmState, turn: Turn, caller: Caller, call: Read): Answer {
  if (call.op === 'pollOperation') return poll(state.operations[call.operation], turn, caller);
  if (call.op === 'getIdentity') return getIdentity(turn, caller, call);
  const row = shownResource(state, turn, call.resource);
  if (row === undefined) return notFound(caller.about);
  const refused = actionRefusal(turn, caller.client, row, 'read');
  if (refused !== undefined) return refused;
  if (row.kind === 'vmss' && row.provisioningState === 'Updating' && !turn.knob('vmss.get.duringUpdating')) {
    return { ...refusal(409, 'OperationNotAllowed', `${row.name} is being updated.`), retryAfter: turn.knob('vmss.conflict.retryAfter') };
  }
  if (call.op === 'get') return { status: 200, resource: row };
  const machines = turn.table('virtualMachines').by('resource', row.id.toLowerCase());
  return { status: 200, resource: row, instances: machines.map(({ name }) => name) };
}

function poll(operation: Operation | undefined, turn: Turn, caller: Caller): Answer {
  if (operation === undefined) return notFound(caller.about);
  if (operation.status === 'InProgress') return { status: 200, operationStatus: 'InProgress' };
  // The end lay here until this poll came: that wait is the poller's, what led to the end is the operation's.
  const label = operation.kind === 'identity' ? 'patchPoll' : 'other';
  turn.cite({ event: operation.endEvent, arrivedAt: operation.endedAt, label, mode: 'queue' });
  if (operation.status === 'Canceled') {
    const text = 'Operation execution has been preempted by a more recent operation.';
    return { status: 200, operationStatus: 'Canceled', error: { code: 'OperationPreempted', message: text } };
  }
  if (operation.status === 'Failed') return { status: 200, operationStatus: 'Failed', error: { ...operation.fault } };
  const resource = turn.table('computeResources').get(operation.resource);
  return { status: 200, operationStatus: 'Succeeded', ...(resource === undefined ? {} : { resource }) };
}

function onCallDue(state: ArmState, { client, request, call }: MessageOf<'CallDue'>, turn: Turn): void {
  if (isRead(call)) throw new Error(`${call.op} is no write`);
  const caller: Caller = { client, request, call, about: nameOf(turn, call) };
  const given = write(state, turn, caller, call);
  if (given !== undefined) answer(turn, caller, given);
}

/** A write of identities that will be refused is told so at once: nothing of it has to reach the machines. */
function rejectedOnArrival(state: ArmState, turn: Turn, caller: Caller, call: Write): Answer | undefined {
  const target = targetOf(call);
  const change = identityWriteOf(call);
  const row = target === undefined || change === undefined ? undefined : resourceNamed(turn, target);
  return row === undefined || change === undefined ? undefined : refusalOnArrival(state, turn, caller, weighed(state, turn, row, change));
}

/** What a call writes of the identities of one machine or scale set; undefined: nothing, or it makes one. */
function identityWriteOf(call: Write): IdentityWrite | undefined {
  switch (call.op) {
    case 'patchIdentity': {
      const { identityType, delta = [], ifMatch } = call;
      const named = delta.filter(({ action }) => action === 'add').map(({ id }) => id);
      const patch = { identityType, delta };
      return { goal: (base) => patched(base, patch), named, entries: delta.length, ifMatch };
    }
    case 'putIdentities': {
      const { identityType, identities, capacity } = call;
      const goal = { identityType, userAssigned: [...identities] };
      return { goal: () => goal, named: identities, entries: identities.length, capacity, isWhole: true };
    }
    case 'assignIdentity':
      return { goal: (base) => patched(base, patchAdding(base, call.identity)), named: [call.identity], entries: 1 };
    case 'unassignIdentity':
      return { goal: (base) => patched(base, patchRemoving(base, call.identity)), named: [], entries: 1 };
    case 'setSystemAssigned':
      return { goal: (base) => patched(base, patchSystemAssigned(base, call.state)), named: [], entries: 0 };
    case 'putVm':
    case 'putScaleSet':
    case 'scaleScaleSet':
    case 'putTags':
    case 'deleteInstance':
    case 'deleteResource':
    case 'putIdentity':
    case 'putFederatedCredential':
    case 'deleteFederatedCredential':
    case 'deleteResourceGroup':
    case 'deleteCluster':
    case 'putAgentPool':
    case 'putPodIdentity':
    case 'deletePodIdentity':
    case 'deleteIdentity':
    case 'putRoleAssignment':
    case 'deleteRoleAssignment':
      return undefined;
  }
}

function write(state: ArmState, turn: Turn, caller: Caller, call: Write): Answer | undefined {
  const target = targetOf(call) ?? { kind: 'vm', name: '' };
  switch (call.op) {
    case 'patchIdentity':
    case 'putIdentities':
    case 'assignIdentity':
    case 'unassignIdentity':
    case 'setSystemAssigned': {
      const change = identityWriteOf(call);
      return change === undefined ? undefined : changeIdentity(state, turn, caller, target, change);
    }
    case 'putVm':
    case 'putScaleSet': {
      const { systemAssigned, identities, entries, ifMatch } = call;
      const capacity = call.op === 'putVm' ? 1 : call.instances;
      return putCompute(state, turn, caller, { ref: target, capacity, systemAssigned, identities, form: entries, ifMatch });
    }
    case 'scaleScaleSet':
      return scale(state, turn, caller, { ref: target, capacity: call.capacity, ifMatch: call.ifMatch });
    case 'putTags':
      return putTags(state, turn, caller, target);
    case 'deleteInstance':
      return deleteInstance(state, turn, caller, { ref: target, instance: call.instance });
    case 'deleteResource':
      return deleteCompute(state, turn, caller, target);
    case 'putIdentity':
      return putIdentity(state, turn, caller, call);
    case 'putFederatedCredential':
    case 'deleteFederatedCredential':
      return writeFederated(state, turn, caller, call);
    case 'deleteResourceGroup':
      return deleteResourceGroup(state, turn, caller, call.name);
    case 'deleteCluster':
      return deleteCluster(state, turn, caller);
    case 'putAgentPool':
      return { status: 200 };
    case 'putPodIdentity':
    case 'deletePodIdentity':
      changePodIdentity(state, turn, caller, call);
      return undefined;
    case 'deleteIdentity':
      return deleteIdentity(turn, call);
    case 'putRoleAssignment':
      return putRoleAssignment(turn, call);
    case 'deleteRoleAssignment':
      return deleteRoleAssignment(turn, call);
  }
}

function onPrincipalReady(state: ArmState, message: MessageOf<'PrincipalReady'>, turn: Turn): void {
  if (state.newIdentities[message.operation] === undefined) onSystemPrincipal(state, message, turn);
  else onIdentityPrincipal(state, message, turn);
}
