/** What is said to and by the kube-apiserver, and within the cluster's own machinery. */
import type { Duration, Moment } from '../../kernel/time.ts';
import type { InitContainerStatus } from '../init-container-status.ts';
import type { AssignedStatus, KubernetesKind, KubernetesObject, PodPhase, Taint } from '../kubernetes.ts';
import type { VaultVolume } from '../vault-volume.ts';
import type { OwnNmi } from '../pod-identity-release/own-nmi.ts';

/** One call of the API. Keys are table keys (`namespace/name`). */
export type ApiCall =
  | { readonly verb: 'get'; readonly kind: KubernetesKind; readonly key: string }
  /** LIST of a kind, or of a part of it: one namespace, labels, fields by dotted path. */
  | {
      readonly verb: 'list';
      readonly kind: KubernetesKind;
      readonly namespace?: string;
      readonly labelSelector?: Readonly<Record<string, string>>;
      readonly fieldSelector?: Readonly<Record<string, string>>;
    }
  /** POST: 409 if the name exists. */
  | { readonly verb: 'create'; readonly object: KubernetesObject }
  /** PUT: 404 if absent, 409 if `metadata.resourceVersion` is not `''` and not the stored one. */
  | { readonly verb: 'update'; readonly object: KubernetesObject }
  /** kubectl apply: create or replace. A pod of the same name keeps node and status. */
  | { readonly verb: 'apply'; readonly object: KubernetesObject }
  /** JSON patch of `/status/status`, without precondition. */
  | { readonly verb: 'patchStatus'; readonly kind: 'AzureAssignedIdentity'; readonly key: string; readonly status: AssignedStatus }
  /** Status of a pod, as its kubelet reports it; absent fields stay. */
  | { readonly verb: 'podStatus'; readonly key: string; readonly uid: string; readonly status: PodStatusChange }
  /** Binding of a pod to a node by the scheduler: 409 if it is bound already. */
  | { readonly verb: 'bind'; readonly key: string; readonly node: string }
  | {
      readonly verb: 'nodeStatus';
      readonly key: string;
      readonly ready?: boolean;
      readonly unschedulable?: boolean;
      readonly taints?: readonly Taint[];
    }
  | { readonly verb: 'scale'; readonly kind: 'Deployment' | 'StatefulSet'; readonly key: string; readonly replicas: number }
  /** DELETE: sets deletionTimestamp where finalizers or a running pod hold the object back. `grace` zero: a pod's kubelet is done with it. */
  | { readonly verb: 'delete'; readonly kind: KubernetesKind; readonly key: string; readonly grace?: 'now' }
  /** Eviction of a pod (drain). */
  | { readonly verb: 'evict'; readonly key: string };

/** Fields of a pod's status that change. */
interface PodStatusChange {
  readonly phase?: PodPhase;
  readonly podIP?: string;
  readonly ready?: boolean;
  /** When the container started: now, or the moment the kubelet noted. */
  readonly startedAt?: 'now' | Moment;
  readonly restarts?: number;
  readonly initContainers?: readonly InitContainerStatus[];
}

