/**
 * May an identity be taken off a VM or scale set when an AzureAssignedIdentity goes? Ownership is never stored: it is inferred from who
 * else is desired.
 *
 * Follows pkg/mic/mic.go:shouldRemoveID, checkIfInUse, checkIfIdentityImmutable.
 */
import type { AzureAssignedIdentity } from '../kubernetes.ts';
import type { DesiredAssignment } from '../mic-rows.ts';

/** What the count answers; `aborted`: a providerID under a matched pod could not be read, and no removal is decided in this cycle. */
export type RemovalVerdict = 'remove' | 'inUse' | 'immutable' | 'notAssigned' | 'notUserAssigned' | 'nodeGone' | 'aborted';

/** Group of a node: its scale set as its providerID spells it; undefined for VMs and nodes the cache does not hold. */
export type GroupOf = (node: string) => string | undefined;

/** Candidates with one client id, and whether one of them is desired: it may have lost its name to another. */
export interface Users {
  of(clientID: string): readonly DesiredAssignment[];
  isDesired(user: DesiredAssignment): boolean;
}

/**
 * Whether another pod uses the identity on the same node or scale set. Faithful: only the pod *name* tells pods apart (W11), only the
 * client id, letter by letter, tells identities apart (W12, W13), and scale sets are grouped as their ids are spelled (W14).
 */
export function isInUse(going: AzureAssignedIdentity, users: Users, groupOf: GroupOf): boolean {
  const { pod, nodename, azureIdentityRef } = going.spec;
  const group = groupOf(nodename);
  return users
    .of(azureIdentityRef.spec.clientID)
    .some(
      (user) =>
        user.pod !== pod && (user.node === nodename || (group !== undefined && groupOf(user.node) === group)) && users.isDesired(user),
    );
}

/**
 * Verdict on one AzureAssignedIdentity that goes or changes. Faithful: what is still `Created` is never taken off (W3), and
 * immutability compares client ids as they are written (W17).
 */
export function removalVerdict(
  going: AzureAssignedIdentity,
  about: { readonly immutable: readonly string[]; readonly isInUse: () => boolean },
): RemovalVerdict {
  const { status } = going.status;
  if (status !== 'Assigned' && status !== '') return 'notAssigned';
  const { type, clientID } = going.spec.azureIdentityRef.spec;
  if (type !== 0) return 'notUserAssigned';
  if (about.immutable.includes(clientID)) return 'immutable';
  return about.isInUse() ? 'inUse' : 'remove';
}
