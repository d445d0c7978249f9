/** What the assertions of a case may look at, whatever world the case runs in. */
import type { CloudCall, CloudResource, Resource } from './cloud.ts';

/** An Event as the API server keeps it. */
export interface SeenEvent {
  readonly type: string;
  readonly reason: string;
  /** `Kind/namespace/name`. */
  readonly regarding: string;
  readonly message: string;
}

/** An object as the API server keeps it. */
export interface SeenObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly labels: Readonly<Record<string, string>>;
  };
}

/** A world in simulated time, seen from outside. */
export interface WorldView {
  /** Now [s since the start]. */
  readonly now: number;
  /** Lets the next thing happen, if it does within so many seconds; answers whether something did. */
  passToNext(within: number): boolean;
  /** Lets time pass [s]. */
  pass(time: number): void;
  /** Whether a MIC process lives. */
  readonly isMicAlive: boolean;
  /** Whether MIC has nothing queued and no cycle under way. */
  readonly isQuiet: boolean;
  /** Objects of a kind, by namespace and name. Throws `NoSeam` for a kind this world does not keep. */
  objectsOf(kind: string): readonly SeenObject[];
  /** A VM or scale set as ARM has it. */
  resource(resource: Resource): Pick<CloudResource, 'type' | 'ids'> | undefined;
  /** MIC's requests to ARM about resources, in order. */
  readonly armCalls: readonly CloudCall[];
  /** Events recorded by MIC, in order. */
  readonly events: readonly SeenEvent[];
}
