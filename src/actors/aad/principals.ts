/**
 * Principals as a whole: deleted softly, restored, purged, disabled, and their tokens revoked.
 *
 * Follows Microsoft's pages on deleted applications (30 days in the bin, restored or purged by hand until then) and on managed identities
 * (the same 30 days, but nobody can restore or purge them). A restored principal is the same one: its object id, its credentials, its
 * role assignments and groups are as they were. Simplified: an application and its service principal go and come together, as in the
 * portal.
 */
import { after } from '../../kernel/time.ts';
import type { ServicePrincipal } from '../../model/azure.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** What is remembered of principals that are gone for good. */
export interface WithPurged {
  /** How many there were of each resource id [1]: their ids are used up -- changes. */
  purged: Record<string, number>;
}

/** Name of the timer that rolls a managed identity's certificate. */
export function rollTimer(objectId: string): string {
  return `roll/${objectId}`;
}

/** Deletes a principal softly: a managed identity with its resource, an application by its owner's hand. */
export function deletePrincipal(turn: Turn, principal: ServicePrincipal): void {
  const { objectId, resourceId } = principal;
  turn.table('servicePrincipals').put(objectId, { ...principal, deletedAt: turn.now });
  turn.cancelTimer(rollTimer(objectId));
  turn.setTimer(purgeTimer(objectId), turn.knob('mi.softDelete.retention'), { type: 'PurgeDue', objectId }, { label: 'idle' });
  turn.fact({ type: 'principal-deleted', objectId, resourceId });
}

/** The bin is emptied of it. */
export function onPurgeDue(state: WithPurged, { objectId }: MessageOf<'PurgeDue'>, turn: Turn): void {
  const principal = turn.table('servicePrincipals').get(objectId);
  if (principal?.deletedAt !== undefined) purge(state, turn, principal);
}

/** Somebody changes a principal as a whole. What is so already changes nothing. */
export function onPrincipalChange(state: WithPurged, { objectId, change }: MessageOf<'PrincipalChange'>, turn: Turn): void {
  const principal = turn.table('servicePrincipals').get(objectId);
  const error = principal === undefined ? 'Request_ResourceNotFound' : refusal(principal, change);
  if (principal === undefined || error !== '') {
    turn.fact({ type: 'directory-change-refused', objectId, error });
    return;
  }
  const table = turn.table('servicePrincipals');
  switch (change) {
    case 'delete':
      deletePrincipal(turn, principal);
      return;
    case 'purge':
      purge(state, turn, principal);
      return;
    case 'restore':
      restore(turn, principal);
      return;
    case 'disable':
      if (principal.disabledAt !== undefined) return;
      table.put(objectId, { ...principal, disabledAt: turn.now });
      tell(turn, objectId, 'disabled');
      return;
    case 'enable': {
      const { disabledAt, ...enabled } = principal;
      if (disabledAt === undefined) return;
      table.put(objectId, enabled);
      tell(turn, objectId, 'enabled');
      return;
    }
    case 'revokeTokens':
      table.put(objectId, { ...principal, tokensRevokedAt: turn.now });
      tell(turn, objectId, 'tokensRevoked');
  }
}

/** Why the directory does not do it; `''` where it does. */
function refusal({ kind, deletedAt }: ServicePrincipal, change: MessageOf<'PrincipalChange'>['change']): string {
  const isOfBin = change === 'restore' || change === 'purge';
  if (isOfBin !== (deletedAt !== undefined)) return 'Request_ResourceNotFound';
  // Faithful: a managed identity in the bin can neither be restored nor purged.
  return kind !== 'application' && (isOfBin || change === 'delete') ? 'Request_BadRequest' : '';
}

function restore(turn: Turn, principal: ServicePrincipal): void {
  const { deletedAt, ...rest } = principal;
  if (deletedAt === undefined) return;
  const { objectId } = rest;
  const replicatedAt = after(turn.now, turn.draw('mi.sp.replicationDelay', objectId));
  turn.table('servicePrincipals').put(objectId, { ...rest, restoredAt: turn.now, replicatedAt });
  turn.cancelTimer(purgeTimer(objectId));
  tell(turn, objectId, 'restored');
}

function purge(state: WithPurged, turn: Turn, { objectId, resourceId }: ServicePrincipal): void {
  const key = resourceId.toLowerCase();
  state.purged[key] = (state.purged[key] ?? 0) + 1;
  turn.table('servicePrincipals').delete(objectId);
  turn.cancelTimer(purgeTimer(objectId));
  tell(turn, objectId, 'purged');
}

function tell(turn: Turn, objectId: string, change: FactOf<'principal-changed'>['change']): void {
  turn.fact({ type: 'principal-changed', objectId, change });
}

function purgeTimer(objectId: string): string {
  return `purge/${objectId}`;
}
