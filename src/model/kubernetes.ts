/**
 * Kubernetes objects as the simulator keeps them: the fields that something here reads, spelled as upstream spells them.
 *
 * Follows the Kubernetes API (core/v1, apps/v1, batch/v1, coordination/v1) and the CRDs of aad-pod-identity v1.8.17
 * (`aadpodidentity.k8s.io/v1`). Fields that nothing reads are dropped on loading. See docs/FIDELITY.md.
 */
import type { Duration, Moment } from '../kernel/time.ts';
import type { InitContainerStatus } from './init-container-status.ts';
import type { LivenessProbe } from './liveness-probe.ts';
import type { PodDisruptionBudget, SecretProviderClass } from './kubernetes-extras.ts';
import type { ObjectMeta } from './object-meta.ts';
import type { VaultVolume } from './vault-volume.ts';

/** Phase of a pod as `status.phase` has it. */
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** A container of a pod, as far as the flow needs it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `securityContext.capabilities`; absent: what the container runtime gives. */
  readonly capabilities?: { readonly add: readonly string[]; readonly drop: readonly string[] };
}

/** What a pod is made from, in itself or in a template. */
export interface PodSpec {
  readonly containers: readonly Container[];
  /** Containers that run before them, one after another, each to its good end. Absent: none. */
  readonly initContainers?: readonly Container[];
  /** Taints it bears, beside `toleratesAll`. Absent: none. */
  readonly tolerations?: readonly Toleration[];
  /** Probe of its first container. Absent: none, or one of MIC or NMI, whose probes are knobs (`pod.liveness.*`). */
  readonly livenessProbe?: LivenessProbe;
  /** Volumes that a plug-in fills from a vault. Absent: none. */
  readonly volumes?: readonly VaultVolume[];
  readonly nodeName?: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly hostNetwork: boolean;
  readonly serviceAccountName: string;
  readonly terminationGracePeriod: Duration;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  /** `Exists` tolerations of everything, as DaemonSets of system components have. */
  readonly toleratesAll: boolean;
  /** A projected volume with a token of its service account, by which it signs in at Entra. Absent: none. */
  readonly projectedToken?: { readonly audience: string; readonly life: Duration };
  /** A sidecar that takes its requests to the metadata address, and asks Entra with the projected token. Absent: none. */
  readonly tokenProxy?: 'injected';
}

/** A mark on a node that keeps pods away which do not tolerate it. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** Taints that a pod bears. */
export interface Toleration {
  /** `''` with `Exists`: every key. */
  readonly key: string;
  readonly operator: 'Equal' | 'Exists';
  readonly value: string;
  /** `''`: every effect. */
  readonly effect: '' | Taint['effect'];
}

/** A pod. */
export interface Pod {
  readonly kind: 'Pod';
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
  readonly status: {
    readonly phase: PodPhase;
    /** `''` until the kubelet publishes it. */
    readonly podIP: string;
    readonly ready: boolean;
    /** When its (last) container started. */
    readonly startedAt?: Moment;
    readonly restarts: number;
    /** Of init containers that have ended, in their order. */
    readonly initContainers?: readonly InitContainerStatus[];
  };
}

/** Template of pods. */
export interface PodTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

/** A worker node. */
export interface Node {
  readonly kind: 'Node';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly providerID: string; readonly unschedulable: boolean; readonly taints?: readonly Taint[] };
  readonly status: { readonly ready: boolean; readonly maxPods: number };
}

/** A Deployment; its ReplicaSet is modelled as part of it (its name carries a hash of the template). */
export interface Deployment {
  readonly kind: 'Deployment';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly replicas: number; readonly template: PodTemplate; readonly maxUnavailable: number; readonly maxSurge: number };
}

/** A StatefulSet: names with ordinals, one at a time. */
export interface StatefulSet {
  readonly kind: 'StatefulSet';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly replicas: number; readonly template: PodTemplate; readonly podManagementPolicy: 'OrderedReady' | 'Parallel' };
}

/** A DaemonSet: one pod per node that fits. */
export interface DaemonSet {
  readonly kind: 'DaemonSet';
  readonly metadata: ObjectMeta;
  /** `maxUnavailable` is absent where the manifest says nothing. */
  readonly spec: { readonly template: PodTemplate; readonly maxUnavailable?: number };
}

/** A Job: pods that complete. */
export interface Job {
  readonly kind: 'Job';
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly completions: number;
    readonly parallelism: number;
    readonly template: PodTemplate;
    readonly runFor: Duration;
    /** Time after which it is deleted, with its pods, once it is finished; absent: never. */
    readonly ttlAfterFinished?: Duration;
    /** What makes it a CronJob: it runs no pod itself, but makes a Job every so often, and keeps so many that have finished. */
    readonly repeats?: { readonly every: Duration; readonly keep: number };
  };
}

