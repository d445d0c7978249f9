/**
 * The end of a resource group, with all it holds: VMs, scale sets, identities, and the roles granted on any of them; and of a cluster,
 * which takes the resource group of its nodes along, as AKS does.
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

/** What of a cluster runs at Azure's side. */
const CONTROL_PLANE = ['kube-apiserver', 'scheduler', 'controller-manager', 'cluster-autoscaler', 'oidc-issuer'];

/**
 * Deletes the cluster. Identities of other groups stay, with their roles and with federated credentials that trust its issuer.
 *
 * Simplified: the control plane ends at once and the nodes after it; what its API server held stays in the tables, seen by nobody.
 */
export function deleteCluster(state: ArmState, turn: Turn, caller: Caller): Answer {
  for (const actor of CONTROL_PLANE) if (turn.isAlive(actor)) turn.stop(actor);
  return { ...deleteResourceGroup(state, turn, caller, placeOf(turn).resourceGroup), status: 202 };
}
