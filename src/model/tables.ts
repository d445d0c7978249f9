/** The big collections of the world: row types, indexes, and which of them watches may follow. */
import type { IndexOf, TableDefinition } from '../kernel/revision.ts';
import { minutes } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';
import type { ComputeResource, IdentityGrant, RoleAssignment, ServicePrincipal, UserAssignedIdentity } from './azure.ts';
import type { ControlledPod, NodePoolRow, Placement, SchedulerNode, UsedName, VirtualMachine } from './cluster-rows.ts';
import type { NodeRules } from './node-rules.ts';
import type { AdmissionRule } from './admission.ts';
import type { DirectoryClaim, DirectoryGroup } from './directory.ts';
import type { EgressPolicy } from './egress.ts';
import type { FederatedCredential } from './federated-credential.ts';
import { BINDING_LABEL, keyIn } from './kubernetes.ts';
import type {
  AzureAssignedIdentity,
  AzureIdentity,
  AzureIdentityBinding,
  AzurePodIdentityException,
  ConfigMap,
  DaemonSet,
  Deployment,
  Job,
  KubernetesEvent,
  KubernetesKind,
  KubernetesObject,
  Lease,
  Namespace,
  Node,
  Pod,
  Secret,
  ServiceAccount,
  StatefulSet,
} from './kubernetes.ts';
import type { PodDisruptionBudget, SecretProviderClass } from './kubernetes-extras.ts';
import type {
  AssignmentCount,
  CountedAssignment,
  CountedNode,
  DesiredAssignment,
  RecordedObject,
  TouchedName,
  WorkItem,
} from './mic-rows.ts';
import type { PodIdentity } from './pod-identity-profile.ts';
import { placeOfProvider } from './provider-id.ts';
import { selectionKey } from './selectors.ts';
import { taintsText } from './taints.ts';
import type { CloudConfig, PodIdentitySettings } from './settings.ts';
import type { OidcIssuer } from './signing-keys.ts';
import type { StoryRow } from './story.ts';
import type { ClientSecret, ServiceRow, VaultTraffic, WorkloadRow } from './workload.ts';
import type { WorkloadIdentitySettings } from './workload-identity.ts';

/** Row type of every table. */
export interface Tables {
  readonly pods: Pod;
  readonly nodes: Node;
  readonly deployments: Deployment;
  readonly statefulSets: StatefulSet;
  readonly daemonSets: DaemonSet;
  readonly jobs: Job;
  readonly podDisruptionBudgets: PodDisruptionBudget;
  readonly secrets: Secret;
  readonly configMaps: ConfigMap;
  readonly serviceAccounts: ServiceAccount;
  readonly secretProviderClasses: SecretProviderClass;
  readonly namespaces: Namespace;
  readonly leases: Lease;
  readonly events: KubernetesEvent;
  readonly azureIdentities: AzureIdentity;
  readonly azureIdentityBindings: AzureIdentityBinding;
  readonly azureAssignedIdentities: AzureAssignedIdentity;
  readonly azurePodIdentityExceptions: AzurePodIdentityException;
  readonly computeResources: ComputeResource;
  readonly identityGrants: IdentityGrant;
  readonly userAssignedIdentities: UserAssignedIdentity;
  readonly roleAssignments: RoleAssignment;
  readonly servicePrincipals: ServicePrincipal;
  readonly groups: DirectoryGroup;
  readonly directoryClaims: DirectoryClaim;
  readonly federatedCredentials: FederatedCredential;
  readonly virtualMachines: VirtualMachine;
  readonly nodePools: NodePoolRow;
  readonly nodeRules: NodeRules;
  readonly workloads: WorkloadRow;
  readonly services: ServiceRow;
  readonly vaultTraffic: VaultTraffic;
  readonly story: StoryRow;
  readonly settings: PodIdentitySettings;
  readonly cloudConfigs: CloudConfig;
  readonly workloadIdentity: WorkloadIdentitySettings;
  readonly oidcIssuers: OidcIssuer;
  readonly podIdentities: PodIdentity;
  readonly clientSecrets: ClientSecret;
  readonly micDesired: DesiredAssignment;
  readonly micTouched: TouchedName;
  readonly micWork: WorkItem;
  readonly micEvents: RecordedObject;
  readonly micCounted: CountedAssignment;
  readonly micNodes: CountedNode;
  readonly micCounts: AssignmentCount;
  readonly usedNames: UsedName;
  readonly schedulerNodes: SchedulerNode;
  readonly placements: Placement;
  readonly controlledPods: ControlledPod;
  readonly admissionRules: AdmissionRule;
  readonly egressPolicies: EgressPolicy;
}