/** A Secret; values are opaque text, and placeholders stay what they are. */
export interface Secret {
  readonly kind: 'Secret';
  readonly metadata: ObjectMeta;
  readonly data: Readonly<Record<string, string>>;
}

/** A ConfigMap. */
export interface ConfigMap {
  readonly kind: 'ConfigMap';
  readonly metadata: ObjectMeta;
  readonly data: Readonly<Record<string, string>>;
}

/** A ServiceAccount. */
export interface ServiceAccount {
  readonly kind: 'ServiceAccount';
  readonly metadata: ObjectMeta;
}

/** A Namespace. */
export interface Namespace {
  readonly kind: 'Namespace';
  readonly metadata: ObjectMeta;
}

/**
 * A lock for leader election: the record that client-go's EndpointsResourceLock keeps as annotation `control-plane.alpha.kubernetes.io/leader`
 * of an Endpoints object. Simplified: of Endpoints there are these alone, each without addresses.
 */
export interface Lease {
  readonly kind: 'Endpoints';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly holder: string; readonly renewedAt: Moment; readonly transitions: number };
}

/** An Event as recorded by a component. */
export interface KubernetesEvent {
  readonly kind: 'Event';
  readonly metadata: ObjectMeta;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** `Kind/namespace/name`. */
  readonly regarding: string;
  readonly message: string;
  /** How often it was recorded; absent: once. */
  readonly count?: number;
}

/** AzureIdentity: 0 user-assigned identity, 1 service principal with secret, 2 service principal with certificate. */
export interface AzureIdentity {
  readonly kind: 'AzureIdentity';
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly type: number;
    readonly resourceID: string;
    readonly clientID: string;
    readonly clientPassword?: { readonly name: string; readonly namespace: string };
    readonly tenantID: string;
    readonly auxiliaryTenantIDs: readonly string[];
    readonly adResourceID: string;
    readonly adEndpoint: string;
  };
}

/** AzureIdentityBinding: which label value may use which AzureIdentity. */
export interface AzureIdentityBinding {
  readonly kind: 'AzureIdentityBinding';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly azureIdentity: string; readonly selector: string };
}

/** Status of an AzureAssignedIdentity; `''` in legacy objects only. */
export type AssignedStatus = '' | 'Created' | 'Assigned' | 'Unassigned';

/** AzureAssignedIdentity: written by MIC, read by NMI. Carries copies of the AzureIdentity and the binding it was made from. */
export interface AzureAssignedIdentity {
  readonly kind: 'AzureAssignedIdentity';
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly azureIdentityRef: AzureIdentity;
    readonly azureBindingRef: AzureIdentityBinding;
    readonly pod: string;
    readonly podNamespace: string;
    readonly nodename: string;
  };
  readonly status: { readonly status: AssignedStatus };
}

/** AzurePodIdentityException: pods of its namespace with one of these labels are not mediated. */
export interface AzurePodIdentityException {
  readonly kind: 'AzurePodIdentityException';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly podLabels: Readonly<Record<string, string>> };
}

/** Every object the API server keeps. */
export type KubernetesObject =
  | Pod
  | Node
  | Deployment
  | StatefulSet
  | DaemonSet
  | Job
  | PodDisruptionBudget
  | Secret
  | ConfigMap
  | ServiceAccount
  | SecretProviderClass
  | Namespace
  | Lease
  | KubernetesEvent
  | AzureIdentity
  | AzureIdentityBinding
  | AzureAssignedIdentity
  | AzurePodIdentityException;

/** Kinds by name. */
export type KubernetesKind = KubernetesObject['kind'];

/** Label whose value a binding's selector must equal. */
export const BINDING_LABEL = 'aadpodidbinding';

/** Finalizer MIC puts on AzureAssignedIdentities (pkg/crd/crd.go). */
export const ASSIGNED_IDENTITY_FINALIZER = 'azureassignedidentity.finalizers.aadpodidentity.k8s.io';

/** Annotation that makes one AzureIdentity namespaced. */
export const BEHAVIOR_ANNOTATION = 'aadpodidentity.k8s.io/Behavior';

/** Key of an object in its table: `namespace/name`, or the name for cluster-wide kinds. */
export function keyOf(object: { readonly metadata: { readonly namespace: string; readonly name: string } }): string {
  return keyIn(object.metadata.namespace, object.metadata.name);
}

/** Key of a namespaced name. */
export function keyIn(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
