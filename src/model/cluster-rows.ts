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
