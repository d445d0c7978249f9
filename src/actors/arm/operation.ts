/**
 * Long-running operations of ARM: how one starts, is preempted, ends, and what its poller is told.
 *
 *   accepted ──(duration)──► due ──(principal there?)──► Succeeded
 *       ├── its identities are refused after all, or by chance ──► Failed; the resource is as before, in state Failed
 *       └── a later write on the same resource ──► Canceled (OperationPreempted); its goal lives on in the later one
 */
import { ORIGIN, ZERO, after, between, minutes, scaled } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ComputeResource, IdentityGrant } from '../../model/azure.ts';
import { SYSTEM, attachedGrant, detachedGrant, grantKey } from '../../model/identity-grant.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { changeBetween, hasSystemAssigned } from '../../model/resource-identity.ts';
import type { ResourceIdentity } from '../../model/resource-identity.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { dropPrincipal } from './identities.ts';
import { SWEEP_FIRST, nextId, runningOn } from './state.ts';
import type { ArmState, Caller, Operation } from './state.ts';
import { createMachine, removeResource } from './machines.ts';
import { putResource } from './versions.ts';

/** How long pollers find an operation that has ended. MIC gives up after 15 minutes. */
const KEPT = minutes(30);

/** An operation to be. */
export interface Plan {
  readonly caller: Caller;
  /** The resource as it is now, with what changes at once (capacity, state). */
  readonly row: ComputeResource;
  readonly kind: Operation['kind'];
  readonly goal: ResourceIdentity;
  /** Identity block the goal was made from. */
  readonly base: ResourceIdentity;
  readonly took: Duration;
  /** Error with which it is going to end; absent: none. */
  readonly fault?: { readonly code: string; readonly message: string };
}

/** Starts an operation, or carries it out at once where it takes no time; answers it. The one that ran on the resource is preempted. */
export function startOperation(state: ArmState, turn: Turn, plan: Plan): Operation {
  const { row, goal, took } = plan;
  const resource = row.id.toLowerCase();
  const id = nextId(state, turn);
  const change = changeBetween(plan.base, goal);
  const operation: Operation = {
    id,
    client: plan.caller.client,
    resource,
    kind: plan.kind,
    startedAt: turn.now,
    took,
    goalType: goal.identityType,
    goalIds: [...goal.userAssigned],
    added: [...change.added],
    removed: [...change.removed],
    principal: 'none',
    objectId: '',
    appId: '',
    isDue: took === 0,
    status: 'InProgress',
    fault: { ...(plan.fault ?? { code: '', message: '' }) },
    successor: '',
    endedAt: ORIGIN,
    endEvent: -1,
  };
  preempt(state, turn, operation);
  if (hasSystemAssigned(goal.identityType) && row.systemAssigned === undefined) wantPrincipal(turn, operation, row);
  else returnPrincipal(turn, operation);
  putResource(state, turn, row);
  if (plan.kind !== 'delete' && operation.fault.code === '') attachAll(turn, operation);
  state.operations[id] = operation;
  state.running[resource] = id;
  state.operationCount += 1;
  if (state.operationCount > state.operationsSweptAt) sweepOperations(state, turn);
  if (isComplete(operation)) finish(state, operation, turn);
  else turn.setTimer(id, took, { type: 'OperationDue', operation: id }, { label: plan.kind === 'identity' ? 'patch' : 'other' });
  // The record may have been taken into a draft: what is returned is the slice's own.
  return state.operations[id] ?? operation;
}

/** An operation's time is up. */
export function onOperationDue(state: ArmState, message: MessageOf<'OperationDue'>, turn: Turn): void {
  const operation = state.operations[message.operation];
  if (operation?.status !== 'InProgress') return;
  operation.isDue = true;
  if (isComplete(operation)) finish(state, operation, turn);
}

