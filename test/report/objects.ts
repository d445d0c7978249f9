/** Kubernetes and Azure objects for hand-made runs: what a test does not name has an ordinary value. */
import type { Moment } from '../../src/kernel/time.ts';
import type { ComputeResource, RoleAssignment, ServicePrincipal, UserAssignedIdentity } from '../../src/model/azure.ts';
import type { Fact, FactOf } from '../../src/model/facts/index.ts';
import type { AssignedStatus, AzureAssignedIdentity, AzureIdentity, AzureIdentityBinding, Node, Pod } from '../../src/model/kubernetes.ts';
import type { ObjectMeta } from '../../src/model/object-meta.ts';
import { ASSIGNED_IDENTITY_FINALIZER, BINDING_LABEL } from '../../src/model/kubernetes.ts';
import type { PodIdentitySettings } from '../../src/model/settings.ts';

const GROUP = '/subscriptions/sub/resourceGroups/rg/providers';
/** ARM id of the scale set of all nodes. */
export const SCALE_SET = `${GROUP}/Microsoft.Compute/virtualMachineScaleSets/pool`;
/** ARM id of the identity `reader`. */
export const READER = `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
/** Client id of `reader`. */
export const CLIENT = '11111111-0000-4000-8000-000000000001';
/** Object id of `reader`'s service principal. */
export const OBJECT = '22222222-0000-4000-8000-000000000001';

function meta(namespace: string, name: string, more: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    name,
    namespace,
    uid: `${namespace}/${name}#1`,
    resourceVersion: '1',
    labels: {},
    annotations: {},
    finalizers: [],
    ownerReferences: [],
    ...more,
  };
}

/** A pod on `node-a` that asks for `reader` by its label. */
export function pod(name: string, more: { readonly node?: string; readonly deleted?: number; readonly label?: string } = {}): Pod {
  const { node = 'node-a', deleted, label = 'reader' } = more;
  return {
    kind: 'Pod',
    metadata: meta('default', name, {
      labels: { [BINDING_LABEL]: label },
      ...(deleted === undefined ? {} : { deletionTimestamp: deleted as Moment }),
    }),
    spec: {
      containers: [],
      nodeName: node,
      nodeSelector: {},
      hostNetwork: false,
      serviceAccountName: 'default',
      terminationGracePeriod: 30_000_000 as never,
      restartPolicy: 'Always',
      toleratesAll: false,
    },
    status: { phase: 'Running', podIP: '10.0.0.9', ready: true, restarts: 0 },
  };
}

/** A node on the scale set. */
export function node(name: string): Node {
  const providerID = `azure://${SCALE_SET}/virtualMachines/0`;
  return { kind: 'Node', metadata: meta('', name), spec: { providerID, unschedulable: false }, status: { ready: true, maxPods: 30 } };
}

/** AzureIdentity `reader`. */
export function azureIdentity(): AzureIdentity {
  return {
    kind: 'AzureIdentity',
    metadata: meta('default', 'reader'),
    spec: { type: 0, resourceID: READER, clientID: CLIENT, tenantID: '', auxiliaryTenantIDs: [], adResourceID: '', adEndpoint: '' },
  };
}

/** The binding of `reader`. */
export function binding(): AzureIdentityBinding {
  return {
    kind: 'AzureIdentityBinding',
    metadata: meta('default', 'reader-binding'),
    spec: { azureIdentity: 'reader', selector: 'reader' },
  };
}

/** AzureAssignedIdentity of `reader` for a pod. */
export function assigned(podName: string, status: AssignedStatus, more: { readonly node?: string } = {}): AzureAssignedIdentity {
  const { node: nodename = 'node-a' } = more;
  return {
    kind: 'AzureAssignedIdentity',
    metadata: meta('default', `${podName}-default-reader`, { labels: { nodename }, finalizers: [ASSIGNED_IDENTITY_FINALIZER] }),
    spec: { azureIdentityRef: azureIdentity(), azureBindingRef: binding(), pod: podName, podNamespace: 'default', nodename },
    status: { status },
  };
}

/** The scale set with these identities. */
export function scaleSet(identities: readonly string[], more: Partial<ComputeResource> = {}): ComputeResource {
  return {
    kind: 'vmss',
    id: SCALE_SET,
    name: 'pool',
    resourceGroup: 'rg',
    identityType: identities.length === 0 ? 'None' : 'UserAssigned',
    userAssigned: identities,
    provisioningState: 'Succeeded',
    capacity: 1,
    generation: 0,
    ...more,
  };
}

/** The managed identity `reader` in Azure. */
export function managedIdentity(): UserAssignedIdentity {
  return { id: READER, name: 'reader', resourceGroup: 'rg', clientId: CLIENT, principalId: OBJECT };
}

/** Its service principal. */
export function principal(more: Partial<ServicePrincipal> = {}): ServicePrincipal {
  return {
    objectId: OBJECT,
    appId: CLIENT,
    kind: 'userAssigned',
    displayName: 'reader',
    resourceId: READER,
    createdAt: 0 as Moment,
    replicatedAt: 0 as Moment,
    credentials: [],
    ...more,
  };
}

/** Its right to read the database. */
export function role(more: Partial<RoleAssignment> = {}): RoleAssignment {
  return { id: 'role-1', principalId: OBJECT, role: 'Reader', scope: `${GROUP}/Microsoft.Sql/servers/db`, createdAt: 0 as Moment, ...more };
}

