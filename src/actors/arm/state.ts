/** Slice of ARM: operations that run or ended lately, throttles that are not full, principals under way. */
import type { EventId } from '../../kernel/vocabulary.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { ComputeResource, IdentityType } from '../../model/azure.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { RequestWindow } from '../../model/request-window.ts';
import type { TokenBucket } from '../../model/token-bucket.ts';

/** Who called, and what it asked for. */
export interface Caller {
  /** Actor that gets the answer. */
  readonly client: string;
  readonly request: string;
  readonly call: ArmCall;
  /** What it is about: key of the resource, else a name. Subject of its draws and throttles. */
  readonly about: string;
}

/** A long-running operation on one VM or scale set. */
export interface Operation {
  readonly id: string;
  readonly client: string;
  /** Key of its resource. */
  readonly resource: string;
  readonly kind: 'identity' | 'create' | 'scale' | 'delete';
  readonly startedAt: Moment;
  /** Planned length [µs] -- constant. */
  readonly took: Duration;
  /** Identity block the resource will have at its end. */
  readonly goalType: IdentityType;
  readonly goalIds: string[];
  /** What it adds and removes, against the goal it started from. */
  readonly added: string[];
  readonly removed: string[];
  /** Whether it needs a new principal for the system-assigned identity, and has it -- changes. */
  principal: 'none' | 'wanted' | 'ready';
  objectId: string;
  appId: string;
  /** Whether its time is up; it may still wait for a principal -- changes. */
  isDue: boolean;
  status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';
  /** Error with which it will end as Failed; code `''`: it will succeed -- constant. */
  readonly fault: { readonly code: string; readonly message: string };
  /** Operation that took over from it; `''` for none -- changes. */
  successor: string;
  /** When, and in which event, it ended -- changes. */
  endedAt: Moment;
  endEvent: EventId;
}

/** A user-assigned identity whose principal is being made. */
interface NewIdentity {
  readonly client: string;
  readonly request: string;
  readonly name: string;
  readonly resourceGroup: string;
}

/** A write of a federated credential under way. */
export interface FederatedWrite {
  readonly client: string;
  readonly request: string;
  /** Lower-case id of the identity. */
  readonly identity: string;
  readonly name: string;
  readonly op: 'putFederatedCredential' | 'deleteFederatedCredential';
}

/** A write of the managed cluster that the resource provider of AKS works on. */
export interface ClusterWrite {
  readonly client: string;
  readonly request: string;
  readonly namespace: string;
  readonly name: string;
  readonly op: 'putPodIdentity' | 'deletePodIdentity';
}

/** A resource as it was until a moment; without a row: it was not there. Kept while reads may lag behind writes. */
export interface Version {
  readonly until: Moment;
  readonly row?: ComputeResource;
}

/** Slice of ARM. */
export interface ArmState {
  /** Operations and identities begun so far [1] -- changes. */
  begun: number;
  /** By id; ended ones are kept for a while, for their pollers -- changes. */
  operations: Record<string, Operation>;
  /** Number of entries in `operations`, and that at which old ones are dropped next [1] -- changes. */
  operationCount: number;
  operationsSweptAt: number;
  /** Id of the operation that runs on a resource, by its key -- changes. */
  running: Record<string, string>;
  /** Identities under creation, by the id sent to the directory -- changes. */
  newIdentities: Record<string, NewIdentity>;
  /** Writes of federated credentials by the id sent to the directory, and requests that hold an identity, by its key -- changes. */
  federatedWrites: Record<string, FederatedWrite>;
  federatedHolds: Record<string, string>;
  /** Writes of the managed cluster by the id sent to AKS -- changes. */
  clusterWrites: Record<string, ClusterWrite>;
  /** What resources were a while ago, oldest first, by key -- changes. */
  versions: Record<string, Version[]>;
  /** Throttles by name; a full one needs no entry -- changes. */
  buckets: Record<string, TokenBucket>;
  /** The same for windows of the older rules -- changes. */
  windows: Record<string, RequestWindow>;
  /** Number of entries in both, and that at which those as good as new are dropped next [1] -- changes. */
  throttleCount: number;
  throttlesSweptAt: number;
}

/** Entries of a record after which old ones are looked for. */
export const SWEEP_FIRST = 64;

/** A fresh slice. */
export function initialArm(): ArmState {
  return {
    begun: 0,
    operations: {},
    operationCount: 0,
    operationsSweptAt: SWEEP_FIRST,
    running: {},
    newIdentities: {},
    federatedWrites: {},
    federatedHolds: {},
    clusterWrites: {},
    versions: {},
    buckets: {},
    windows: {},
    throttleCount: 0,
    throttlesSweptAt: SWEEP_FIRST,
  };
}

/** The next id of something ARM begins. */
export function nextId(state: ArmState, turn: { readonly self: string }): string {
  state.begun += 1;
  return `${turn.self}#${String(state.begun)}`;
}

/** The operation that runs on a resource. */
export function runningOn(state: ArmState, resource: string): Operation | undefined {
  const id = state.running[resource];
  return id === undefined ? undefined : state.operations[id];
}
