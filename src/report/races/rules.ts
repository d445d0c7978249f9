/** How each class of races is told from the facts and writes of a run, in words: what the detectors do, for people who want to check. */
import type { RaceClass } from '../../scenarios/schema/metric-names.ts';

/** What a detector looks at, and when it counts. */
export interface RaceRule {
  /** Each of these is an occasion on which it could have happened. */
  readonly occasion: string;
  /** When it counts. */
  readonly counts: string;
}

/** The rule of each class. */
export const RACE_RULES: Readonly<Record<RaceClass, RaceRule>> = {
  askedBeforeAssigned: {
    occasion: 'an answer of NMI for which it looked at AzureAssignedIdentities',
    counts: 'NMI found none though a binding selects the pod, or one still Created',
  },
  staleRevision: {
    occasion: 'a write at the kube-apiserver or at ARM, those of the lock of an election aside',
    counts: 'it was answered 409, or 412 by ARM; 409 also where ARM still carries out the write before it',
  },
  lostUpdate: {
    occasion: 'a user-assigned identity that a write takes off a VM or scale set',
    counts: 'a pod there still needs it, and nobody meant to: MIC had it on no list of removals, and no PATCH of somebody else named it',
  },
  removedWhileInUse: {
    occasion: 'a user-assigned identity that a write takes off a VM or scale set',
    counts: 'a pod there still needs it, and somebody meant to: MIC had it on its list of removals, or a PATCH of somebody else named it',
  },
  assignedAfterGone: {
    occasion: 'a write after which an AzureAssignedIdentity is Assigned and was not before',
    counts: 'its pod does not exist then',
  },
  servedOtherPod: {
    occasion: 'a request whose pod NMI found by its address',
    counts: 'the pod that it found is not the one that sent the request',
  },
  bypassedNmi: {
    occasion: 'a new connection of a pod in the pod network to the metadata address, in a cluster with pod identity',
    counts: 'the node let it go to IMDS',
  },
  twoLeaders: {
    occasion: 'a MIC process that begins to lead',
    counts: 'another one that leads has neither stopped nor died',
  },
  stuckAssignment: {
    occasion: 'an AzureAssignedIdentity that begins to wait: Created, or for its deletion (Unassigned or marked)',
    counts: 'the wait lasts more than ten minutes, or more than three and to the end of the run',
  },
  flappingAssignment: {
    occasion: 'an AzureAssignedIdentity that is created',
    counts: 'one of its name was taken away before from the same pod, which nobody had deleted',
  },
  duplicateAssignment: {
    occasion: 'an AzureAssignedIdentity of a user-assigned identity that is created',
    counts: 'the pod has another one of the same Azure identity, by another AzureIdentity',
  },
  wedge: {
    occasion: 'a cycle of MIC that begins',
    counts: 'it lasts more than ten minutes; one whose process ends meanwhile does not count',
  },
};
