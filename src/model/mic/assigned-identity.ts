/** Makes the AzureAssignedIdentities MIC writes. Follows pkg/mic/mic.go:makeAssignedIDs and pkg/crd/crd.go (finalizer, label). */
import { ASSIGNED_IDENTITY_FINALIZER } from '../kubernetes.ts';
import type { AzureAssignedIdentity, AzureIdentity, AzureIdentityBinding } from '../kubernetes.ts';
import type { DesiredAssignment } from '../mic-rows.ts';

/** What an AzureAssignedIdentity embeds. */
export interface Embedded {
  readonly identity: AzureIdentity;
  readonly binding: AzureIdentityBinding;
}

/** What a release gives a new object. */
export interface Birth {
  readonly status: 'Created' | '';
  readonly finalizer: 'on' | 'off';
}

/** The object to POST, labelled with its node and nothing else. */
export function newAssignedIdentity(row: DesiredAssignment, embedded: Embedded, birth: Birth): AzureAssignedIdentity {
  return {
    kind: 'AzureAssignedIdentity',
    metadata: {
      name: row.name,
      namespace: row.namespace,
      uid: '',
      resourceVersion: '',
      labels: { nodename: row.node },
      annotations: {},
      finalizers: birth.finalizer === 'on' ? [ASSIGNED_IDENTITY_FINALIZER] : [],
      ownerReferences: [],
    },
    spec: specOf(row, embedded),
    status: { status: birth.status },
  };
}

/**
 * The object to PUT: the cached metadata (version, finalizers, namespace) under the new spec, status Created. `kept`: the label names
 * the old node still.
 */
export function replacedAssignedIdentity(
  cached: AzureAssignedIdentity,
  row: DesiredAssignment,
  embedded: Embedded,
  labels: 'renewed' | 'kept' = 'renewed',
): AzureAssignedIdentity {
  return {
    kind: 'AzureAssignedIdentity',
    metadata: labels === 'kept' ? cached.metadata : { ...cached.metadata, labels: { nodename: row.node } },
    spec: specOf(row, embedded),
    status: { status: 'Created' },
  };
}

/** The object to PUT so that a deleted one can go. */
export function withoutFinalizer(object: AzureAssignedIdentity): AzureAssignedIdentity {
  const finalizers = object.metadata.finalizers.filter((finalizer) => finalizer !== ASSIGNED_IDENTITY_FINALIZER);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

function specOf(row: DesiredAssignment, { identity, binding }: Embedded): AzureAssignedIdentity['spec'] {
  return { azureIdentityRef: identity, azureBindingRef: binding, pod: row.pod, podNamespace: row.podNamespace, nodename: row.node };
}
