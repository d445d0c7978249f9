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
    counts: 'NMI found none though a binding selects the pod, or one that was still Created',
  },
  staleRevision: {
    occasion: 'a write at the kube-apiserver or at ARM, those of the lock of an election aside',
    counts: 'it was answered 409, or 412 by ARM',
  },
  lostUpdate: {
    occasion: 'a write of a VM or scale set after which it has fewer user-assigned identities',
    counts: 'an identity is gone that a pod there still needs, and MIC had it on no list of removals',
  },
  removedWhileInUse: {
    occasion: 'a write of a VM or scale set after which it has fewer user-assigned identities',
    counts: 'an identity is gone that a pod there still needs, and MIC had it on its list of removals',
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
    occasion: 'an AzureAssignedIdentity that is created',
    counts: 'it stayed Created, or Unassigned or marked for deletion, for more than ten minutes, or for the last three of the run',
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
    counts: 'it ends more than ten minutes later, or not within the run; the end of its process ends it too',
  },
};
