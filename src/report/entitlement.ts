/**
 * Who has a right to which identity where, as the authoritative tables say it at a moment: the yardstick of races, cleanup and
 * invariants. Follows the matching rules of MIC (mic.go:createDesiredAssignedIdentityList) without its caches.
 */
import type { AssignedStatus, AzureAssignedIdentity, Pod } from '../model/kubernetes.ts';
import { BINDING_LABEL, keyIn } from '../model/kubernetes.ts';
import type { DesiredAssignment } from '../model/mic-rows.ts';
import { desiredOf } from '../model/mic/desired.ts';
import { hasBehaviour } from '../model/pod-identity-release/behaviours.ts';
import { SETTINGS_KEY } from '../model/settings.ts';
import type { Run } from './watcher.ts';

/** Kind of AzureIdentity that stands for a user-assigned identity; the others are service principals. */
export const USER_ASSIGNED = 0;

/** Lower-case ARM id of the VM or scale set behind a providerID; undefined where it names none. */
function resourceOfProvider(providerID: string): string | undefined {
  const id = providerID.toLowerCase().replace(/^azure:\/\//, '');
  return (
    /^(.*\/virtualmachinescalesets\/[^/]+)(?:\/virtualmachines\/[^/]+)?$/.exec(id)?.[1] ?? /^(.*\/virtualmachines\/[^/]+)$/.exec(id)?.[1]
  );
}

/** Lower-case ARM id of the VM or scale set under a node; undefined if the node is not known. */
export function resourceOfNode(run: Run, node: string): string | undefined {
  const object = run.table('nodes').get(node);
  return object === undefined ? run.table('virtualMachines').get(node)?.resource : resourceOfProvider(object.spec.providerID);
}

/** The pod an AzureAssignedIdentity is for, while the API has it. */
export function podOf(run: Run, assigned: AzureAssignedIdentity): Pod | undefined {
  return run.table('pods').get(keyIn(assigned.spec.podNamespace, assigned.spec.pod));
}

/** Key of a pod as reports name it. */
export function podKeyOf(assigned: AzureAssignedIdentity): string {
  return keyIn(assigned.spec.podNamespace, assigned.spec.pod);
}

/** Whether the pod is there to stay, on that node, and a binding and an AzureIdentity still give it this identity. */
export function isNeeded(run: Run, assigned: AzureAssignedIdentity): boolean {
  const pod = podOf(run, assigned);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || pod.spec.nodeName !== assigned.spec.nodename) return false;
  const { azureBindingRef, azureIdentityRef } = assigned.spec;
  const binding = run.table('azureIdentityBindings').get(keyIn(azureBindingRef.metadata.namespace, azureBindingRef.metadata.name));
  const identity = run.table('azureIdentities').get(keyIn(azureIdentityRef.metadata.namespace, azureIdentityRef.metadata.name));
  if (binding === undefined || identity === undefined) return false;
  return binding.spec.selector === pod.metadata.labels[BINDING_LABEL] && binding.spec.azureIdentity === identity.metadata.name;
}

/**
 * Whether MIC has done what this AzureAssignedIdentity stands for. Releases before states of assigned identities (1.5) wrote it after
 * the cloud, without a state.
 */
export function isAssigned(run: Pick<Run, 'table'>, assigned: AzureAssignedIdentity): boolean {
  return assignedStates(run).includes(assigned.status.status);
}

/** What the status of an AzureAssignedIdentity says when it {@link isAssigned}. */
export function assignedStates(run: Pick<Run, 'table'>): readonly AssignedStatus[] {
  return hasBehaviour(run.table('settings').get(SETTINGS_KEY)?.version ?? '', 'micStatesOfAssigned') ? ['Assigned'] : ['Assigned', ''];
}

/** Whether some binding selects the pod, in the pod's namespace where the flag forceNamespaced asks for that: it may hope for an identity. */
export function isSelected(run: Run, podKey: string): boolean {
  const pod = run.table('pods').get(podKey);
  const label = pod?.metadata.labels[BINDING_LABEL];
  if (pod === undefined || label === undefined) return false;
  if (!isNamespaced(run)) return (run.table('azureIdentityBindings').bucket('selector', label)?.size ?? 0) > 0;
  return run
    .table('azureIdentityBindings')
    .by('selector', label)
    .some(({ metadata }) => metadata.namespace === pod.metadata.namespace);
}

function isNamespaced(run: Run): boolean {
  return run.table('settings').get(SETTINGS_KEY)?.forceNamespaced === 'yes';
}

/** What MIC would want for a pod if its caches were what the API server has. */
export function wantedFor(run: Run, pod: Pod): readonly DesiredAssignment[] {
  return desiredOf(pod, {
    replica: '',
    rule: {
      scope: isNamespaced(run) ? 'namespaced' : 'cluster',
      sharedNamespace: 'default',
    },
    bindingsOf: (selector) => run.table('azureIdentityBindings').by('selector', selector),
    identityAt: (key) => run.table('azureIdentities').get(key),
  });
}

/** Lower-case id of the user-assigned identity behind an AzureAssignedIdentity; undefined for service principals. */
export function identityOf(assigned: AzureAssignedIdentity): string | undefined {
  const { type, resourceID } = assigned.spec.azureIdentityRef.spec;
  return type === USER_ASSIGNED ? resourceID.toLowerCase() : undefined;
}

/** Whether two names mean the same VM or scale set: a bare name, or an ARM id, letter case aside. */
export function isSameResource(a: string, b: string): boolean {
  return lastSegment(a) === lastSegment(b);
}

function lastSegment(name: string): string {
  const lower = name.toLowerCase();
  return lower.slice(lower.lastIndexOf('/') + 1);
}
