/**
 * Groups and application roles of a principal: what its owner changes, and what a token says of them.
 *
 * A change spreads over the replicas of the directory like any other; a token holds what the replica knew that issued it.
 */
import type { ServicePrincipal } from '../../model/azure.ts';
import { claimsOf } from '../../model/directory.ts';
import type { DirectoryClaim } from '../../model/directory.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { TokenClaims } from '../../model/token.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { isHeld, spreadOf } from './replica.ts';

/** A principal joins or leaves a group, or gets or loses an application role. What is so already changes nothing. */
export function onClaimChange(_state: unknown, { objectId, change }: MessageOf<'ClaimChange'>, turn: Turn): void {
  const principal = turn.table('servicePrincipals').get(objectId);
  if (principal === undefined || principal.deletedAt !== undefined) {
    turn.fact({ type: 'directory-change-refused', objectId, error: 'Request_ResourceNotFound' });
    return;
  }
  const { claim, value, audience } = change;
  const table = turn.table('directoryClaims');
  const own = table.by('principal', objectId).filter((row) => row.claim === claim && row.value === value && row.audience === audience);
  const standing = own.find(({ removal }) => removal === undefined);
  if ((change.change === 'give') === (standing !== undefined)) return;
  if (standing === undefined) {
    const id = `${objectId}|${claim}|${audience}|${value}|${String(own.length + 1)}`;
    table.put(id, { id, principalId: objectId, claim, value, audience, spread: spreadOf(turn, id) });
  } else table.put(standing.id, { ...standing, removal: spreadOf(turn, standing.id) });
  turn.fact({ type: 'directory-claim-changed', objectId, claim, value, change: change.change === 'give' ? 'given' : 'taken' });
}

/** What a token issued now says of its bearer's groups and roles. Each is as the replica has it that this request meets. */
export function claimsAtIssue(turn: Turn, { objectId }: ServicePrincipal, audience: string, subject: string): TokenClaims {
  const rows = turn.table('directoryClaims').by('principal', objectId);
  if (rows.length === 0) return {};
  return claimsOf(
    rows.filter((row: DirectoryClaim) => isHeld(turn, row, `${subject}|${row.id}`)),
    audience,
  );
}
