/**
 * The properties that the behaviour of MIC, of NMI and of managed identities promises, each with the invariants that watch it and the
 * weaknesses that are known to break or delay it.
 *
 * Letters and numbers are those of the lists: S for what must never happen, L for what must happen in the end, W for weaknesses.
 */
import type { InvariantName } from '../scenarios/schema/claim-names.ts';

/** One property. */
export interface Property {
  /** What it says, in one clause. */
  readonly meaning: string;
  /** The invariants that watch it; it falls when one of them does. */
  readonly invariants: readonly InvariantName[];
  /** Weaknesses, by number, that break or delay it. */
  readonly brokenBy: readonly string[];
  /** What else breaks it, or why nothing does. */
  readonly note?: string;
}

/** Properties of MIC. */
export const MIC_PROPERTIES = {
  S1: {
    meaning: 'no removal of an identity that a desired pod of the same VM or scale set uses',
    invariants: ['noRemovalOfDesired', 'noRemovalWhileInUse'],
    brokenBy: ['W11', 'W12', 'W13', 'W14', 'W23'],
  },
  S2: {
    meaning: 'what is Assigned is on its VM or scale set, but for short windows',
    invariants: ['assignedMeansAttached'],
    brokenBy: ['W11', 'W12', 'W13', 'W14', 'W19', 'W22', 'W24', 'W30'],
    note: 'the others make windows, which a reconcile pass closes unless W30 stops it',
  },
  S3: {
    meaning: 'Assigned follows an answer of ARM that shows the identity there',
    invariants: ['assignedOnlyAfterAttached'],
    brokenBy: ['W24'],
  },
  S4: {
    meaning: 'an assignment that was Assigned goes only when its identity is gone, in use or to stay',
    invariants: ['takenOffBeforeDeletion'],
    brokenBy: ['W3', 'W10', 'W24'],
    note: 'W3 where MIC still takes for Created what is Assigned; else it hides behind "never was Assigned"',
  },
  S5: { meaning: 'an immutable identity is never in a removal', invariants: ['immutableStays'], brokenBy: ['W17'] },
  S6: {
    meaning: 'a PATCH changes what it names, and never the system-assigned identity',
    invariants: ['patchTouchesOnlyNamed'],
    brokenBy: ['W19', 'W20', 'W21'],
  },
  S7: { meaning: 'a namespaced AzureIdentity is assigned in its namespace only', invariants: ['namespacedStaysHome'], brokenBy: [] },
  S8: { meaning: 'one assignment per pod and AzureIdentity, whose name tells the pod', invariants: ['nameTellsPod'], brokenBy: ['W40'] },
  S9: { meaning: 'one process writes at a time', invariants: ['onlyLeaderWrites'], brokenBy: ['W36'] },
  S10: {
    meaning: 'one cycle or reconcile at a time in a process, one PATCH at a time per resource',
    invariants: ['oneCycleAtATime', 'onePatchPerResource'],
    brokenBy: [],
    note: 'a PATCH that outlives 15 minutes of polling',
  },
  S11: { meaning: 'the status changes along the known transitions', invariants: ['statusTransitionsAllowed'], brokenBy: [] },
  S12: {
    meaning: 'at most 150 entries a PATCH, createDeleteBatch calls at once, QPS and burst',
    invariants: ['patchWithinLimit', 'batchWithinLimit', 'callsWithinRate'],
    brokenBy: [],
  },
  S13: {
    meaning: 'no call of a kind before the last Retry-After of that kind is over',
    invariants: ['retryAfterHonoured'],
    brokenBy: ['W27', 'W49'],
  },
  S14: {
    meaning: 'no assignment for a pod without node, label, binding and valid AzureIdentity',
    invariants: ['noAssignmentWithoutBinding'],
    brokenBy: [],
  },
  S15: { meaning: 'no cycle that writes without the lease', invariants: ['cycleNeedsLease', 'onlyLeaderWrites'], brokenBy: ['W36'] },
  S16: { meaning: 'nothing with the finalizer disappears by itself', invariants: ['finalizerHonoured'], brokenBy: [] },
  L1: {
    meaning: 'a bound pod on a node gets its identity within queue, cycle and PATCH',
    invariants: ['boundPodAssigned'],
    brokenBy: ['W2', 'W5', 'W6', 'W9', 'W26', 'W29', 'W40', 'W41'],
  },
  L2: {
    meaning: 'with its last user an identity leaves the VM or scale set',
    invariants: ['noLeakedIdentity'],
    brokenBy: ['W3', 'W4', 'W7', 'W10', 'W13', 'W16'],
  },
  L3: { meaning: 'with its pod an assignment goes', invariants: ['assignmentGoesWithPod'], brokenBy: ['W9'] },
  L4: { meaning: 'what others take off is put back', invariants: ['lossHealed'], brokenBy: ['W29', 'W30'] },
  L5: { meaning: 'bad identities keep no good ones off', invariants: ['goodDespiteBad'], brokenBy: ['W26', 'W28'] },
  L6: { meaning: 'a leader that dies is followed', invariants: ['leaderReplaced'], brokenBy: ['W39'], note: 'an outage of the API server' },
  L7: {
    meaning: 'each event is followed by a cycle',
    invariants: ['changeIsTakenIn'],
    brokenBy: ['W32'],
    note: 'W32 delays it, without limit',
  },
  L8: {
    meaning: 'what is Created is tried again until it is Assigned',
    invariants: ['createdGetsAssigned'],
    brokenBy: [],
    note: 'needs the resync of AzureIdentities and bindings',
  },
  L9: {
    meaning: 'a deleted namespace with assignments in it goes',
    invariants: ['namespaceGoes'],
    brokenBy: [],
    note: 'a cluster without MIC',
  },
  L10: { meaning: 'with constant inputs MIC comes to rest', invariants: ['micComesToRest'], brokenBy: ['W25', 'W40'] },
} as const satisfies Readonly<Record<string, Property>>;

