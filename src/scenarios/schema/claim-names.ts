/**
 * Invariants (`always:`) and conditions (`eventually:`, `sometimes:`) that a scenario may name. The report judges each of them.
 *
 * The letters in brackets point to the predicates of the behaviour the invariant restates: S1… of MIC, N1… of NMI.
 */

/** Invariants with their meaning: what holds at every moment of a run. */
export const INVARIANTS = {
  assignedOnlyAfterAttached: 'an AzureAssignedIdentity becomes Assigned only after ARM showed its identity on the VM or scale set (S3)',
  statusTransitionsAllowed: 'the status of an AzureAssignedIdentity changes only along the known transitions (S11)',
  noAssignmentWithoutBinding: 'MIC creates no AzureAssignedIdentity for a pod without node, label, matching binding and valid AzureIdentity (S14)',
  noRemovalWhileInUse: 'MIC takes no identity off a VM or scale set that a pod there still needs (S1)',
  noRemovalOfDesired: 'what a cycle of MIC wants on a VM or scale set, its operations do not take off (S1)',
  oneCycleAtATime: 'within one MIC process at most one cycle or reconcile runs (S10)',
  onePatchPerResource: 'a MIC process sends no PATCH of a VM or scale set while another of its own is under way there (S10)',
  onlyLeaderWrites: 'at any time at most one MIC process writes (S9)',
  cycleNeedsLease: 'a MIC process that begins a cycle with work holds the lease (S15)',
  takenOffBeforeDeletion: 'an AzureAssignedIdentity that was Assigned goes only after its identity, unless others use that or it is immutable (S4)',
  immutableStays: 'MIC takes off no identity whose client id is immutable (S5)',
  patchTouchesOnlyNamed: 'a PATCH of MIC changes no identity but those it names, and not the system-assigned one (S6)',
  namespacedStaysHome: 'an AzureIdentity whose scope is its namespace is assigned there only (S7)',
  nameTellsPod: 'the name of an AzureAssignedIdentity stays with one pod, and is the only one of its AzureIdentity there (S8)',
  patchWithinLimit: 'a PATCH of MIC changes at most 150 identities (S12)',
  batchWithinLimit: 'a worker of MIC has no more calls for AzureAssignedIdentities under way than createDeleteBatch allows (S12)',
  callsWithinRate: 'each Kubernetes client of MIC keeps to its QPS and burst (S12)',
  retryAfterHonoured: 'MIC begins no call of ARM before the last Retry-After of that kind of calls is over (S13)',
  finalizerHonoured: 'no AzureAssignedIdentity disappears while it carries the finalizer of MIC and nobody deleted it (S16)',
  boundPodAssigned: 'a bound pod on a node has its identity Assigned before MIC had three idle and healthy minutes (L1)',
  noLeakedIdentity: 'an identity leaves its VM or scale set with its last AzureAssignedIdentity there (L2)',
  assignmentGoesWithPod: 'an AzureAssignedIdentity goes within 20 minutes after its pod, while a MIC leads and nobody refuses it anything (L3)',
  lossHealed: 'what others take off while it is Assigned, MIC puts back within five minutes (L4)',
  goodDespiteBad: 'identities that ARM refuses keep no good one off the same VM or scale set (L5)',
  leaderReplaced: 'a MIC leader that died is followed within two minutes, as long as another is there (L6)',
  changeIsTakenIn: 'a bound pod that comes to a node is taken in by a cycle that begins after that (L7)',
  createdGetsAssigned: 'a Created AzureAssignedIdentity that is needed is Assigned within 15 healthy minutes (L8)',
  namespaceGoes: 'a namespace that is deleted with AzureAssignedIdentities in it is gone within 20 healthy minutes (L9)',
  micComesToRest: 'while nothing changes, MIC comes to cycles that find no work (L10)',
  tokenMatchesRequest: 'a token that was asked for by client id is of that identity (N4)',
  answerCodesKnown: 'NMI answers requests for tokens with 200, 301, 400, 403, 404, 500 or 503 only, and with Retry-After a 503 only (N10)',
  tokenNotExpired: 'no client gets or uses a token that has expired (N7)',
  noTokenAfterDeletion: 'Entra issues no token for a principal that was deleted and whose deletion has replicated',
  everyTokenHasPrincipal: 'each token Entra issues is of a service principal that exists or existed',
  tokensMediated: 'where pod identity runs, a pod of the pod network gets its tokens through NMI only (N1)',
  tokenOnlyIfBound: 'a token through NMI goes to a pod that is excepted, or was bound to its identity in the last ten minutes (N2)',
  senderRecognised: 'NMI takes a request for one of the pod that truly sent it (N3)',
  unnamedIdentityStable: 'a pod that names no identity always gets tokens of the same one (N5)',
  assignedMeansAttached: 'while a pod needs it, an Assigned identity is on the VM or scale set, or comes back within ten minutes (N6, S2)',
  rulesInPlace: 'while NMI serves, its redirect is in place, or is repaired at its next check (N8)',
  nmiKeepsNoToken: 'behind each token of NMI stands a call of its source, made for this request alone (N9)',
  assignedServedAtOnce: 'a request that finds its identity Assigned waits at NMI for nothing but the address of its pod (L1)',
  nmiAnswersInTime: 'NMI, with its default flags, answers each request within 364 s (L2)',
  boundPodServed: 'a pod whose identities are Assigned for ten minutes gets a token (L3)',
  nmiRecovers: 'an NMI that died serves again within ten minutes, as long as its pod is there (L4)',
  noNewTokenAfterUnbinding: 'ten minutes after a pod was unbound from an identity it gets no new token of it (L5)',
  nmiCatchesUp: 'no change stays on its way to a serving NMI for more than 85 s (L6)',
  clientsGiveUp: 'each asking for a token ends within four hours (L7)',
  tokenBridgesOutage: 'a client whose token has five minutes left uses it when its refresh fails (L8)',
  systemAssignedDiesWithResource: 'the service principal of a system-assigned identity is deleted with its VM or scale set, and not before',
  userAssignedSurvives: 'deleting a VM or scale set deletes no user-assigned identity',
  roleAssignmentsLinger: 'deleting a principal deletes no role assignment',
} as const;