/** Pod identity in standard mode. */
export function settings(more: Partial<PodIdentitySettings> = {}): PodIdentitySettings {
  return {
    mode: 'standard',
    version: '1.8.17',
    lookup: 'aai',
    forceNamespaced: 'no',
    micNamespace: 'default',
    immutableClientIds: [],
    clusterIdentityClientId: '',
    resourceGroup: 'rg',
    subscription: 'sub',
    metadataHeaderRequired: 'yes',
    retryAfterHeader: 'no',
    blockInstanceMetadata: 'no',
    scaleFeatures: 'no',
    network: 'azure',
    ...more,
  };
}

/** A cluster of one node with pod `web`, whose identity is Assigned and attached. */
export function settledWorld(): {
  readonly settings: Record<string, PodIdentitySettings>;
  readonly nodes: Record<string, Node>;
  readonly virtualMachines: Record<string, { name: string; resource: string; resourceKind: 'vmss'; node: string }>;
  readonly pods: Record<string, Pod>;
  readonly azureIdentities: Record<string, AzureIdentity>;
  readonly azureIdentityBindings: Record<string, AzureIdentityBinding>;
  readonly azureAssignedIdentities: Record<string, AzureAssignedIdentity>;
  readonly computeResources: Record<string, ComputeResource>;
  readonly userAssignedIdentities: Record<string, UserAssignedIdentity>;
  readonly servicePrincipals: Record<string, ServicePrincipal>;
  readonly roleAssignments: Record<string, RoleAssignment>;
} {
  return {
    settings: { podIdentity: settings() },
    nodes: { 'node-a': node('node-a') },
    virtualMachines: { 'node-a': { name: 'node-a', resource: SCALE_SET.toLowerCase(), resourceKind: 'vmss', node: 'node-a' } },
    pods: { 'default/web': pod('web') },
    azureIdentities: { 'default/reader': azureIdentity() },
    azureIdentityBindings: { 'default/reader-binding': binding() },
    azureAssignedIdentities: { 'default/web-default-reader': assigned('web', 'Assigned') },
    computeResources: { [SCALE_SET.toLowerCase()]: scaleSet([READER]) },
    userAssignedIdentities: { [READER.toLowerCase()]: managedIdentity() },
    servicePrincipals: { [OBJECT]: principal() },
    roleAssignments: { 'role-1': role() },
  };
}

/** Facts of one kind with ordinary values; a test names what matters. */
export const fact = {
  asked: (request: string, more: Partial<FactOf<'token-asked'>> = {}): Fact => ({
    type: 'token-asked',
    pod: 'default/web',
    request,
    ordinal: 1,
    resource: 'https://database.windows.net/',
    clientId: CLIENT,
    startedAt: 0 as Moment,
    ...more,
  }),
  answered: (request: string, more: Partial<FactOf<'token-answered'>> = {}): Fact => ({
    type: 'token-answered',
    pod: 'default/web',
    request,
    ordinal: 1,
    isFirst: true,
    since: 0 as Moment,
    uti: `uti-${request}`,
    objectId: OBJECT,
    appId: CLIENT,
    requestedClientId: CLIENT,
    servedBy: 'nmi',
    isCachedAtImds: false,
    ...more,
  }),
  failed: (request: string, more: Partial<FactOf<'token-failed'>> = {}): Fact => ({
    type: 'token-failed',
    pod: 'default/web',
    request,
    ordinal: 1,
    status: 403,
    reason: 'denied',
    askedAt: 0 as Moment,
    purpose: 'needed',
    ...more,
  }),
  tried: (status: number): Fact => ({
    type: 'token-try-ended',
    pod: 'default/web',
    request: 'r',
    attempt: 1,
    status,
    servedBy: 'nmi',
    took: 1000 as never,
  }),
  nmi: (status: number, more: Partial<FactOf<'nmi-answered'>> = {}): Fact => ({
    type: 'nmi-answered',
    node: 'node-a',
    request: 'r',
    sender: 'default/web',
    status,
    took: 1000 as never,
    clientId: CLIENT,
    resource: '',
    found: 'Assigned',
    identity: 'default/web',
    route: 'token',
    path: '/metadata/identity/oauth2/token',
    pod: 'default/web',
    namespace: 'default',
    hasRetryAfter: false,
    isCounted: true,
    ...more,
  }),
  issued: (uti: string, expiresAt: number, more: Partial<FactOf<'aad-token-issued'>> = {}): Fact => ({
    type: 'aad-token-issued',
    uti,
    objectId: OBJECT,
    appId: CLIENT,
    audience: 'https://database.windows.net/',
    principalKind: 'userAssigned',
    keyId: 'key-1',
    expiresAt: expiresAt as Moment,
    loggedAt: 0 as Moment,
    keptUntil: Infinity as Moment,
    ...more,
  }),
  accessed: (sender: string, more: Partial<FactOf<'service-answered'>> = {}): Fact => ({
    type: 'service-answered',
    service: 'db',
    kind: 'sql',
    operation: 'read',
    request: 'q',
    objectId: OBJECT,
    appId: CLIENT,
    uti: 'uti-1',
    callerIP: '10.0.0.9',
    sender,
    status: 200,
    error: '',
    loggedAt: 0 as Moment,
    ...more,
  }),
  containerEnded: (podKey: string): Fact => ({
    type: 'container-ended',
    pod: podKey,
    uid: 'u',
    node: 'node-a',
    ip: '10.0.0.9',
    reason: 'Completed',
  }),
} as const;