/** The principal of a system-assigned identity is there. */
export function onSystemPrincipal(state: ArmState, message: MessageOf<'PrincipalReady'>, turn: Turn): void {
  let operation = state.operations[message.operation];
  while (operation !== undefined && operation.successor !== '') operation = state.operations[operation.successor];
  if (operation?.status !== 'InProgress' || operation.principal !== 'wanted') {
    // Nobody wants it any more: the identity was switched off, or the resource deleted, meanwhile.
    dropPrincipal(turn, message.objectId);
    return;
  }
  operation.principal = 'ready';
  operation.objectId = message.objectId;
  operation.appId = message.appId;
  attach(turn, operation, { identity: SYSTEM, clientId: message.appId, principalId: message.objectId });
  if (isComplete(operation)) finish(state, operation, turn);
}

/** Identity block towards which a resource is under way, or that it has. */
export function goalOf(state: ArmState, row: ComputeResource): ResourceIdentity {
  const running = runningOn(state, row.id.toLowerCase());
  if (running === undefined) return { identityType: row.identityType, userAssigned: row.userAssigned };
  return { identityType: running.goalType, userAssigned: [...running.goalIds] };
}

function isComplete(operation: Operation): boolean {
  return operation.isDue && operation.principal !== 'wanted';
}

/** The later write wins: the older operation ends, and what it was to do is part of the later one's goal. */
function preempt(state: ArmState, turn: Turn, by: Operation): void {
  const older = runningOn(state, by.resource);
  if (older === undefined) return;
  by.principal = older.principal;
  by.objectId = older.objectId;
  by.appId = older.appId;
  older.successor = by.id;
  turn.cancelTimer(older.id);
  end(state, older, turn, 'Canceled');
}

function end(state: ArmState, operation: Operation, turn: Turn, status: 'Succeeded' | 'Failed' | 'Canceled'): void {
  operation.status = status;
  operation.endedAt = turn.now;
  operation.endEvent = turn.event;
  if (state.running[operation.resource] === operation.id) delete state.running[operation.resource];
  turn.fact({
    type: 'arm-operation-ended',
    operation: operation.id,
    client: operation.client,
    resource: operation.resource,
    added: [...operation.added],
    removed: [...operation.removed],
    outcome: status === 'Canceled' ? 'Preempted' : status,
    took: between(operation.startedAt, turn.now),
  });
}

function finish(state: ArmState, operation: Operation, turn: Turn): void {
  const row = turn.table('computeResources').get(operation.resource);
  const hasFailed = operation.fault.code !== '';
  end(state, operation, turn, hasFailed ? 'Failed' : 'Succeeded');
  if (row === undefined) return;
  if (hasFailed) {
    returnPrincipal(turn, operation);
    putResource(state, turn, { ...row, provisioningState: row.provisioningState === 'Deleting' ? 'Deleting' : 'Failed' });
    detachOthers(turn, operation.resource, keptOf(row));
    return;
  }
  if (operation.kind === 'delete') {
    removeResource(state, turn, row);
    return;
  }
  const goalIds = [...operation.goalIds];
  const hasSystem = hasSystemAssigned(operation.goalType);
  const system = operation.principal === 'ready' ? { principalId: operation.objectId, clientId: operation.appId } : row.systemAssigned;
  const { systemAssigned: old, ...bare } = row;
  putResource(state, turn, {
    ...bare,
    identityType: operation.goalType,
    userAssigned: goalIds,
    provisioningState: stateAfter(row),
    ...(hasSystem && system !== undefined ? { systemAssigned: system } : {}),
  });
  if (!hasSystem && old !== undefined) dropPrincipal(turn, old.principalId);
  detachOthers(turn, operation.resource, new Set([...goalIds.map((id) => id.toLowerCase()), ...(hasSystem ? [SYSTEM] : [])]));
  if (operation.kind === 'create') createMachine(turn, row);
}

