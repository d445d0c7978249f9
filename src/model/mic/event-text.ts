/**
 * Events of MIC (§5.6): reason, level and words of each.
 *
 * Follows pkg/mic/mic.go (updateUserMSI, cleanUpAllAssignedIdentitiesOnNode). Two of the texts are known from recordings of the real MIC;
 * Simplified: the words of "binding removed", "binding remove error" and "status update error" are ours, in the same form.
 */
import type { AzureAssignedIdentity } from '../kubernetes.ts';

/** Why MIC writes an Event. */
export type MicEventReason = 'binding applied' | 'binding apply error' | 'binding removed' | 'binding remove error' | 'status update error';

/** Level of each. */
export const MIC_EVENT_LEVEL: Readonly<Record<MicEventReason, 'Normal' | 'Warning'>> = {
  'binding applied': 'Normal',
  'binding apply error': 'Warning',
  'binding removed': 'Normal',
  'binding remove error': 'Warning',
  'status update error': 'Warning',
};

/** What it says. `error` is what the API server or the cloud provider said; `''` where nothing failed. */
export function micEventMessage(
  reason: MicEventReason,
  { assigned, error }: { readonly assigned: AzureAssignedIdentity; readonly error: string },
): string {
  const { azureBindingRef, nodename, pod, podNamespace } = assigned.spec;
  const { name, namespace } = azureBindingRef.metadata;
  switch (reason) {
    case 'binding applied':
      return `Binding ${name} applied on node ${nodename} for pod ${assigned.metadata.name}`;
    case 'binding removed':
      return `Binding ${name} removed from node ${nodename} for pod ${assigned.metadata.name}`;
    case 'binding apply error':
      return `failed to apply binding ${namespace}/${name} node ${nodename} for pod ${podNamespace}/${pod}, error: ${error}`;
    case 'binding remove error':
      return `failed to remove binding ${namespace}/${name} node ${nodename} for pod ${podNamespace}/${pod}, error: ${error}`;
    case 'status update error':
      return `failed to update status of assigned identity ${assigned.metadata.namespace}/${assigned.metadata.name}, error: ${error}`;
  }
}
