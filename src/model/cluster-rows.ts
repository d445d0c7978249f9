/** What the components of the control plane keep for themselves, so that an event costs what changed and not what exists. */
import type { Moment } from '../kernel/time.ts';
import type { Taint } from './kubernetes.ts';

/** How often a name was used and given up. Written by the API server. Key: `Kind/namespace/name`. */
export interface UsedName {
  /** Objects of that name that are gone [count] -- changes. */
  readonly count: number;
}

/** A node as the scheduler counts it. Key: its name. */
export interface SchedulerNode {
  readonly node: string;
  /** Pods on it, assumed ones included [pods] -- changes. */
  readonly pods: number;
  /** Most pods it takes [pods] -- constant. */
  readonly maxPods: number;
  /** Whether it is Ready, not cordoned and not full. */
  readonly isOpen: boolean;
  readonly isSchedulable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** Where the scheduler believes a pod to be. Key: `namespace/name`. */
export interface Placement {
  readonly node: string;
  /** `assumed` until its watch shows the binding. */
  readonly state: 'assumed' | 'seen';
}

/** How far a controlled pod is, as its controller knows. */
export type ControlledStage = 'asked' | 'pending' | 'ready' | 'done' | 'failed' | 'ending';

/** A pod of a Deployment, StatefulSet, DaemonSet or Job, as the controller manager knows it. Key: `namespace/name`. */
export interface ControlledPod {
  readonly key: string;
  /** `''` while its creation is under way. */
  readonly uid: string;
  /** `Kind/namespace/name`. */
  readonly owner: string;
  /** Hash of the template it was made from. */
  readonly templateHash: string;
  /** Node it was made for (DaemonSets); `''` otherwise. */
  readonly node: string;
  readonly stage: ControlledStage;
  /** When its creation or deletion was last asked for. */
  readonly askedAt: Moment;
}

/** A VM: alone, or an instance of a scale set. */
export interface VirtualMachine {
  readonly name: string;
  /** Lower-case id of the VM or scale set whose identities it carries. */
  readonly resource: string;
  readonly resourceKind: 'vm' | 'vmss';
  /** Cluster node on it; `''` outside the cluster. */
  readonly node: string;
  /** Whether its deletion is under way. */
  readonly leaving?: 'leaving';
}

/** A pool of cluster nodes. Key: lower-case id of its scale set, or of each of its VMs. */
export interface NodePoolRow {
  readonly pool: string;
  readonly maxPods: number;
  /** Images its nodes have when they boot: nothing of them is pulled. */
  readonly images: readonly string[];
  /** Taints its nodes register with. */
  readonly taints: readonly Taint[];
  /** Taints its nodes register with and lose when NMI is ready on them. */
  readonly startupTaints: readonly Taint[];
  /** Bounds within which the cluster autoscaler keeps its nodes; absent: it leaves the pool alone. */
  readonly autoscaler?: { readonly min: number; readonly max: number };
}