/** Messages of this area. */
export type KubernetesMessage =
  | { readonly type: 'ApiRequest'; readonly request: string; readonly call: ApiCall }
  | {
      readonly type: 'ApiResponse';
      readonly request: string;
      /** 200, 201, 403 (namespace on its way out), 404, 409, 422, 429, 500, 503. */
      readonly status: number;
      readonly object?: KubernetesObject;
      /** Answer to a list. */
      readonly objects?: readonly KubernetesObject[];
      readonly reason?: string;
      /** With 429: how long to wait before the next try. */
      readonly retryAfter?: Duration;
    }
  /** A watch delivers a change; said by the kernel when it reaches the watcher. */
  | { readonly type: 'WatchEvent'; readonly table: string; readonly key: string; readonly change: 'added' | 'modified' | 'deleted' }
  /** First message of components without parameters. */
  | { readonly type: 'Start' }
  /** A VM that belongs to the cluster has booted: its kubelet starts. */
  | {
      readonly type: 'NodeBooted';
      readonly node: string;
      readonly vm: string;
      readonly pool: string;
      readonly providerID: string;
      /** `again`: it was rebooted, and its pods are bound to it. */
      readonly start: 'settled' | 'cold' | 'again';
    }
  /** The VM under a node is gone, or `down` until somebody starts it again. */
  | { readonly type: 'NodeLost'; readonly how?: 'down' }
  /** Timer of a kubelet: its machine fails. */
  | { readonly type: 'NodeFailureDue' }
  /** A VM is to go down and come up again; and it comes up. */
  | { readonly type: 'RebootWanted'; readonly vm: string }
  | { readonly type: 'RebootOver' }
  /** NMI's process begins in its container; `mode` is that of its command line, absent where that says nothing. */
  | {
      readonly type: 'NmiStarted';
      readonly pod: string;
      readonly node: string;
      readonly start: 'settled' | 'cold';
      /** What its container says of it; absent: nothing. */
      readonly own?: OwnNmi;
    }
  /** Said to a kubelet: signal the process of a container (a story's kill). The pod stays; its restart policy decides. */
  | { readonly type: 'KillContainer'; readonly pod: string; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** A process signal to a container's process. */
  | { readonly type: 'Signal'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** A process ended; said to its kubelet. */
  | { readonly type: 'ProcessExited'; readonly pod: string; readonly code: number; readonly reason: string }
  /** A kubelet has a plug-in of its node set up a volume of a pod (CSI: NodePublishVolume), and later gives up waiting. */
  | { readonly type: 'VolumeSetUp'; readonly request: string; readonly pod: string; readonly volume: VaultVolume }
  | { readonly type: 'VolumeSetUpGivenUp'; readonly request: string }
  /** `error`: `''` for success. */
  | { readonly type: 'VolumeSetUpDone'; readonly request: string; readonly error: string }
  /** Timers of a kubelet: a volume is tried again, or a try has taken too long; of a whole pod (`volume` is `''`), its wait ran out, or begins anew. */
  | {
      readonly type: 'VolumeStepDue';
      readonly pod: string;
      readonly uid: string;
      readonly volume: string;
      readonly step: 'try' | 'timeout' | 'expire' | 'sync';
    }
  /** Liveness probe and its answer (body as upstream: `Active`, `Not Active`). */
  | { readonly type: 'Probe'; readonly request: string }
  | { readonly type: 'ProbeAnswer'; readonly request: string; readonly status: number; readonly body: string }
  /** Timers of the cluster's machinery. */
  | { readonly type: 'PodStepDue'; readonly pod: string; readonly uid: string; readonly step: PodStep }
  | { readonly type: 'ScheduleDue'; readonly pod: string }
  | { readonly type: 'ControllerDue'; readonly kind: string; readonly key: string }
  /** Timer of the API server: the webhook has answered about a pod, or is waited for no more; this is what is to be done. */
  | {
      readonly type: 'AdmissionDue';
      readonly client: string;
      readonly request: string;
      readonly call: ApiCall;
      readonly pod: string;
      readonly outcome: 'mutated' | 'ignored' | 'refused';
      readonly took: Duration;
    }
  /** Timer of the API server: the events of one minute are as old as it keeps them. */
  | { readonly type: 'EventsExpired'; readonly minute: string }
  | { readonly type: 'NodeStepDue'; readonly node: string; readonly step: string }
  | { readonly type: 'BackoffDue'; readonly pod: string; readonly wait: Duration };

/** Steps of a pod's life at its kubelet. */
type PodStep =
  'pull' | 'start' | 'publishIp' | 'ready' | 'kill' | 'finish' | 'restart' | 'complete' | 'sync' | 'probe' | 'probeTimeout' | 'proxy';
