/**
 * The pod identities of a managed cluster: `podIdentityProfile.userAssignedIdentities` of Microsoft.ContainerService/managedClusters, which
 * the add-on of AKS keeps, and the objects that it makes of them in the cluster.
 */
import { keyIn } from './kubernetes.ts';
import type { AzureIdentity, AzureIdentityBinding } from './kubernetes.ts';

/** States as the API names them (ManagedClusterPodIdentityProvisioningState). */
export type PodIdentityState = 'Updating' | 'Assigned' | 'Deleting' | 'Failed';

/** A pod identity: a name in a namespace for a user-assigned identity. */
export interface PodIdentity {
  readonly namespace: string;
  /** Also the selector of its binding. */
  readonly name: string;
  /** ARM id of the user-assigned identity. */
  readonly identity: string;
  readonly clientId: string;
  readonly state: PodIdentityState;
}

/** Key of a pod identity. */
export function podIdentityKey({ namespace, name }: Pick<PodIdentity, 'namespace' | 'name'>): string {
  return keyIn(namespace, name);
}

/** The AzureIdentity and the AzureIdentityBinding of a pod identity. */
export function objectsOf({ namespace, name, identity, clientId }: PodIdentity): readonly [AzureIdentity, AzureIdentityBinding] {
  const metadata = {
    name,
    namespace,
    uid: '',
    resourceVersion: '',
    labels: {},
    annotations: {},
    finalizers: [],
    ownerReferences: [],
  };
  const none = { tenantID: '', auxiliaryTenantIDs: [], adResourceID: '', adEndpoint: '' };
  return [
    { kind: 'AzureIdentity', metadata, spec: { type: 0, resourceID: identity, clientID: clientId, ...none } },
    { kind: 'AzureIdentityBinding', metadata: { ...metadata, name: `${name}-binding` }, spec: { azureIdentity: name, selector: name } },
  ];
}
