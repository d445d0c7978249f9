/**
 * Federated credentials: how they are written, and whether one makes the bearer of a service account's token this principal.
 *
 * Follows Microsoft's considerations for workload identity federation: twenty of them for a principal, issuer and subject together
 * unique, changes on their way for seconds to minutes. A replica that has not heard of one yet misses it; Entra remembers a miss for a
 * while, so asking too early makes it later. One that some replicas never got (azure-workload-identity #977, #1200) fails now and then
 * until it is deleted and made anew.
 * Simplified: the memory of misses is one for all replicas, and misses of replicas that never get a credential are not in it; a deleted
 * credential is gone everywhere at once.
 */
import { after } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { ServicePrincipal } from '../../model/azure.ts';
import { EXCHANGE_AUDIENCE, federatedKey, trusted } from '../../model/federated-credential.ts';
import type { Distrust, FederatedCredential, ServiceAccountToken, Trust } from '../../model/federated-credential.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { missChance } from '../../model/replication.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { Refusal } from './token-answer.ts';

/** Misses of federated credentials that are remembered, until when and with what answer, by principal and subject -- changes. */
export type Missed = Record<string, { readonly until: Moment; readonly error: string }>;

/** Looks that found no record; other refusals are about the token. */
const MISSES: ReadonlySet<string> = new Set<Distrust>(['AADSTS700211', 'AADSTS700213']);

/** A federated credential is written, or written anew under its name. */
export function onFederatedCredentialWanted(_state: unknown, message: MessageOf<'FederatedCredentialWanted'>, turn: Turn): void {
  const { operation, principalId, name, issuer, subject } = message;
  const table = turn.table('federatedCredentials');
  const id = federatedKey(principalId, name);
  const own = table.by('principal', principalId);
  const old = table.get(id);
  const error = refusalOf(own, { id, issuer, subject }, turn);
  if (error !== undefined) {
    turn.reply({ type: 'FederatedCredentialDone', operation, status: 400, error });
    return;
  }
  const propagatedAt = after(turn.now, turn.draw('wi.fic.propagation', id));
  const trust: Trust = { issuer, subject, audience: EXCHANGE_AUDIENCE };
  const missingFrom = old?.missingFrom ?? (turn.draw('wi.fic.divergence.prob', id) === 1 ? turn.draw('wi.fic.divergence.share', id) : 0);
  const former = old === undefined ? {} : { former: { issuer: old.issuer, subject: old.subject, audience: old.audience } };
  table.put(id, { id, principalId, name, ...trust, createdAt: turn.now, propagatedAt, ...former, missingFrom });
  const what = old === undefined ? 'created' : 'updated';
  turn.fact({
    type: 'federated-credential-written',
    objectId: principalId,
    name,
    subject,
    what,
    everywhereAt: propagatedAt,
    missingFrom,
  });
  turn.reply({ type: 'FederatedCredentialDone', operation, status: old === undefined ? 201 : 200 });
}

/** A federated credential goes. */
export function onFederatedCredentialUnwanted(_state: unknown, message: MessageOf<'FederatedCredentialUnwanted'>, turn: Turn): void {
  const { operation, principalId, name } = message;
  const table = turn.table('federatedCredentials');
  const old = table.get(federatedKey(principalId, name));
  if (old !== undefined) {
    table.delete(old.id);
    const { subject } = old;
    turn.fact({
      type: 'federated-credential-written',
      objectId: principalId,
      name,
      subject,
      what: 'deleted',
      everywhereAt: turn.now,
      missingFrom: 0,
    });
  }
  turn.reply({ type: 'FederatedCredentialDone', operation, status: old === undefined ? 204 : 200 });
}

function refusalOf(
  own: readonly FederatedCredential[],
  wanted: Pick<FederatedCredential, 'id' | 'issuer' | 'subject'>,
  turn: Turn,
): { readonly code: string; readonly message: string } | undefined {
  const others = own.filter(({ id }) => id !== wanted.id);
  if (others.some(({ issuer, subject }) => issuer === wanted.issuer && subject === wanted.subject))
    return { code: 'InvalidFederatedIdentityCredentialValue', message: 'The combination of issuer and subject must be unique.' };
  const most = turn.knob('wi.fic.max');
  if (others.length < most) return undefined;
  // No published text of this refusal is known: the code is ours.
  return { code: 'FederatedIdentityCredentialLimitExceeded', message: `At most ${String(most)} federated credentials for one principal.` };
}

/** Why the token of a service account does not make its bearer this principal; undefined where it does. */
export function assertionRefusal(
  missed: Missed,
  { objectId }: ServicePrincipal,
  token: ServiceAccountToken,
  turn: Turn,
): Refusal | undefined {
  if (turn.now >= token.expiresAt) return { status: 401, error: 'AADSTS700024' };
  const key = `${objectId} ${token.subject}`;
  const remembered = missed[key];
  if (remembered !== undefined && turn.now < remembered.until) return { status: 401, error: remembered.error };
  delete missed[key];
  const matching = turn.knob('wi.fic.matching');
  const rows = turn.table('federatedCredentials').by('principal', objectId);
  const look = lookAt(rows, token, turn);
  const found = trusted(look.seen, token, turn.now, matching);
  if (typeof found !== 'string') return undefined;
  // A replica that is behind knows of no record; that one exists elsewhere it cannot say.
  const error = look.missed !== 'nothing' && MISSES.has(found) ? 'AADSTS70021' : found;
  if (MISSES.has(found) && look.missed !== 'forGood')
    missed[key] = { until: after(turn.now, turn.draw('wi.fic.negativeCache', key)), error };
  return { status: 401, error };
}

interface Look {
  readonly seen: readonly Trust[];
  /** Whether the replica lacks what concerns the token: not yet there, or never. */
  readonly missed: 'nothing' | 'yet' | 'forGood';
}

/** What the replica that this request meets knows of a principal's credentials. */
function lookAt(rows: readonly FederatedCredential[], token: ServiceAccountToken, turn: Turn): Look {
  let missed: Look['missed'] = 'nothing';
  const seen = rows.flatMap((row): readonly Trust[] => {
    const state = isAbout(row, token) ? stateAt(row, turn) : 'there';
    if (state === 'there') return [row];
    missed = state;
    return state === 'forGood' || row.former === undefined ? [] : [row.former];
  });
  return { seen, missed };
}

function isAbout(row: FederatedCredential, { subject }: ServiceAccountToken): boolean {
  const wanted = subject.toLowerCase();
  return row.subject.toLowerCase() === wanted || row.former?.subject.toLowerCase() === wanted;
}

/** Whether the replica met has a credential. Only a chance that is neither nothing nor all is drawn. */
function stateAt(row: FederatedCredential, turn: Turn): 'there' | 'yet' | 'forGood' {
  const { missingFrom, id } = row;
  if (missingFrom > 0 && (missingFrom === 1 || turn.uniform('replica', id) < missingFrom)) return 'forGood';
  const chance = missChance({ createdAt: row.createdAt, replicatedAt: row.propagatedAt }, 'linear', turn.now);
  return chance > 0 && turn.uniform('federated', id) < chance ? 'yet' : 'there';
}
