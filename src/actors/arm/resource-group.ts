/**
 * The end of a resource group, with all it holds: VMs, scale sets, identities, and the roles granted on any of them.
 *
 * Simplified: services stay, and so do role assignments on the group's services; what is being created is deleted all the same; there is
 * no operation to poll.
 */
import { isCovered, resourceGroupId } from '../../model/azure.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { placeOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { startDeletion } from './compute.ts';
import { deleteIdentity, revoke } from './identities.ts';
import type { ArmState, Caller } from './state.ts';

/** Begins to delete everything in a group. Identities go at once, machines take their time. */
export function deleteResourceGroup(state: ArmState, turn: Turn, caller: Caller, name: string): Answer {
  const group = resourceGroupId(placeOf(turn).subscription, name);
  const isIn = ({ id }: { readonly id: string }): boolean => isCovered(group, id);
  const machines = turn.table('computeResources').all().filter(isIn);
  const identities = turn.table('userAssignedIdentities').all().filter(isIn);
  for (const row of machines) if (row.provisioningState !== 'Deleting') startDeletion(state, turn, caller, row);
  for (const { id } of identities) deleteIdentity(turn, { op: 'deleteIdentity', id });
  for (const assignment of turn.table('roleAssignments').all()) if (isCovered(group, assignment.scope)) revoke(turn, assignment);
  return { status: machines.length + identities.length === 0 ? 204 : 202 };
}