/** Properties of NMI. */
export const NMI_PROPERTIES = {
  S1: { meaning: 'tokens of pods come through NMI', invariants: ['tokensMediated'], brokenBy: ['W1', 'W2', 'W25'] },
  S2: {
    meaning: 'a token goes to a pod that was bound to its identity lately',
    invariants: ['tokenOnlyIfBound'],
    brokenBy: ['W6', 'W9', 'W13', 'W14', 'W15'],
    note: 'W14 and W15 break it for a bound shorter than their windows',
  },
  S3: { meaning: 'the pod NMI finds is the pod that asked', invariants: ['senderRecognised'], brokenBy: ['W6', 'W30'] },
  S4: { meaning: 'a token is of the identity that was asked for', invariants: ['tokenMatchesRequest'], brokenBy: ['W12', 'W21'] },
  S5: { meaning: 'who names no identity always gets the same', invariants: ['unnamedIdentityStable'], brokenBy: ['W22'] },
  S6: { meaning: 'what is Assigned is usable', invariants: ['assignedMeansAttached'], brokenBy: [], note: 'as S2 of MIC' },
  S7: { meaning: 'no token is delivered or used after its end', invariants: ['tokenNotExpired'], brokenBy: [] },
  S8: { meaning: 'the rules are in place while NMI serves', invariants: ['rulesInPlace'], brokenBy: ['W32'] },
  S9: { meaning: 'NMI keeps no token', invariants: ['nmiKeepsNoToken'], brokenBy: [] },
  S10: { meaning: 'NMI answers with its known codes', invariants: ['answerCodesKnown'], brokenBy: [] },
  L1: { meaning: 'what is Assigned is served at once', invariants: ['assignedServedAtOnce'], brokenBy: [] },
  L2: { meaning: 'every request ends in time', invariants: ['nmiAnswersInTime'], brokenBy: [] },
  L3: { meaning: 'a bound pod gets a token in the end', invariants: ['boundPodServed'], brokenBy: ['W16'] },
  L4: { meaning: 'a crashed NMI serves again', invariants: ['nmiRecovers'], brokenBy: [], note: 'an outage of the API server' },
  L5: { meaning: 'no new token after unbinding', invariants: ['noNewTokenAfterUnbinding'], brokenBy: ['W9', 'W13'] },
  L6: { meaning: 'a watch that stands still is noticed', invariants: ['nmiCatchesUp'], brokenBy: ['W9'] },
  L7: { meaning: 'clients give up by their schedules', invariants: ['clientsGiveUp'], brokenBy: [] },
  L8: { meaning: 'kept tokens bridge an outage', invariants: ['tokenBridgesOutage'], brokenBy: [] },
} as const satisfies Readonly<Record<string, Property>>;

/** Properties of managed identities themselves. */
export const MANAGED_IDENTITY_PROPERTIES = {
  'system-assigned dies': {
    meaning: 'a system-assigned identity is deleted with its resource',
    invariants: ['systemAssignedDiesWithResource'],
    brokenBy: [],
  },
  'user-assigned survives': { meaning: 'a user-assigned one survives it', invariants: ['userAssignedSurvives'], brokenBy: [] },
  'role assignments linger': { meaning: 'role assignments outlive their principal', invariants: ['roleAssignmentsLinger'], brokenBy: [] },
  'no new token': {
    meaning: 'no new token after deletion, and none for nobody',
    invariants: ['noTokenAfterDeletion', 'everyTokenHasPrincipal'],
    brokenBy: [],
  },
} as const satisfies Readonly<Record<string, Property>>;
