/**
 * The diff of one name: what the cache holds against what is desired.
 *
 * Follows pkg/mic/mic.go:matchAssignedID, getAzureAssignedIDsToCreate, getAzureAssignedIDsToDelete, getAzureAssignedIdentitiesToUpdate.
 */
import type { AzureAssignedIdentity } from '../kubernetes.ts';
import type { DesiredAssignment } from '../mic-rows.ts';

/** What a cycle does about one name. `retry` is a create of what is `Created` already: no POST, only cloud and status. */
export type Difference = 'nothing' | 'create' | 'retry' | 'update' | 'delete';

/**
 * Compares cache and wish. Faithful: namespaces of AzureIdentity and binding, contents, status, labels and uids are not compared, so
 * `Unassigned` that is wanted again stays as it is (W5), and any edit of an AzureIdentity bounces all it is bound to (W31).
 */
export function differenceOf(cached: AzureAssignedIdentity | undefined, desired: DesiredAssignment | undefined): Difference {
  if (cached === undefined) return desired === undefined ? 'nothing' : 'create';
  if (desired === undefined) return 'delete';
  if (!isMatch(cached, desired)) return 'update';
  return cached.status.status === 'Created' ? 'retry' : 'nothing';
}

function isMatch(cached: AzureAssignedIdentity, desired: DesiredAssignment): boolean {
  const { azureIdentityRef, azureBindingRef, pod, podNamespace, nodename } = cached.spec;
  return (
    azureBindingRef.metadata.name === desired.bindingName &&
    azureBindingRef.metadata.resourceVersion === desired.bindingVersion &&
    azureIdentityRef.metadata.name === desired.identityName &&
    azureIdentityRef.metadata.resourceVersion === desired.identityVersion &&
    pod === desired.pod &&
    podNamespace === desired.podNamespace &&
    nodename === desired.node
  );
}
