/** Kubernetes objects of the token path's tests: one node, its pods, their identities. */
import { seconds } from '../../src/kernel/time.ts';
import type { AssignedStatus, AzureAssignedIdentity, AzureIdentity, Pod } from '../../src/model/kubernetes.ts';
import type { ObjectMeta } from '../../src/model/object-meta.ts';
import { keyOf } from '../../src/model/kubernetes.ts';
import type { Turn } from '../../src/model/vocabulary.ts';

/** Name of the only node, and of its VM. */
export const NODE = 'node-0';
/** Address of the pod that `podObject` makes. */
export const POD_IP = '10.244.0.10';

/** Metadata of an object. */
export function meta(name: string, namespace = 'default', more: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    name,
    namespace,
    uid: `${namespace}/${name}/1`,
    resourceVersion: '1',
    labels: {},
    annotations: {},
    finalizers: [],
    ownerReferences: [],
    ...more,
  };
}

/** A running pod on the node. */
export function podObject(
  name = 'app',
  more: {
    readonly namespace?: string;
    readonly ip?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly phase?: Pod['status']['phase'];
    readonly owner?: string;
  } = {},
): Pod {
  const ownerReferences = more.owner === undefined ? [] : [{ kind: 'ReplicaSet', name: more.owner }];
  return {
    kind: 'Pod',
    metadata: meta(name, more.namespace ?? 'default', { labels: more.labels ?? {}, ownerReferences }),
    spec: {
      containers: [],
      nodeName: NODE,
      nodeSelector: {},
      hostNetwork: false,
      serviceAccountName: 'default',
      terminationGracePeriod: seconds(30),
      restartPolicy: 'Always',
      toleratesAll: false,
    },
    status: { phase: more.phase ?? 'Running', podIP: more.ip ?? POD_IP, ready: true, restarts: 0 },
  };
}

/** A user-assigned identity as Kubernetes knows it. */
export function identityObject(
  name: string,
  more: Partial<AzureIdentity['spec']> & { readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> } = {},
): AzureIdentity {
  const { namespace, annotations, ...spec } = more;
  return {
    kind: 'AzureIdentity',
    metadata: meta(name, namespace ?? 'default', { annotations: annotations ?? {} }),
    spec: {
      type: 0,
      resourceID: `/resource/${name}`,
      clientID: `client-${name}`,
      tenantID: '',
      auxiliaryTenantIDs: [],
      adResourceID: '',
      adEndpoint: '',
      ...spec,
    },
  };
}

/** An AzureAssignedIdentity of a pod. */
export function assignedObject(identity: AzureIdentity, status: AssignedStatus, podName = 'app'): AzureAssignedIdentity {
  const name = `${podName}-default-${identity.metadata.name}`;
  return {
    kind: 'AzureAssignedIdentity',
    metadata: meta(name, 'default', { labels: { nodename: NODE } }),
    spec: {
      azureIdentityRef: identity,
      azureBindingRef: {
        kind: 'AzureIdentityBinding',
        metadata: meta('binding'),
        spec: { azureIdentity: identity.metadata.name, selector: 's' },
      },
      pod: podName,
      podNamespace: 'default',
      nodename: NODE,
    },
    status: { status },
  };
}

/** Writes an AzureAssignedIdentity, as MIC would through the API server. */
export function putAssigned(identity: AzureIdentity, status: AssignedStatus) {
  return (turn: Turn): void => {
    const object = assignedObject(identity, status);
    turn.table('azureAssignedIdentities').put(keyOf(object), object);
  };
}
