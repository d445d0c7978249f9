/**
 * MIC's own token for ARM, as adal gets and keeps it (§2.3, W48): from the metadata address of its own node, through that node's
 * netfilter, like any pod that is no host-network pod.
 *
 * Follows go-autorest/adal v0.9 token.go: ensured before each call, refreshed 5 minutes before it expires, 5 tries with waits of 2, 6,
 * 14, 30 and 60 s (also after the last). Everybody who needs it meanwhile waits.
 */
import { ORIGIN, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nextRequest } from './api-calls.ts';
import { clusterIdentity } from './settings.ts';
import type { MicState } from './state.ts';

/** adal refreshes a token this long before it expires. */
const REFRESH_BEFORE: Duration = seconds(300);

/** What became of a refresh: the tasks that waited, and the error they fail with (`''`: the token is there). */
export interface TokenOutcome {
  readonly waiters: readonly string[];
  readonly error: string;
}

/** Whether calls may be sent. Asks for a token if not; the task then waits for the outcome of that. */
export function ensureToken(state: MicState, task: string, turn: Turn): 'fresh' | 'waiting' {
  const { token } = state;
  if (token.phase === 'idle' && token.expiresAt - REFRESH_BEFORE > turn.now) return 'fresh';
  token.waiters.push(task);
  if (token.phase === 'idle') {
    token.attempt = 0;
    ask(state, turn);
  }
  return 'waiting';
}

/** A process of a world that has long been quiet has a token of unknown age. */
export function settleToken(state: MicState, turn: Turn): void {
  const life = turn.knob('mi.token.lifetime') - REFRESH_BEFORE;
  state.token.expiresAt = turn.now + REFRESH_BEFORE + Math.ceil(life * turn.uniform('mic/tokenAge', turn.self));
}

/** The metadata address answered. */
export function onTokenAnswer(state: MicState, message: MessageOf<'MetadataResponse'>, turn: Turn): TokenOutcome | undefined {
  const { token } = state;
  if (token.phase !== 'asking' || message.request !== token.request) return undefined;
  if (message.status === 200 && message.body !== undefined) {
    token.expiresAt = message.body.token.expiresAt;
    return outcome(state, '');
  }
  if (!isRepeated(message.status)) return outcome(state, tokenError(message.status));
  const wait = turn.knob('adal.imds.delays')[token.attempt] ?? seconds(60);
  token.attempt += 1;
  token.phase = 'pausing';
  turn.setTimer('token', wait, { type: 'MicTokenDue' }, { label: 'arm' });
  return undefined;
}

/** A wait of adal is over: the next try, or the end. */
export function onTokenDue(state: MicState, turn: Turn): TokenOutcome | undefined {
  if (state.token.phase !== 'pausing') return undefined;
  if (state.token.attempt >= turn.knob('adal.imds.maxAttempts')) return outcome(state, tokenError(0));
  ask(state, turn);
  return undefined;
}

function ask(state: MicState, turn: Turn): void {
  const request = nextRequest(state, turn, 'token');
  const clientId = clusterIdentity(turn);
  const ip = turn.table('pods').get(state.pod)?.status.podIP ?? '';
  state.token.phase = 'asking';
  state.token.request = request;
  const query = { resource: 'https://management.azure.com/', apiVersion: '2018-02-01' };
  turn.send(
    `iptables/${state.node}`,
    {
      type: 'MetadataRequest',
      request,
      call: {
        method: 'GET',
        path: '/metadata/identity/oauth2/token',
        metadataHeader: 'true',
        query: clientId === '' ? query : { ...query, clientId },
      },
      sourceIP: ip,
      replyTo: turn.self,
      sender: state.pod,
      network: 'pod',
      connection: request,
      connectTimeout: turn.knob('adal.http.dialTimeout'),
    },
    { ifAbsent: { type: 'MetadataResponse', request, status: 0, servedBy: 'kernel' } },
  );
}

function outcome(state: MicState, error: string): TokenOutcome {
  const waiters = [...state.token.waiters];
  state.token.phase = 'idle';
  state.token.waiters = [];
  if (error !== '') state.token.expiresAt = ORIGIN - 1;
  return { waiters, error };
}

/** adal repeats on no connection, 404, 408, 410, 429 and every 5xx; not on 400 or 403. */
function isRepeated(status: number): boolean {
  return status === 0 || status === 404 || status === 408 || status === 410 || status === 429 || status >= 500;
}

function tokenError(status: number): string {
  return `adal: token refresh failed with status ${String(status)}`;
}
