/**
 * The application at its service: pooled database connections, the challenge of a vault, the wait after a throttled call.
 *
 *   SQL        connection open? ─yes─► query over it (no check of the token)      no ─► connect with the token, keep it for its life
 *   Key Vault  first call without a token ─► 401, the challenge ─► getToken ─► call ─429─► 1, 2, 4, 8, 16 s ─► call again
 *   others     one call with the token
 *
 * Follows the drivers of Azure SQL (the token is looked at when a connection opens, pools hide its expiry and revocation), the Key Vault
 * clients (challenge of a new client) and Key Vault's guidance for throttled clients.
 */
import { after } from '../../kernel/time.ts';
import type { AccessToken } from '../../model/azure.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { copyOfToken } from '../../model/token.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ServiceRow } from '../../model/workload.ts';
import { workloadOf } from './credential.ts';
import { askingId, nameOf } from './state.ts';
import type { PodState } from './state.ts';

/** What a use does at each kind of service; at a database, over an open connection, it is a query. */
const OPERATIONS: Readonly<Record<ServiceRow['kind'], string>> = {
  sql: 'connect',
  keyVault: 'getSecret',
  cosmosDb: 'read',
  arm: 'read',
  api: 'call',
};

/** Whether the next use of a vault begins with the call without a token that a new client makes. */
export function isChallengeDue(state: PodState, turn: Turn): boolean {
  if (state.place.until === 'firstToken') return false;
  return state.challenge === 'due' && serviceOf(state, turn)?.kind === 'keyVault' && turn.knob('kv.challenge401');
}

/** Makes that call. Its answer says where tokens come from, so it precedes the first getToken. */
export function meetChallenge(state: PodState, turn: Turn): void {
  state.use = 'challenge';
  call(state, { id: `${askingId(state, turn)}.challenge`, operation: OPERATIONS.keyVault }, turn);
}

/** Whether the pool has a connection to the database that may still be used. */
export function hasConnection(state: PodState, turn: Turn): boolean {
  return state.pooled !== undefined && turn.now < state.pooled.until;
}

/** Uses the service. Without one there is nothing to do. */
export function callService(state: PodState, turn: Turn): 'called' | 'nothingToDo' {
  const workload = workloadOf(state, turn);
  if (workload === undefined || workload.service === '') return 'nothingToDo';
  const kind = serviceOf(state, turn)?.kind;
  const pooled = kind === 'sql' && hasConnection(state, turn) ? state.pooled : undefined;
  const token = pooled?.token ?? state.held?.token;
  if (token === undefined) return 'nothingToDo';
  if (pooled === undefined) state.pooled = undefined;
  state.use = 'service';
  const operation = pooled !== undefined ? 'query' : kind === undefined ? 'read' : OPERATIONS[kind];
  call(state, { id: `${askingId(state, turn)}.use`, operation, token }, turn);
  return 'called';
}

/** The service answered, or did not in time: what it means for pool, challenge and throttle, and whether the use is over. */
export function onServiceAnswer(state: PodState, status: number, turn: Turn): 'challenged' | 'again' | 'over' {
  turn.cancelTimer('service');
  state.serviceCall = '';
  if (state.use === 'challenge') {
    // A vault that is away challenges the next use; the call with a token is made all the same.
    if (status > 0) state.challenge = 'met';
    return 'challenged';
  }
  const kind = serviceOf(state, turn)?.kind;
  if (kind === 'keyVault' && status === 429 && waitForVault(state, turn)) return 'again';
  state.throttled = 0;
  if (kind === 'sql') keepConnection(state, status, turn);
  return 'over';
}

/** The wait after a throttled call is over. */
export function onThrottleOver(state: PodState, turn: Turn): void {
  const token = state.held?.token;
  if (token === undefined) return;
  call(state, { id: `${state.serviceCall}.${String(state.throttled)}`, operation: OPERATIONS.keyVault, token }, turn);
}

/** Waits as long as the list of waits says; answers false where it is spent. */
function waitForVault(state: PodState, turn: Turn): boolean {
  const wait = turn.knob('kv.backoff.client')[state.throttled];
  if (wait === undefined) return false;
  state.throttled += 1;
  state.serviceCall = `${askingId(state, turn)}.use`;
  turn.setTimer('service', wait, { type: 'RetryDue', request: state.serviceCall }, { label: 'clientBackoff' });
  return true;
}

/** A connection that opened stays in the pool for its life; one that broke leaves it. */
function keepConnection(state: PodState, status: number, turn: Turn): void {
  if (status !== 200) {
    state.pooled = undefined;
    return;
  }
  if (state.pooled !== undefined || state.held === undefined) return;
  const life = turn.draw('sql.connection.lifetime', nameOf(turn));
  state.pooled = { token: copyOfToken(state.held.token), until: after(turn.now, life) };
}

function serviceOf(state: PodState, turn: Turn): ServiceRow | undefined {
  return turn.table('services').get(workloadOf(state, turn)?.service ?? '');
}

function call(
  state: PodState,
  { id, operation, token }: { readonly id: string; readonly operation: string; readonly token?: AccessToken },
  turn: Turn,
): void {
  const service = workloadOf(state, turn)?.service ?? '';
  state.serviceCall = id;
  turn.setTimer('service', turn.knob('client.http.timeout'), { type: 'TryTimeoutDue', request: id }, { label: 'other' });
  const message: MessageOf<'ServiceRequest'> = {
    type: 'ServiceRequest',
    request: id,
    operation,
    sender: nameOf(turn),
    callerIP: state.place.ip,
    ...(token === undefined ? {} : { token: copyOfToken(token) }),
  };
  turn.send(`service/${service}`, message, { ifAbsent: { type: 'ServiceResponse', request: id, status: 0 } });
}
