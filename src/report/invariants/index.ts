/** All invariants a scenario or a property test may name. */
import type { InvariantName } from '../../scenarios/schema/claim-names.ts';
import type { Run } from '../watcher.ts';
import { assignedOnlyAfterAttached, noAssignmentWithoutBinding, statusTransitionsAllowed } from './assignment.ts';
import { assignedMeansAttached, lossHealed } from './attachment.ts';
import type { Invariant } from './invariant.ts';
import { cycleNeedsLease, oneCycleAtATime, onePatchPerResource, onlyLeaderWrites } from './leadership.ts';
import { roleAssignmentsLinger, systemAssignedDiesWithResource, userAssignedSurvives } from './lifecycle.ts';
import { boundPodAssigned, createdGetsAssigned, goodDespiteBad } from './mic-assignment.ts';
import { batchWithinLimit, callsWithinRate, retryAfterHonoured } from './mic-limits.ts';
import { assignmentGoesWithPod, leaderReplaced } from './mic-liveness.ts';
import { finalizerHonoured, nameTellsPod, namespacedStaysHome } from './mic-naming.ts';
import { changeIsTakenIn, micComesToRest, namespaceGoes } from './mic-progress.ts';
import { immutableStays, noLeakedIdentity, takenOffBeforeDeletion } from './mic-removal.ts';
import { patchTouchesOnlyNamed, patchWithinLimit } from './mic-writes.ts';
import { assignedServedAtOnce, clientsGiveUp, nmiAnswersInTime, tokenBridgesOutage } from './nmi-answers.ts';
import { boundPodServed, noNewTokenAfterUnbinding, tokenOnlyIfBound } from './nmi-authorisation.ts';
import { nmiKeepsNoToken, senderRecognised, tokensMediated, unnamedIdentityStable } from './nmi-path.ts';
import { nmiRecovers, rulesInPlace } from './nmi-rules.ts';
import { nmiCatchesUp } from './nmi-watches.ts';
import { noRemovalOfDesired, noRemovalWhileInUse } from './removal.ts';
import { answerCodesKnown, everyTokenHasPrincipal, noTokenAfterDeletion, tokenMatchesRequest, tokenNotExpired } from './token.ts';

/** Makes the observer of an invariant; the run is filled and has not begun. */
export const INVARIANT_OF: Readonly<Record<InvariantName, (run: Run) => Invariant>> = {
  assignedOnlyAfterAttached,
  statusTransitionsAllowed,
  noAssignmentWithoutBinding,
  noRemovalWhileInUse,
  noRemovalOfDesired,
  oneCycleAtATime,
  onePatchPerResource,
  onlyLeaderWrites,
  cycleNeedsLease,
  takenOffBeforeDeletion,
  immutableStays,
  patchTouchesOnlyNamed,
  namespacedStaysHome,
  nameTellsPod,
  patchWithinLimit,
  batchWithinLimit,
  callsWithinRate,
  retryAfterHonoured,
  finalizerHonoured,
  boundPodAssigned,
  noLeakedIdentity,
  assignmentGoesWithPod,
  lossHealed,
  goodDespiteBad,
  leaderReplaced,
  changeIsTakenIn,
  createdGetsAssigned,
  namespaceGoes,
  micComesToRest,
  tokenMatchesRequest,
  answerCodesKnown,
  tokenNotExpired,
  noTokenAfterDeletion,
  everyTokenHasPrincipal,
  tokensMediated,
  tokenOnlyIfBound,
  senderRecognised,
  unnamedIdentityStable,
  assignedMeansAttached,
  rulesInPlace,
  nmiKeepsNoToken,
  assignedServedAtOnce,
  nmiAnswersInTime,
  boundPodServed,
  nmiRecovers,
  noNewTokenAfterUnbinding,
  nmiCatchesUp,
  clientsGiveUp,
  tokenBridgesOutage,
  systemAssignedDiesWithResource,
  userAssignedSurvives,
  roleAssignmentsLinger,
};

export type { Breach, Invariant } from './invariant.ts';
export { InvariantRecord } from './invariant.ts';