/** Names of tables. */
export type TableName = keyof Tables;

/** Table of each kind of object the API server keeps. */
export const TABLE_OF_KIND: Readonly<Record<KubernetesKind, TableName>> = {
  Pod: 'pods',
  Node: 'nodes',
  Deployment: 'deployments',
  StatefulSet: 'statefulSets',
  DaemonSet: 'daemonSets',
  Job: 'jobs',
  PodDisruptionBudget: 'podDisruptionBudgets',
  Secret: 'secrets',
  ConfigMap: 'configMaps',
  ServiceAccount: 'serviceAccounts',
  SecretProviderClass: 'secretProviderClasses',
  Namespace: 'namespaces',
  Endpoints: 'leases',
  Event: 'events',
  AzureIdentity: 'azureIdentities',
  AzureIdentityBinding: 'azureIdentityBindings',
  AzureAssignedIdentity: 'azureAssignedIdentities',
  AzurePodIdentityException: 'azurePodIdentityExceptions',
};

const byNamespace: IndexOf<KubernetesObject> = (object) => object.metadata.namespace;
const byOwner: IndexOf<KubernetesObject> = (object) =>
  object.metadata.ownerReferences.map((owner) => `${owner.kind}/${keyIn(object.metadata.namespace, owner.name)}`);

/** Minute of a moment, as the index `minute` names it. */
export function minuteOf(moment: Moment): string {
  return String(Math.floor(moment / minutes(1)));
}

const plain = { lag: 'none' } as const;
const watched = { lag: 'watch', indexes: { namespace: byNamespace } } as const;

