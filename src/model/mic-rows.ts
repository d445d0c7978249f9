/**
 * What MIC keeps in tables instead of its slice: its desired set between cycles, so that a cycle costs what changed and not what
 * exists; the names it must look at again; and the work of the cycle that is running.
 */
import type { EventMemory } from './event-correlation.ts';
import type { AzureAssignedIdentity } from './kubernetes.ts';

/** One candidate for an AzureAssignedIdentity of one MIC process: a (pod, binding) pair. Key: `replica|name|podKey|bindingKey`. */
export interface DesiredAssignment {
  readonly replica: string;
  /** Name of the AzureAssignedIdentity. Two rows may share it: the controller then takes one of them. */
  readonly name: string;
  /** Namespace it will live in. */
  readonly namespace: string;
  readonly podKey: string;
  readonly pod: string;
  readonly podNamespace: string;
  readonly node: string;
  readonly bindingKey: string;
  readonly bindingName: string;
  readonly bindingVersion: string;
  readonly identityKey: string;
  readonly identityName: string;
  readonly identityVersion: string;
  readonly identityType: number;
  readonly resourceID: string;
  readonly clientID: string;
}

/** A name whose last comparison left something to do, or whose inputs changed: looked at in every cycle until it is clean. Key: `replica|name`. */
export interface TouchedName {
  readonly replica: string;
  readonly name: string;
}

/** One AzureAssignedIdentity as the survey of a reconcile pass counted it. Key: `replica|namespace/name`. */
export interface CountedAssignment {
  readonly replica: string;
  /** Table key of the AzureAssignedIdentity. */
  readonly key: string;
  readonly node: string;
  /** Resource id that its VM or scale set should carry; `''`: none for its sake. */
  readonly id: string;
}

/** A node with counted assignments, and where their identities go. Key: `replica|node`. */
export interface CountedNode {
  readonly replica: string;
  readonly node: string;
  /** `missing`: the cache holds no such node; `unreadable`: its providerID is no resource id. */
  readonly kind: 'vm' | 'vmss' | 'missing' | 'unreadable';
  /** Name of the VM or scale set; the node's own where nobody can say. */
  readonly name: string;
  /** Counted assignments on it [1, at least 1] -- changes. */
  readonly assigned: number;
}

/** How many counted assignments want one id on one VM or scale set. Key: `replica|kind|name|id`. */
export interface AssignmentCount {
  readonly replica: string;
  readonly kind: CountedNode['kind'];
  readonly name: string;
  /** `''`: those that want none. */
  readonly id: string;
  readonly count: number;
}

/** What MIC's recorder remembers of the Events about one object. Key: `replica|regarding`. */
export interface RecordedObject {
  readonly replica: string;
  readonly regarding: string;
  readonly memory: EventMemory;
}

/** One AzureAssignedIdentity that the running cycle works on. Key: `replica#worker#index`. */
export interface WorkItem {
  readonly replica: string;
  /** Name of the worker's resource, and place in its list [from 0]. */
  readonly worker: string;
  readonly index: number;
  readonly kind: 'create' | 'retry' | 'update' | 'delete';
  /** Table key of the AzureAssignedIdentity. */
  readonly key: string;
  /** What is written for `create` and `update`; the object as it was cached for `retry` and `delete`. */
  readonly object: AzureAssignedIdentity;
  /** Whether another desired pod of the same VM or scale set uses the identity (deletes only; what the failure path asks). */
  readonly isInUse: boolean;
}
