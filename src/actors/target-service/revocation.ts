/**
 * What a service knows of the revocation of tokens that it could check by themselves: nothing, mostly.
 *
 * Follows Microsoft's pages: some services look the principal up in the directory, so that a deleted or disabled one is refused at once;
 * Azure RBAC goes on to accept its tokens until they expire. Continuous access evaluation leaves managed identities out, and what the
 * action that revokes all tokens of an identity does at services is not documented: both are what-ifs behind knobs. Simplified: nobody
 * tells IMDS, which hands out a revoked token of its cache until it renews it.
 */
import { after } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { AccessToken, ServicePrincipal } from '../../model/azure.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ServiceRow } from '../../model/workload.ts';

/** Why a token that is good in itself is refused all the same; undefined where it is taken. */
export function revocation(turn: Turn, row: ServiceRow, token: AccessToken): string | undefined {
  const principal = turn.table('servicePrincipals').get(token.objectId);
  return barredPrincipal(turn, row, token.objectId, principal) ?? revokedToken(turn, row, token, principal?.tokensRevokedAt);
}

function barredPrincipal(turn: Turn, row: ServiceRow, objectId: string, principal: ServicePrincipal | undefined): string | undefined {
  const isDeleted = principal === undefined || principal.deletedAt !== undefined;
  const since = isDeleted ? principal?.deletedAt : principal.disabledAt;
  if (!isDeleted && since === undefined) return undefined;
  const error = isDeleted ? 'principalDeleted' : 'principalDisabled';
  // Whether a service looks principals up in the directory is a property of the service, not of the request.
  if (turn.drawAt('mi.deleted.targetChecksDirectory', row.name, 0) === 1) return error;
  if (isDeleted && !turn.knob('mi.deleted.tokenAcceptedUntilExp')) return error;
  if (!turn.knob('cae.managedIdentity.supported')) return undefined;
  const isHeard = since === undefined || turn.now >= after(since, turn.drawAt('cae.event.delay', `${row.name}|${objectId}`, 0));
  return isHeard ? error : undefined;
}

function revokedToken(turn: Turn, row: ServiceRow, token: AccessToken, revokedAt: Moment | undefined): string | undefined {
  if (revokedAt === undefined || !turn.knob('mi.revokeTokens.enabled')) return undefined;
  // A token says that it was issued some minutes before it was.
  if (after(token.issuedAt, turn.knob('mi.token.nbfBackdate')) >= revokedAt) return undefined;
  const heardAt = after(revokedAt, turn.drawAt('mi.revokeTokens.effectDelay', `${row.name}|${token.objectId}`, 0));
  return turn.now >= heardAt ? 'tokenRevoked' : undefined;
}