/** Indexes and watches of every table. */
export const TABLES: { readonly [N in TableName]: TableDefinition<Tables[N]> } = {
  pods: {
    lag: 'watch',
    indexes: {
      /** `''` holds the pods that no scheduler has placed yet. */
      node: (pod) => pod.spec.nodeName ?? '',
      namespace: byNamespace,
      owner: byOwner,
      ip: (pod) => (pod.status.podIP === '' ? undefined : pod.status.podIP),
      selector: (pod) => pod.metadata.labels[BINDING_LABEL],
    },
    watchable: ['node', 'namespace'],
    projections: {
      /** What MIC's handler compares: node and label. */
      placement: (pod) => `${pod.spec.nodeName ?? ''}|${pod.metadata.labels[BINDING_LABEL] ?? ''}`,
      /** What it compared before it looked at labels. */
      node: (pod) => pod.spec.nodeName ?? '',
      /** What a controller of pods reacts to. */
      lifecycle: (pod) => `${pod.status.phase}|${String(pod.status.ready)}|${String(pod.metadata.deletionTimestamp !== undefined)}`,
      /** What the scheduler counts: where a pod is, and whether it still takes a place there. */
      placing: (pod) => `${pod.spec.nodeName ?? ''}|${pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed' ? 'over' : 'live'}`,
      /** What a kubelet reacts to: its own status writes do not concern it. */
      orders: (pod) => `${pod.spec.nodeName ?? ''}|${String(pod.metadata.deletionTimestamp !== undefined)}`,
    },
  },
  nodes: {
    lag: 'watch',
    indexes: {
      pool: (node) => node.metadata.labels['agentpool'],
      provider: (node) => node.spec.providerID.toLowerCase(),
      /** `broken`: MIC cannot read the providerID; one such node under a matched pod stops its removals. */
      reading: (node) => (node.spec.providerID !== '' && placeOfProvider(node.spec.providerID) === undefined ? 'broken' : undefined),
    },
    projections: {
      placement: (node) => `${node.spec.providerID}|${String(node.spec.unschedulable)}|${String(node.status.ready)}${taintsText(node)}`,
    },
  },
  deployments: watched,
  statefulSets: watched,
  daemonSets: watched,
  jobs: watched,
  podDisruptionBudgets: watched,
  secrets: watched,
  configMaps: watched,
  serviceAccounts: watched,
  secretProviderClasses: watched,
  namespaces: { lag: 'watch' },
  leases: watched,
  events: {
    ...watched,
    indexes: {
      namespace: byNamespace,
      regarding: (event) => event.regarding,
      /** Minute in which it was made: those of one minute expire together. */
      minute: (event) => (event.metadata.creationTimestamp === undefined ? undefined : minuteOf(event.metadata.creationTimestamp)),
    },
  },
  azureIdentities: watched,
  azureIdentityBindings: {
    lag: 'watch',
    indexes: {
      namespace: byNamespace,
      selector: (binding) => binding.spec.selector,
      identity: (binding) => keyIn(binding.metadata.namespace, binding.spec.azureIdentity),
    },
  },
  azureAssignedIdentities: {
    lag: 'watch',
    indexes: {
      namespace: byNamespace,
      node: (assigned) => assigned.metadata.labels['nodename'],
      pod: (assigned) => keyIn(assigned.spec.podNamespace, assigned.spec.pod),
      name: (assigned) => assigned.metadata.name,
      status: (assigned) => assigned.status.status,
    },
    watchable: ['node'],
  },
  azurePodIdentityExceptions: watched,
  computeResources: {
    ...plain,
    indexes: {
      identity: (resource) => resource.userAssigned.map((id) => id.toLowerCase()),
      name: (resource) => `${resource.kind}/${resource.name.toLowerCase()}`,
    },
  },
  identityGrants: { ...plain, indexes: { resource: (grant) => grant.resource, principal: (grant) => grant.principalId } },
  userAssignedIdentities: plain,
  roleAssignments: {
    ...plain,
    indexes: {
      principal: (assignment) => assignment.principalId,
      state: (assignment) => (assignment.deletedAt === undefined ? 'standing' : 'revoked'),
    },
  },
  servicePrincipals: {
    ...plain,
    indexes: { app: (principal) => principal.appId.toLowerCase(), resource: (principal) => principal.resourceId.toLowerCase() },
  },
  groups: plain,
  directoryClaims: { ...plain, indexes: { principal: (claim) => claim.principalId } },
  federatedCredentials: { ...plain, indexes: { principal: (credential) => credential.principalId } },
  virtualMachines: { ...plain, indexes: { resource: (vm) => vm.resource, node: (vm) => (vm.node === '' ? undefined : vm.node) } },
  nodePools: plain,
  nodeRules: { ...plain, indexes: { node: (rules) => rules.node } },
  workloads: { ...plain, indexes: { selected: selectionKey, client: (workload) => workload.clientId } },
  services: { ...plain, indexes: { kind: (service) => service.kind } },
  vaultTraffic: plain,
  story: { ...plain, indexes: { time: (row) => String(row.at) } },
  settings: plain,
  cloudConfigs: plain,
  workloadIdentity: plain,
  oidcIssuers: plain,
  podIdentities: plain,
  clientSecrets: plain,
  micDesired: {
    ...plain,
    indexes: {
      replica: (row) => row.replica,
      pod: (row) => `${row.replica}|${row.podKey}`,
      name: (row) => `${row.replica}|${row.name}`,
      client: (row) => `${row.replica}|${row.clientID}`,
      place: (row) => `${row.replica}|${row.clientID}|${row.node}`,
      binding: (row) => `${row.replica}|${row.bindingKey}`,
      identity: (row) => `${row.replica}|${row.identityKey}`,
    },
  },
  micTouched: { ...plain, indexes: { replica: (row) => row.replica } },
  micEvents: { ...plain, indexes: { replica: (row) => row.replica } },
  micCounted: { ...plain, indexes: { node: (row) => `${row.replica}|${row.node}` } },
  micNodes: plain,
  micCounts: { ...plain, indexes: { replica: (row) => row.replica } },
  micWork: { ...plain, indexes: { replica: (row) => row.replica } },
  usedNames: plain,
  schedulerNodes: { ...plain, indexes: { load: (row) => (row.isOpen ? `load-${String(row.pods)}` : undefined) } },
  placements: plain,
  admissionRules: plain,
  egressPolicies: plain,
  controlledPods: {
    ...plain,
    indexes: {
      owner: (row) => row.owner,
      stage: (row) => `${row.owner}|${row.stage}`,
      revision: (row) => `${row.owner}|${row.templateHash}|${row.stage}`,
      node: (row) => `${row.owner}|${row.node}`,
    },
  },
};
