/** The kubelet's memory: its node, the pods it runs, their addresses, the images it has. */
import type { Duration, Moment } from '../../kernel/time.ts';
import type { Partition } from '../../kernel/revision.ts';
import type { InitContainerStatus } from '../../model/init-container-status.ts';
import type { PodPhase, Taint } from '../../model/kubernetes.ts';
import type { LivenessProbe } from '../../model/liveness-probe.ts';
import type { VaultVolume } from '../../model/vault-volume.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { FederatedPlace } from '../../model/workload-identity.ts';
import type { OwnNmi } from '../../model/pod-identity-release/own-nmi.ts';

/**
 * Where a pod is in its life on this node.
 *
 * `mounting` (volumes to be filled) → `waiting` (no address free) → `starting` (⇄ `initializing`, once for each init container) → `running` ⇄ `stopping`, `backoff` (its process is to begin anew) → `ending` (deletion asked
 * for) → `ended` (the API server is to forget it); or `over` (completed, or failed for good).
 */
type RunPhase = 'mounting' | 'waiting' | 'starting' | 'initializing' | 'running' | 'stopping' | 'backoff' | 'ending' | 'ended' | 'over';

/** An init container of a pod. */
export interface InitRun {
  readonly name: string;
  readonly image: string;
  /** Names of the workloads it runs, one after the other; none: it just takes its time. */
  readonly workloads: readonly string[];
}

/** A volume of a pod that a plug-in fills. */
export interface VolumeRun {
  readonly volume: VaultVolume;
  state: 'due' | 'setUp' | 'waiting' | 'mounted';
  attempts: number;
  /** The try that is under way; `''`: none -- changes. */
  request: string;
  triedAt: Moment;
  /** Back-off before the present try -- changes. */
  waited: Duration;
  /** Back-off after the last failure -- changes. */
  backoff: Duration;
}

/** One pod on this node. */
export interface PodRun {
  readonly uid: string;
  readonly createdAt: Moment;
  /** First image: what facts call it. */
  readonly image: string;
  /** Images of its main containers. */
  readonly images: readonly string[];
  readonly component: 'mic' | 'nmi' | 'workload' | 'none';
  /** What the container says of its NMI; absent: nothing that departs from the installation. */
  readonly nmi?: OwnNmi;
  /** Name of its workload; `''` unless `component` is `workload`. */
  readonly workload: string;
  /** Actor that stands for its process; `''`: nothing to simulate inside. */
  readonly process: string;
  readonly network: 'pod' | 'host';
  /** How its processes sign in as its service account; absent: they cannot. */
  readonly federated?: FederatedPlace;
  /** A sidecar answers at the metadata address. Absent: none. */
  readonly tokenProxy?: 'injected';
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly grace: Duration;
  /** Time after which the container completes by itself; -1: never. */
  readonly runFor: number;
  phase: RunPhase;
  /** By name -- changes. */
  readonly volumes: Record<string, VolumeRun>;
  /** Waits for them that ran out [1] -- changes. */
  mountWaits: number;
  /** Init containers, in their order. */
  readonly inits: readonly InitRun[];
  /** How those that have ended did so; the next to run is the first without a good end -- changes. */
  initEnds: InitContainerStatus[];
  /** Place of the workload that the running one is at -- changes. */
  initProgram: number;
  /** `''` while it has none. */
  ip: string;
  /** When its container last started. */
  startedAt: Moment;
  restarts: number;
  /** Wait before its next start after a crash [µs] -- changes. */
  backoff: number;
  /** What the API server is to know of it -- changes. */
  report: { phase: PodPhase; ready: boolean; podIP: string };
  /** Number of the last call about it; older answers do not count. */
  asked: number;
  /** Liveness probe of an application; absent: none. */
  readonly liveness?: LivenessProbe;
  /** When the kubelet first saw the pod: from then on its probes tick. */
  readonly seenAt: Moment;
  probe: { asked: number; successes: number; failures: number };
}

/** The kubelet of one node. */
export interface KubeletState {
  node: string;
  vm: string;
  pool: string;
  providerID: string;
  /** Pods the node takes [pods] -- constant. */
  maxPods: number;
  /** Taints it registers with -- constant. */
  taints: Taint[];
  /** Addresses for pods [count] -- constant. */
  poolSize: number;
  /** -1 until the node is Ready for the first time; 0 for a node that was there before the world began. */
  readyAt: number;
  /** Whether NMI ever started here: its first start on a new node has a time of its own. */
  nmiSeen: 'yes' | 'no';
  requests: number;
  pods: Record<string, PodRun>;
  /** Pod by address in use -- changes. */
  taken: Record<string, string>;
  /** Number of the address given last -- changes. */
  lastAddress: number;
  /** Pods for which no address was free, oldest first. */
  waiting: string[];
  images: Record<string, 'present'>;
}

/** A kubelet before its node booted. */
export function blankState(): KubeletState {
  return {
    node: '',
    vm: '',
    pool: '',
    providerID: '',
    maxPods: 0,
    taints: [],
    poolSize: 0,
    readyAt: -1,
    nmiSeen: 'no',
    requests: 0,
    pods: {},
    taken: {},
    lastAddress: -1,
    waiting: [],
    images: {},
  };
}

/** The pods of a node, as a part of their table. */
export function podsOf(node: string): Partition {
  return { index: 'node', value: node };
}

/** Number of the next request. */
export function nextRequest(state: KubeletState): number {
  state.requests += 1;
  return state.requests;
}

/** Arms the timer of one step of one pod; the same step armed again is put off. */
export function setStep(
  turn: Turn,
  at: { readonly key: string; readonly uid: string; readonly step: StepName; readonly delay: Duration; readonly label: string },
): void {
  turn.setTimer(stepTimer(at.step, at.key), at.delay, { type: 'PodStepDue', pod: at.key, uid: at.uid, step: at.step }, { label: at.label });
}

/** Steps that are timed here. */
export type StepName = 'start' | 'publishIp' | 'kill' | 'restart' | 'complete' | 'sync' | 'probe' | 'probeTimeout' | 'proxy';

/** Name of a step's timer. */
export function stepTimer(step: StepName, key: string): string {
  return `${step}|${key}`;
}
