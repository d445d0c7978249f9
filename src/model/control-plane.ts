/**
 * What roles let a caller do at ARM: reading and writing VMs and scale sets, and putting an identity on them.
 *
 * Follows the actions of the built-in roles that pod identity's installation asks for; a role is named as the portal names it or by its
 * id. Other roles have no rights here.
 */
import { after } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';
import { isCovered } from './azure.ts';
import type { RoleAssignment } from './azure.ts';
import { isEffective } from './role-access.ts';
import type { Propagation } from './role-access.ts';

/** Actions that ARM asks about. */
export type ControlAction = 'read' | 'write' | 'assign';

const ALL: readonly ControlAction[] = ['read', 'write', 'assign'];

/** Actions on compute resources (`read`, `write`) and on identities (`assign`), by lower-case name and id of the role. */
const ACTIONS: Readonly<Record<string, readonly ControlAction[]>> = {
  owner: ALL,
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': ALL,
  contributor: ALL,
  'b24988ac-6180-42a0-ab88-20f7382dd24c': ALL,
  reader: ['read'],
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': ['read'],
  'virtual machine contributor': ['read', 'write'],
  '9980e02c-c2be-4d73-94e8-173b1dc7cf3c': ['read', 'write'],
  'managed identity operator': ['assign'],
  'f1a07417-d97a-45cb-824c-7a7467783830': ['assign'],
};

/** The assignment that lets a principal do something to a resource (its ARM id) now: of several, the one that did so first. */
export function grantingNow(
  assignments: readonly RoleAssignment[],
  wanted: { readonly action: ControlAction; readonly id: string },
  spread: Propagation,
): RoleAssignment | undefined {
  let first: { readonly assignment: RoleAssignment; readonly since: Moment } | undefined;
  for (const assignment of assignments) {
    const isFitting = (ACTIONS[assignment.role.toLowerCase()] ?? []).includes(wanted.action) && isCovered(assignment.scope, wanted.id);
    if (!isFitting || !isEffective(assignment, spread)) continue;
    const since = after(assignment.createdAt, spread.grantDelay(assignment));
    if (first === undefined || since < first.since) first = { assignment, since };
  }
  return first?.assignment;
}

/** The operation as ARM's refusals name it. */
export function actionName(action: ControlAction, kind: 'vm' | 'vmss'): string {
  if (action === 'assign') return 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
  return `Microsoft.Compute/${kind === 'vm' ? 'virtualMachines' : 'virtualMachineScaleSets'}/${action}`;
}