/** Conditions with their meaning: what may hold at some moments of a run. */
export const CONDITIONS = {
  allPodsHaveTokens: 'every process that asked for a token, and still runs, has one; and at least one asked',
  allNodesReady: 'every node that exists is ready, and at least one exists',
  allAssigned: 'every AzureAssignedIdentity is Assigned, and at least one exists',
  micHasLeader: 'a MIC process leads and its caches are filled',
  leaderChanged: 'another MIC process than the first leads',
  nmiServesEverywhere: 'NMI serves on every ready node, and at least one exists',
  tokenAnswered: 'some process got a token',
  tokenFromCache: 'some token came from the cache of IMDS',
  tokenFromClientCache: 'some token came from the cache of the client itself',
  tokenDenied: 'some request for a token was answered 403',
  tokenNotFound: 'some request for a token was answered 404',
  serviceAccessed: 'some request to a target service was let in',
  serviceDenied: 'some request to a target service was refused',
  identityUsableEverywhere: 'every identity on a VM or scale set is usable at the IMDS of each of its machines, and at least one is',
  credentialRolled: 'the credential of some principal was rolled, or an application got a new one',
  tokenAfterRoll: 'some token was issued on a credential that a roll or a rotation had made',
  assignedIdentitiesGone: 'AzureAssignedIdentities existed, and none exists any more',
  identitiesDetached: 'user-assigned identities were on VMs or scale sets, and none is any more',
  principalDeleted: 'some service principal was deleted',
  everythingCleanedUp: 'something was deleted, and nothing that belonged to it is left, tokens and role assignments aside',
  roleAssignmentOrphaned: 'a role assignment exists whose principal is gone',
  armThrottled: 'ARM answered some call with 429',
  imdsThrottled: 'IMDS answered some request with 429',
  nmiBypassed: 'a pod in the pod network reached IMDS around NMI',
} as const;

/** Name of an invariant. */
export type InvariantName = keyof typeof INVARIANTS;

/** Name of a condition. */
export type ConditionName = keyof typeof CONDITIONS;

/** Names of all invariants, in code-unit order. */
export const INVARIANT_NAMES: readonly InvariantName[] = (Object.keys(INVARIANTS) as InvariantName[]).sort();

/** Names of all conditions, in code-unit order. */
export const CONDITION_NAMES: readonly ConditionName[] = (Object.keys(CONDITIONS) as ConditionName[]).sort();

/** Whether an invariant of that name exists. */
export function isInvariantName(name: string): name is InvariantName {
  return Object.hasOwn(INVARIANTS, name);
}

/** Whether a condition of that name exists. */
export function isConditionName(name: string): name is ConditionName {
  return Object.hasOwn(CONDITIONS, name);
}
