/** User-assigned identities as resources of their own, and role assignments: Microsoft.ManagedIdentity and Microsoft.Authorization. */
import { resourceId } from '../../model/azure.ts';
import { detachedGrant, grantKey } from '../../model/identity-grant.ts';
import type { RoleAssignment } from '../../model/azure.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { principalIdOf } from '../../model/principal-ref.ts';
import { missChance } from '../../model/replication.ts';
import { uuidOf } from '../../model/uuid.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { answer, notFound, placeOf, refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import { nextId } from './state.ts';
import type { ArmState, Caller } from './state.ts';

type Call<O extends ArmCall['op']> = Extract<ArmCall, { readonly op: O }>;

/** Creates an identity: the directory makes its principal first. Undefined: the answer comes when that is there. */
export function putIdentity(state: ArmState, turn: Turn, caller: Caller, call: Call<'putIdentity'>): Answer | undefined {
  const id = identityId(turn, call);
  if (turn.table('userAssignedIdentities').get(id.toLowerCase()) !== undefined) return { status: 200 };
  const operation = nextId(state, turn);
  state.newIdentities[operation] = { client: caller.client, request: caller.request, name: call.name, resourceGroup: call.resourceGroup };
  turn.send('aad', {
    type: 'PrincipalWanted',
    operation,
    kind: 'userAssigned',
    resourceId: id,
    displayName: call.name,
    ...(call.clientId === undefined ? {} : { clientId: call.clientId }),
  });
  return undefined;
}

/** The principal of a new identity is there. */
export function onIdentityPrincipal(state: ArmState, message: MessageOf<'PrincipalReady'>, turn: Turn): void {
  const wanted = state.newIdentities[message.operation];
  if (wanted === undefined) return;
  const { client, request, name, resourceGroup } = wanted;
  delete state.newIdentities[message.operation];
  const id = identityId(turn, { name, resourceGroup });
  endStaleGrants(turn, id.toLowerCase(), message.objectId);
  turn.table('userAssignedIdentities').put(id.toLowerCase(), {
    id,
    name,
    resourceGroup,
    clientId: message.appId,
    principalId: message.objectId,
  });
  answer(turn, { client, request, call: { op: 'putIdentity' }, about: id.toLowerCase() }, { status: 201 });
}

/** Shows an identity. */
export function getIdentity(turn: Turn, caller: Caller, call: Call<'getIdentity'>): Answer {
  const identity = turn.table('userAssignedIdentities').get(call.id.toLowerCase());
  if (identity === undefined) return notFound(caller.about);
  return { status: 200, identity: { clientId: identity.clientId, principalId: identity.principalId } };
}

/**
 * Faithful: where an identity of that name hung before, the reference stays and shows null client and principal ids from now on; IMDS
 * does not find it any more, and nothing but taking it off and putting it on again helps.
 */
function endStaleGrants(turn: Turn, identity: string, principalId: string): void {
  const grants = turn.table('identityGrants');
  for (const { id } of turn.table('computeResources').by('identity', identity)) {
    const key = grantKey(id.toLowerCase(), identity);
    const grant = grants.get(key);
    if (grant === undefined || grant.principalId === principalId) continue;
    grants.put(key, detachedGrant(grant, turn.now));
    turn.fact({ type: 'identity-reference-stale', resource: id.toLowerCase(), identity });
  }
}

/** Deletes an identity and its principal. References on VMs and scale sets stay, and so do role assignments unless a knob says not. */
export function deleteIdentity(turn: Turn, call: Call<'deleteIdentity'>): Answer {
  const key = call.id.toLowerCase();
  const identity = turn.table('userAssignedIdentities').get(key);
  if (identity === undefined) return { status: 204 };
  turn.table('userAssignedIdentities').delete(key);
  dropPrincipal(turn, identity.principalId);
  return { status: 200 };
}

/** Ends the principal of an identity that is no more. */
export function dropPrincipal(turn: Turn, objectId: string): void {
  turn.send('aad', { type: 'PrincipalUnwanted', objectId });
  if (turn.knob('rbac.orphanAssignment') === 'kept') return;
  for (const assignment of turn.table('roleAssignments').by('principal', objectId)) revoke(turn, assignment);
}

