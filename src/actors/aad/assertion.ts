/**
 * The token of a service account as a credential.
 *
 * A federated credential that is still on its way is missed by some replicas; Entra remembers the miss for a while, so asking too early
 * makes it later. Simplified: the memory is one for all replicas.
 */
import { after } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { ServicePrincipal } from '../../model/azure.ts';
import { trusted } from '../../model/federated-credential.ts';
import type { ServiceAccountToken } from '../../model/federated-credential.ts';
import { missChance } from '../../model/replication.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { Refusal } from './token-answer.ts';

/** Misses of federated credentials that are remembered, until when, by principal and subject -- changes. */
export type Missed = Record<string, Moment>;

/** Why the token of a service account does not make its bearer this principal; undefined where it does. */
export function assertionRefusal(
  missed: Missed,
  { objectId }: ServicePrincipal,
  token: ServiceAccountToken,
  turn: Turn,
): Refusal | undefined {
  const rows = turn.table('federatedCredentials').by('principal', objectId);
  const found = trusted(rows, token, turn.now, turn.knob('wi.fic.matching'));
  if (typeof found === 'string') return { status: 401, error: found };
  const key = `${objectId} ${token.subject}`;
  const remembered = missed[key];
  if (remembered !== undefined && turn.now < remembered) return { status: 401, error: 'AADSTS70021' };
  delete missed[key];
  const chance = missChance({ createdAt: found.createdAt, replicatedAt: found.propagatedAt }, 'linear', turn.now);
  if (chance === 0 || turn.uniform('federated', key) >= chance) return undefined;
  missed[key] = after(turn.now, turn.draw('wi.fic.negativeCache', key));
  return { status: 401, error: 'AADSTS70021' };
}
