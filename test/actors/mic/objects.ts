/** Makers of the objects tests of MIC need. */
import { seconds } from '../../../src/kernel/time.ts';
import type {
  AzureAssignedIdentity,
  AzureIdentity,
  AzureIdentityBinding,
  KubernetesObject,
  Node,
  Pod,
} from '../../../src/model/kubernetes.ts';
import type { ObjectMeta } from '../../../src/model/object-meta.ts';
import type { ApiCall } from '../../../src/model/messages/kubernetes.ts';
import { ASSIGNED_IDENTITY_FINALIZER } from '../../../src/model/kubernetes.ts';
import { nodeProviderId } from '../../../src/model/provider-id.ts';

/** Metadata of a new object. */
export function meta(name: string, namespace: string, more: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    name,
    namespace,
    uid: `uid-${namespace}-${name}`,
    resourceVersion: `rv-${name}`,
    labels: {},
    annotations: {},
    finalizers: [],
    ownerReferences: [],
    ...more,
  };
}

/** A pod, perhaps placed, perhaps labelled for a binding. */
export function pod(name: string, on: { readonly node?: string; readonly label?: string; readonly namespace?: string }): Pod {
  return {
    kind: 'Pod',
    metadata: meta(name, on.namespace ?? 'default', { labels: on.label === undefined ? {} : { aadpodidbinding: on.label } }),
    spec: {
      containers: [],
      ...(on.node === undefined ? {} : { nodeName: on.node }),
      nodeSelector: {},
      hostNetwork: false,
      serviceAccountName: 'default',
      terminationGracePeriod: seconds(0),
      restartPolicy: 'Always',
      toleratesAll: false,
    },
    status: { phase: 'Pending', podIP: '', ready: false, restarts: 0 },
  };
}

/** A node: an instance of a scale set if its name ends in `-N`, else a VM. */
export function node(name: string): Node {
  const [, scaleSet, instance] = /^(.+)-(\d+)$/.exec(name) ?? [];
  const providerID =
    scaleSet === undefined
      ? nodeProviderId({ subscription: 's1', resourceGroup: 'rg', resourceKind: 'vm', resourceName: name, name })
      : `azure:///subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/${scaleSet}/virtualMachines/${instance ?? ''}`;
  return { kind: 'Node', metadata: meta(name, ''), spec: { providerID, unschedulable: false }, status: { ready: true, maxPods: 30 } };
}

/** ARM id of a user-assigned identity. */
export function armId(name: string): string {
  return `/subscriptions/s1/resourcegroups/ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

/** An AzureIdentity for the user-assigned identity of the same name. */
export function azureIdentity(name: string, spec: Partial<AzureIdentity['spec']> = {}, namespace = 'default'): AzureIdentity {
  return {
    kind: 'AzureIdentity',
    metadata: meta(name, namespace),
    spec: {
      type: 0,
      resourceID: armId(name),
      clientID: `client-${name}`,
      tenantID: '',
      auxiliaryTenantIDs: [],
      adResourceID: '',
      adEndpoint: '',
      ...spec,
    },
  };
}

/** A binding of pods with that label value to an AzureIdentity. */
export function binding(name: string, azureIdentityName: string, selector: string, namespace = 'default'): AzureIdentityBinding {
  return { kind: 'AzureIdentityBinding', metadata: meta(name, namespace), spec: { azureIdentity: azureIdentityName, selector } };
}

/** The AzureAssignedIdentity of a pod in status Assigned, as MIC leaves it. */
export function assignedIdentity(of: Pod, identity: AzureIdentity, bound: AzureIdentityBinding): AzureAssignedIdentity {
  const { name, namespace } = of.metadata;
  const nodename = of.spec.nodeName ?? '';
  const labels = { nodename };
  return {
    kind: 'AzureAssignedIdentity',
    metadata: meta(`${name}-${namespace}-${identity.metadata.name}`, 'default', { labels, finalizers: [ASSIGNED_IDENTITY_FINALIZER] }),
    spec: { azureIdentityRef: identity, azureBindingRef: bound, pod: name, podNamespace: namespace, nodename },
    status: { status: 'Assigned' },
  };
}

/** POST of an object. */
export function create(object: KubernetesObject): ApiCall {
  return { verb: 'create', object };
}

/** DELETE of an object, at once. */
export function remove(kind: KubernetesObject['kind'], key: string): ApiCall {
  return { verb: 'delete', kind, key, grace: 'now' };
}
