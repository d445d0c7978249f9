/**
 * Rights of callers: whether MIC's principal may read or write a VM or scale set, and put identities on it.
 *
 * Follows the two refusals MIC meets (platform §3): AuthorizationFailed without the right to write, LinkedAuthorizationFailed where that is
 * there but the right to assign an identity is not. In the order of the real checks: the resource first, then the identities of the body.
 *
 * Simplified: only MIC is asked for its rights, and only while `arm.authorization.mode` is `checked`; the operator and AKS may do all.
 *
 * Simplified: calls of ARM carry no token, so MIC is in a group from the moment it is put there, not from its next token.
 *
 * Simplified: MIC counts as whom azure.json names now, even while a client of it still signs in as whom it named before.
 */
import { after } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ComputeResource, RoleAssignment } from '../../model/azure.ts';
import { cloudConfigNow } from '../../model/cloud-config.ts';
import { actionName, grantingNow } from '../../model/control-plane.ts';
import type { ControlAction } from '../../model/control-plane.ts';
import { claimsOf } from '../../model/directory.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { refusal } from './answer.ts';
import type { Answer } from './answer.ts';

/** Refuses a caller that may not read or write a resource. */
export function actionRefusal(turn: Turn, client: string, row: ComputeResource, action: 'read' | 'write'): Answer | undefined {
  const who = principalOfCaller(turn, client);
  if (who === undefined || isAllowed(turn, who, { action, id: row.id })) return undefined;
  const text = `AuthorizationFailed: the client with object id '${who}' may not perform action '${actionName(action, row.kind)}' over scope '${row.id}'.`;
  return refusal(403, 'AuthorizationFailed', text);
}

/** Refuses a caller that may write the resource but not assign the identities of its body. */
export function linkedRefusal(turn: Turn, client: string, row: ComputeResource, ids: readonly string[]): Answer | undefined {
  const who = principalOfCaller(turn, client);
  if (who === undefined) return undefined;
  const barred = ids.filter((id) => !isAllowed(turn, who, { action: 'assign', id }));
  if (barred.length === 0) return undefined;
  const named = turn.knob('arm.linkedAuthorization.names') === 'all' ? barred : barred.slice(0, 1);
  const text =
    `LinkedAuthorizationFailed: the client with object id '${who}' may perform action '${actionName('write', row.kind)}' ` +
    `on scope '${row.id}', but not action '${actionName('assign', row.kind)}' on the linked scope(s) '${named.join(',')}'.`;
  return refusal(403, 'LinkedAuthorizationFailed', text);
}

/** Object id of MIC's principal while its rights are checked: the cluster identity of azure.json, else that of its machine. */
function principalOfCaller(turn: Turn, client: string): string | undefined {
  if (!client.startsWith('mic/') || turn.knob('arm.authorization.mode') === 'granted') return undefined;
  const { clientID, userAssignedIdentityID } = cloudConfigNow(turn);
  const appId = clientID === '' ? userAssignedIdentityID : clientID;
  if (appId !== '') {
    const principals = turn.table('servicePrincipals').by('app', appId.toLowerCase());
    return principals.find(({ deletedAt }) => deletedAt === undefined)?.objectId ?? '';
  }
  const node = turn.table('pods').get(client.slice('mic/'.length))?.spec.nodeName ?? '';
  const vm = node === '' ? undefined : turn.table('virtualMachines').by('node', node)[0];
  return turn.table('computeResources').get(vm?.resource ?? '')?.systemAssigned?.principalId ?? '';
}

/** ARM hears of each assignment, and of its removal, at a time of its own. Whoever asked before it had was refused. */
function isAllowed(turn: Turn, objectId: string, wanted: { readonly action: ControlAction; readonly id: string }): boolean {
  const slow = turn.knob('rbac.aksClusterIdentity.isSlow');
  const knob = slow ? 'rbac.aksClusterIdentity.worst' : 'rbac.grant.delay';
  const grantDelay = ({ id }: RoleAssignment): Duration => turn.drawAt(knob, `arm|${id}`, 0);
  const holders = [objectId, ...groupsOf(turn, objectId)];
  const granting = grantingNow(
    holders.flatMap((holder) => turn.table('roleAssignments').by('principal', holder)),
    wanted,
    { now: turn.now, grantDelay, revokeDelay: ({ id }) => turn.drawAt('rbac.revoke.delay', `arm|${id}`, 0) },
  );
  if (granting === undefined) return false;
  const made = granting.deletedAt === undefined ? (turn.table('roleAssignments').revision(granting.id)?.cause ?? -1) : -1;
  const heardAt = after(granting.createdAt, grantDelay(granting));
  turn.cite({ event: made, arrivedAt: heardAt, label: 'rbac', mode: 'condition', polls: ['micQueue', 'idle'] });
  return true;
}

/** Groups a principal is in. */
function groupsOf(turn: Turn, objectId: string): readonly string[] {
  const standing = turn
    .table('directoryClaims')
    .by('principal', objectId)
    .filter(({ removal }) => removal === undefined);
  return claimsOf(standing, '').groups ?? [];
}
