/**
 * What NMI sees of a pod's AzureAssignedIdentities at one look.
 *
 * Follows aad-pod-identity v1.8.17 `pkg/crd/crd.go:ListPodIds` and `pkg/nmi/standard.go:listPodIDsWithRetry`. The identity in force is
 * the copy inside the AzureAssignedIdentity. Faithful: node name, deletion timestamp, pod UID and binding are not looked at.
 */
import type { AzureAssignedIdentity } from '../kubernetes.ts';

/** The identity a request names; both `''`: none. With both given, either will do. */
export interface Wanted {
  readonly clientId: string;
  readonly resourceId: string;
}

/** Something that carries an AzureAssignedIdentity, such as a revision of one. */
export interface Sighting {
  readonly value: AzureAssignedIdentity;
}

/** What one look found. */
export type Look<T extends Sighting> =
  /** A usable one is there: all of that state, not only those asked for (legacy ones without state come before Assigned). */
  | { readonly kind: 'usable'; readonly usable: readonly T[] }
  /** MIC has begun: at least one (that is wanted) is in Created. */
  | { readonly kind: 'created' }
  | { readonly kind: 'none' };

/** Whether a request names an identity. */
export function namesIdentity(wanted: Wanted): boolean {
  return wanted.clientId !== '' || wanted.resourceId !== '';
}

/** Whether an identity is the one wanted, letter case aside. */
function isWanted(item: Sighting, wanted: Wanted): boolean {
  if (!namesIdentity(wanted)) return true;
  const { clientID, resourceID } = item.value.spec.azureIdentityRef.spec;
  return isSame(wanted.clientId, clientID) || isSame(wanted.resourceId, resourceID);
}

function isSame(asked: string, held: string): boolean {
  return asked !== '' && asked.toLowerCase() === held.toLowerCase();
}

/** Looks once at the AzureAssignedIdentities of a pod. */
export function lookAt<T extends Sighting>(items: readonly T[], wanted: Wanted): Look<T> {
  for (const status of ['', 'Assigned'] as const) {
    const usable = items.filter((item) => item.value.status.status === status);
    if (usable.some((item) => isWanted(item, wanted))) return { kind: 'usable', usable };
  }
  const isCreated = items.some((item) => item.value.status.status === 'Created' && isWanted(item, wanted));
  return { kind: isCreated ? 'created' : 'none' };
}
