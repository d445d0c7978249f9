/** All invariants a scenario or a property test may name. */
import type { InvariantName } from '../../scenarios/schema/claim-names.ts';
import type { Run } from '../watcher.ts';
import { assignedOnlyAfterAttached, noAssignmentWithoutBinding, statusTransitionsAllowed } from './assignment.ts';
import type { Invariant } from './invariant.ts';
import { oneCycleAtATime, onlyLeaderWrites } from './leadership.ts';
import { roleAssignmentsLinger, systemAssignedDiesWithResource, userAssignedSurvives } from './lifecycle.ts';
import { assignmentGoesWithPod, leaderReplaced } from './mic-liveness.ts';
import { finalizerHonoured, nameTellsPod, namespacedStaysHome } from './mic-naming.ts';
import { immutableStays, noLeakedIdentity, takenOffBeforeDeletion } from './mic-removal.ts';
import { patchTouchesOnlyNamed, patchWithinLimit } from './mic-writes.ts';
import { assignedServedAtOnce, clientsGiveUp, nmiAnswersInTime, tokenBridgesOutage } from './nmi-answers.ts';
import { assignedMeansAttached, boundPodServed, noNewTokenAfterUnbinding, tokenOnlyIfBound } from './nmi-authorisation.ts';
import { nmiKeepsNoToken, senderRecognised, tokensMediated, unnamedIdentityStable } from './nmi-path.ts';
import { nmiRecovers, rulesInPlace } from './nmi-rules.ts';
import { noRemovalWhileInUse } from './removal.ts';
import { answerCodesKnown, everyTokenHasPrincipal, noTokenAfterDeletion, tokenMatchesRequest, tokenNotExpired } from './token.ts';

/** Makes the observer of an invariant; the run is filled and has not begun. */
export const INVARIANT_OF: Readonly<Record<InvariantName, (run: Run) => Invariant>> = {
  assignedOnlyAfterAttached,
  statusTransitionsAllowed,
  noAssignmentWithoutBinding,
  noRemovalWhileInUse,
  oneCycleAtATime,
  onlyLeaderWrites,
  takenOffBeforeDeletion,
  immutableStays,
  patchTouchesOnlyNamed,
  namespacedStaysHome,
  nameTellsPod,
  patchWithinLimit,
  finalizerHonoured,
  noLeakedIdentity,
  assignmentGoesWithPod,
  leaderReplaced,
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
  clientsGiveUp,
  tokenBridgesOutage,
  systemAssignedDiesWithResource,
  userAssignedSurvives,
  roleAssignmentsLinger,
};

export type { Breach, Invariant } from './invariant.ts';
export { InvariantRecord } from './invariant.ts';
