/**
 * Groups and application roles a service reckons with: those of the token, however old.
 *
 * Follows Microsoft's best practices for managed identities. Beside that rule there is the one that people reckon with who only know the
 * bound: a change works after some time within 24 hours, whatever token is shown.
 */
import { after } from '../../kernel/time.ts';
import { claimsOf } from '../../model/directory.ts';
import type { DirectoryClaim, Spread } from '../../model/directory.ts';
import type { AccessToken } from '../../model/azure.ts';
import type { TokenClaims } from '../../model/token.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ServiceRow } from '../../model/workload.ts';

/** The groups and roles that count at this service now. */
export function claimsInForce(turn: Turn, row: ServiceRow, token: AccessToken): TokenClaims {
  const rows = turn.table('directoryClaims').by('principal', token.objectId);
  if (rows.length === 0 || turn.knob('mi.groupOrAppRole.effectDelay') === 'nextRealToken') return token;
  return claimsOf(
    rows.filter((claim) => isInForce(turn, row, claim)),
    row.audience,
  );
}

function isInForce(turn: Turn, { name }: ServiceRow, { id, spread, removal }: DirectoryClaim): boolean {
  const hasCome = (change: Spread, what: string): boolean =>
    turn.now >= after(change.from, turn.drawAt('mi.groupOrAppRole.effectDelay.uniform', `${name}|${id}|${what}`, 0));
  return (spread === undefined || hasCome(spread, 'given')) && !(removal !== undefined && hasCome(removal, 'taken'));
}