/** What a resource carries, as grants name it. */
function keptOf(row: ComputeResource): ReadonlySet<string> {
  return new Set([...row.userAssigned.map((id) => id.toLowerCase()), ...(hasSystemAssigned(row.identityType) ? [SYSTEM] : [])]);
}

/** A resource on its way out stays so, whatever is still written to it. */
function stateAfter(row: ComputeResource): ComputeResource['provisioningState'] {
  return row.provisioningState === 'Deleting' ? 'Deleting' : 'Succeeded';
}

function wantPrincipal(turn: Turn, operation: Operation, row: ComputeResource): void {
  if (operation.principal !== 'none') return;
  operation.principal = 'wanted';
  turn.send('aad', { type: 'PrincipalWanted', operation: operation.id, kind: 'systemAssigned', resourceId: row.id, displayName: row.name });
}

/** A principal made for an operation that was overtaken by one that does not want it. One still under way is returned when it comes. */
function returnPrincipal(turn: Turn, operation: Operation): void {
  if (operation.principal === 'ready') dropPrincipal(turn, operation.objectId);
  operation.principal = 'none';
}

/**
 * Lets IMDS know, from a fraction of the operation on, what the goal adds. Ids of identities that do not exist stay references only.
 * Faithful: an identity made again under the name of a deleted one is not what hangs there under that name; only taking that off and
 * putting it on again brings the new one.
 */
function attachAll(turn: Turn, operation: Operation): void {
  const grants = turn.table('identityGrants');
  for (const id of operation.goalIds) {
    if (!operation.added.includes(id) && grants.get(grantKey(operation.resource, id.toLowerCase())) !== undefined) continue;
    const identity = turn.table('userAssignedIdentities').get(id.toLowerCase());
    if (identity !== undefined)
      attach(turn, operation, { identity: id.toLowerCase(), clientId: identity.clientId, principalId: identity.principalId });
  }
}

function attach(
  turn: Turn,
  operation: Operation,
  who: { readonly identity: string; readonly clientId: string; readonly principalId: string },
): void {
  const grants = turn.table('identityGrants');
  const key = grantKey(operation.resource, who.identity);
  const old = endedIfOther(grants.get(key), who.principalId, turn);
  // A machine that is being created knows its identities when it boots.
  const took = operation.kind === 'create' ? ZERO : asPolled(operation.took, turn.knob('arm.poll.interval.mic'));
  const grant = attachedGrant(old, { resource: operation.resource, ...who, startedAt: operation.startedAt, took });
  if (grant !== old) grants.put(key, grant);
}

/** A grant of that name to another principal, that of a deleted identity, ends where the present one is attached. */
function endedIfOther(grant: IdentityGrant | undefined, principalId: string, turn: Turn): IdentityGrant | undefined {
  return grant === undefined || grant.principalId === principalId ? grant : detachedGrant(grant, turn.now);
}

/** How long a PATCH takes as a polling client sees it: visibility at IMDS is known as a share of that (platform figures are client-side). */
function asPolled(took: Duration, interval: Duration): Duration {
  return interval === 0 ? took : scaled(interval, Math.ceil(took / interval));
}

function detachOthers(turn: Turn, resource: string, kept: ReadonlySet<string>): void {
  const grants = turn.table('identityGrants');
  for (const grant of grants.by('resource', resource)) {
    if (grant.detachedAt === undefined && !kept.has(grant.identity))
      grants.put(grantKey(resource, grant.identity), detachedGrant(grant, turn.now));
  }
}

function sweepOperations(state: ArmState, turn: Turn): void {
  for (const id of Object.keys(state.operations)) {
    const operation = state.operations[id];
    if (operation === undefined || operation.status === 'InProgress' || after(operation.endedAt, KEPT) > turn.now) continue;
    delete state.operations[id];
    state.operationCount -= 1;
  }
  state.operationsSweptAt = Math.max(SWEEP_FIRST, 2 * state.operationCount);
}