/** Grants a role. A caller that names the type of the principal is taken at its word; for others ARM asks some replica of the directory. */
export function putRoleAssignment(turn: Turn, call: Call<'putRoleAssignment'>): Answer {
  const principalId = principalIdOf(turn, call.principal);
  if (principalId === undefined || (call.principalType === 'omitted' && isUnknown(turn, principalId)))
    return refusal(400, 'PrincipalNotFound', 'The principal of the role assignment does not exist in the directory.');
  const table = turn.table('roleAssignments');
  if (standing(turn, principalId, call) !== undefined) return refusal(409, 'RoleAssignmentExists', 'The role assignment exists already.');
  const isOld = turn.knob('arm.throttling.era') === 'legacy';
  const most = turn.knob(isOld ? 'rbac.assignments.max.before2022' : 'rbac.assignments.max');
  if (table.count('state', 'standing') >= most) {
    return refusal(400, 'RoleAssignmentLimitExceeded', `A subscription has at most ${String(most)} role assignments.`);
  }
  const account = cosmosLimit(turn, call);
  if (account !== undefined) return account;
  const n = table.by('principal', principalId).length;
  const id = uuidOf(`role assignment ${String(n)} of ${principalId}: ${call.role} on ${call.scope.toLowerCase()}`);
  table.put(id, { id, principalId, role: call.role, scope: call.scope, createdAt: turn.now });
  return { status: 201 };
}

/**
 * Limits of a Cosmos DB account: assignments, and roles among them. Simplified: role definitions are not made by themselves, so the roles
 * that its assignments name are counted.
 */
function cosmosLimit(turn: Turn, { scope, role }: Call<'putRoleAssignment'>): Answer | undefined {
  const account = scope.toLowerCase();
  if (
    !turn
      .table('services')
      .by('kind', 'cosmosDb')
      .some((service) => service.scope.toLowerCase() === account)
  )
    return undefined;
  const own = turn
    .table('roleAssignments')
    .by('state', 'standing')
    .filter((assignment) => assignment.scope.toLowerCase() === account);
  const most = turn.knob('cosmos.rbac.limits.assignments');
  if (own.length >= most) return refusal(400, 'RoleAssignmentLimitExceeded', `An account has at most ${String(most)} role assignments.`);
  const mostRoles = turn.knob('cosmos.rbac.limits.roleDefinitions');
  const roles = new Set([...own.map((assignment) => assignment.role), role]);
  if (roles.size <= mostRoles) return undefined;
  return refusal(400, 'RoleDefinitionLimitExceeded', `An account has at most ${String(mostRoles)} role definitions.`);
}

function isUnknown(turn: Turn, objectId: string): boolean {
  if (turn.table('groups').get(objectId) !== undefined) return false;
  const principal = turn.table('servicePrincipals').get(objectId);
  if (principal === undefined || principal.deletedAt !== undefined) return true;
  const chance = missChance(principal, turn.knob('mi.sp.missProbDuringReplication'), turn.now);
  return chance === 1 || (chance > 0 && turn.uniform('replica', objectId) < chance);
}

/** Takes a role away. */
export function deleteRoleAssignment(turn: Turn, call: Call<'deleteRoleAssignment'>): Answer {
  const principalId = principalIdOf(turn, call.principal);
  const assignment = principalId === undefined ? undefined : standing(turn, principalId, call);
  if (assignment === undefined) return { status: 204 };
  revoke(turn, assignment);
  return { status: 200 };
}

/** Ends a role assignment. The row stays: services go on honouring it for a while. */
export function revoke(turn: Turn, assignment: RoleAssignment): void {
  if (assignment.deletedAt === undefined) turn.table('roleAssignments').put(assignment.id, { ...assignment, deletedAt: turn.now });
}

function standing(turn: Turn, principalId: string, wanted: { readonly role: string; readonly scope: string }): RoleAssignment | undefined {
  return turn
    .table('roleAssignments')
    .by('principal', principalId)
    .find(
      (assignment) =>
        assignment.deletedAt === undefined &&
        assignment.role === wanted.role &&
        assignment.scope.toLowerCase() === wanted.scope.toLowerCase(),
    );
}

function identityId(turn: Turn, identity: { readonly name: string; readonly resourceGroup: string }): string {
  return resourceId({
    subscription: placeOf(turn).subscription,
    resourceGroup: identity.resourceGroup,
    provider: 'Microsoft.ManagedIdentity',
    type: 'userAssignedIdentities',
    name: identity.name,
  });
}
