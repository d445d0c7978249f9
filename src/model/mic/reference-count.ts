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

/** Who is desired where: a candidate may have lost its name to another. */
export interface Users {
  /**
   * Whether a candidate with that client id passes; none is looked at after the first that does. With a node, only those on it are
   * looked at.
   */
  some(where: { readonly clientID: string; readonly node: string | undefined }, test: (user: DesiredAssignment) => boolean): boolean;
  isDesired(user: DesiredAssignment): boolean;
}

/** Answers whether another pod uses the identity of one that goes. */
export type UseCount = (going: AzureAssignedIdentity) => boolean;

/**
 * Whether another pod uses the identity on the same node or scale set. Faithful: only the pod *name* tells pods apart (W11), only the
 * client id, letter by letter, tells identities apart (W12, W13), and scale sets are grouped as their ids are spelled (W14). Good for one
 * plan, in which nobody comes or goes: of each client and place it looks up two names of pods, once.
 */
export function useCount(users: Users, groupOf: GroupOf): UseCount {
  const known = new Map<string, readonly string[]>();
  const podsAt = (clientID: string, node: string): readonly string[] => {
    const group = groupOf(node);
    const place = `${clientID}\n${group === undefined ? `node ${node}` : `group ${group}`}`;
    const found = known.get(place);
    if (found !== undefined) return found;
    const pods: string[] = [];
    users.some({ clientID, node: group === undefined ? node : undefined }, (user) => {
      const isHere = group === undefined || groupOf(user.node) === group;
      if (isHere && !pods.includes(user.pod) && users.isDesired(user)) pods.push(user.pod);
      return pods.length > 1;
    });
    known.set(place, pods);
    return pods;
  };
  return ({ spec }) => podsAt(spec.azureIdentityRef.spec.clientID, spec.nodename).some((name) => name !== spec.pod);
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
