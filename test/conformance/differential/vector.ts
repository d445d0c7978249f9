/** Shape of a recording, as its README defines it. */
import type { ComputeResource, IdentityType } from '../../../src/model/azure.ts';
import type { AssignedStatus } from '../../../src/model/kubernetes.ts';
import type { AssignedVerb } from '../stage/api-server.ts';
import type { Resource } from '../stage/cloud.ts';
import type { DataMap } from '../stage/objects.ts';

/** A recording: a start, steps, and what the real controller did. */
export interface Vector {
  readonly id: string;
  readonly seed: number;
  readonly tags: readonly string[];
  readonly given: VectorStart;
  readonly steps: readonly VectorStep[];
  readonly expect?: Outcome;
  /** Where the real controller's answer depends on chance: complete alternatives. */
  readonly outcomes?: readonly Outcome[];
}

/** One entry per `sync` and `reconcile` step. */
export type Outcome = readonly Snapshot[];

/** What there is before the first step. */
interface VectorStart {
  readonly flags: {
    readonly mic: {
      readonly forceNamespaced: boolean;
      readonly createDeleteBatch: number;
      readonly 'immutable-user-msis': readonly string[];
      readonly 'update-user-msi-max-retry': number;
    };
  };
  readonly cloudConfig: { readonly subscriptionId: string; readonly resourceGroup: string; readonly userAssignedIdentityID: string };
  readonly armResources: readonly RecordedResource[];
  readonly objects: readonly DataMap[];
}

/** A VM or scale set; `state` only if it is not Succeeded. */
export interface RecordedResource extends Resource {
  readonly type: IdentityType;
  readonly ids: readonly string[];
  readonly state?: ComputeResource['provisioningState'];
}

/** A change in ARM by somebody else. */
export interface ArmChange {
  readonly op: 'assign' | 'unassign' | 'setType' | 'setState' | 'remove' | 'create';
  readonly resource: Resource;
  readonly identities?: readonly string[];
  readonly type?: IdentityType;
  readonly state?: ComputeResource['provisioningState'];
}

/** The next `count` requests of that kind for that resource fail. */
export interface CountedArmFault {
  readonly resource: Resource;
  readonly op: 'GET' | 'PATCH';
  readonly count: number;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfter?: number;
  readonly async?: boolean;
  readonly applied?: boolean;
}

/** Every PATCH that adds one of these fails. */
export interface BadIdentityFault {
  readonly badIdentities: readonly string[];
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly report: 'first' | 'all';
  readonly async?: boolean;
}

/** Calls on AzureAssignedIdentities fail: the next `count` of a name, or all until cleared. */
export interface KubeFault {
  readonly verb: Exclude<AssignedVerb, 'statusPatch'> | 'patchStatus';
  readonly code: number;
  readonly name?: string;
  readonly count?: number;
}

/** One step; exactly one key is there. */
export interface VectorStep {
  readonly apply?: readonly DataMap[];
  readonly delete?: readonly string[];
  readonly patchStatus?: { readonly ref: string; readonly status: AssignedStatus };
  readonly arm?: ArmChange;
  readonly fault?: { readonly arm?: CountedArmFault | BadIdentityFault; readonly kube?: KubeFault };
  readonly clearFault?: 'arm' | 'kube';
  readonly advance?: number;
  readonly restart?: 'mic';
  readonly hold?: 'AzureAssignedIdentity';
  readonly release?: 'AzureAssignedIdentity';
  readonly sync?: number;
  readonly reconcile?: number;
}

/** The world after a step, and what happened during it. */
export interface Snapshot {
  readonly step: number;
  readonly assignedIdentities: readonly RecordedAssignment[];
  readonly armResources: readonly RecordedResource[];
  readonly armCalls: readonly RecordedCalls[];
  readonly crdCalls: Readonly<Record<AssignedVerb | 'failed', number>>;
  readonly events: readonly RecordedEvent[];
}

/** An AzureAssignedIdentity. */
export interface RecordedAssignment {
  readonly namespace: string;
  readonly name: string;
  readonly pod: string;
  readonly podNamespace: string;
  readonly node: string;
  readonly identity: string;
  readonly binding: string;
  readonly resourceID: string;
  readonly status: AssignedStatus;
  readonly nodenameLabel: string;
  readonly terminating?: boolean;
}

/** Requests for one resource, in order. */
export interface RecordedCalls extends Resource {
  readonly calls: readonly RecordedCall[];
}

/** One request. PATCHes of 150 entries and more, and what follows them, are counted only. */
export interface RecordedCall {
  readonly op: 'GET' | 'PATCH';
  readonly status: number;
  readonly type?: IdentityType;
  readonly adds?: readonly string[];
  readonly removes?: readonly string[];
  readonly addCount?: number;
  readonly removeCount?: number;
  readonly asyncFailed?: boolean;
}

/** A Kubernetes Event handed to the recorder; `dropped`: it reached no API server. */
export interface RecordedEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly regarding: string;
  readonly dropped?: boolean;
}
