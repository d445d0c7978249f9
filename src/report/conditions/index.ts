/** All conditions a scenario or a property test may name: whether each holds now, by what was observed so far. */
import type { ConditionName } from '../../scenarios/schema/claim-names.ts';
import { assignedStates } from '../entitlement.ts';
import type { Observed } from '../observed.ts';

/** Whether a condition holds at this moment. Conditions of the form "some …" hold from then on. */
export const CONDITION_OF: Readonly<Record<ConditionName, (seen: Observed) => boolean>> = {
  allPodsHaveTokens: ({ tokens }) => tokens.processes > 0 && tokens.open.unserved === 0,
  allNodesReady: ({ marks }) => marks.allNodesReady,
  allAssigned: ({ run }) => {
    const table = run.table('azureAssignedIdentities');
    const assigned = assignedStates(run).reduce((sum, status) => sum + (table.bucket('status', status)?.size ?? 0), 0);
    return table.size > 0 && assigned === table.size;
  },
  micHasLeader: ({ marks }) => marks.readyLeader !== '',
  leaderChanged: ({ load }) => load.totals.micLeaderChanges > 0,
  nmiServesEverywhere: ({ marks }) => marks.nmiServesEverywhere,
  tokenAnswered: ({ marks }) => marks.has('tokenAnswered'),
  tokenFromCache: ({ marks }) => marks.has('tokenFromCache'),
  tokenFromClientCache: ({ marks }) => marks.has('tokenFromClientCache'),
  tokenDenied: ({ marks }) => marks.has('tokenDenied'),
  tokenNotFound: ({ marks }) => marks.has('tokenNotFound'),
  serviceAccessed: ({ audit }) => audit.allowed > 0,
  serviceDenied: ({ audit }) => audit.denied > 0,
  identityUsableEverywhere: ({ marks }) => marks.identityUsableEverywhere,
  credentialRolled: ({ marks }) => marks.has('credentialRolled'),
  tokenAfterRoll: ({ marks }) => marks.has('tokenAfterRoll'),
  assignedIdentitiesGone: ({ run, cleanup }) => cleanup.assignedSeen > 0 && run.table('azureAssignedIdentities').size === 0,
  identitiesDetached: ({ marks }) => marks.has('attached') && marks.attached === 0,
  principalDeleted: ({ marks }) => marks.has('principalDeleted'),
  everythingCleanedUp: ({ cleanup }) =>
    cleanup.deletions > 0 &&
    !cleanup.hasIncomplete &&
    (['assignedIdentities', 'grants', 'servicePrincipals'] as const).every((kind) => cleanup.left(kind).length === 0),
  roleAssignmentOrphaned: ({ cleanup }) => cleanup.left('roleAssignments').length > 0,
  armThrottled: ({ load }) => load.totals.armThrottled > 0,
  imdsThrottled: ({ load }) => load.totals.imdsThrottled > 0,
  nmiBypassed: ({ races }) => races.of('bypassedNmi').count > 0,
};
