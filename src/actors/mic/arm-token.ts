/**
 * MIC's own token for ARM, as adal gets and keeps it (§2.3, W48): from the metadata address of its own node, through that node's
 * netfilter, like any pod that is no host-network pod; or, where azure.json names a service principal, from Entra by its secret, once.
 *
 * Follows go-autorest/adal v0.9 token.go: ensured before each call, refreshed 5 minutes before it expires, 5 tries with waits of 2, 6,
 * 14, 30 and 60 s (also after the last). Everybody who needs it meanwhile waits.
 */
import { ORIGIN, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { managedTokenLife } from '../../model/token-life.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { IMDS_TOKEN_PATH } from '../../model/metadata-path.ts';
import { nextRequest } from './api-calls.ts';
import { clientOf, presentClient } from './cloud-clients.ts';
import type { CloudClient, MicState } from './state.ts';

/** adal refreshes a token this long before it expires. */
const REFRESH_BEFORE: Duration = seconds(300);

const ARM = 'https://management.azure.com/';

/** What became of a refresh: the tasks that waited, and the error they fail with (`''`: the token is there). */
export interface TokenOutcome {
  readonly waiters: readonly string[];
  readonly error: string;
}

/** Whether calls of a task's client may be sent. Asks for a token if not; the task then waits for the outcome of that. */
export function ensureToken(state: MicState, task: string, turn: Turn): 'fresh' | 'waiting' {
  const number = state.tasks[task]?.client ?? state.client;
  const { token } = clientOf(state, number);
  if (token.phase === 'idle' && token.expiresAt - REFRESH_BEFORE > turn.now) return 'fresh';
  token.waiters.push(task);
  if (token.phase === 'idle') {
    token.attempt = 0;
    ask(state, number, turn);
  }
  return 'waiting';
}

/** A process of a world that has long been quiet has a token of unknown age; that of a service principal has its own, shorter life. */
export function settleToken(state: MicState, turn: Turn): void {
  const { config, token } = presentClient(state);
  const whole = config.clientID === '' ? managedTokenLife(turn) : turn.draw('sp.token.lifetime', `${turn.self}|${config.clientID}`);
  const life = Math.max(whole - REFRESH_BEFORE, 0);
  token.expiresAt = turn.now + REFRESH_BEFORE + Math.ceil(life * turn.uniform('mic/tokenAge', turn.self));
}

/** The metadata address, or Entra, answered. */
export function onTokenAnswer(
  state: MicState,
  message: MessageOf<'MetadataResponse' | 'AadTokenResponse'>,
  turn: Turn,
): TokenOutcome | undefined {
  const found = Object.entries(state.clients).find(([, { token }]) => token.phase === 'asking' && token.request === message.request);
  if (found === undefined) return undefined;
  const [number, { token }] = found;
  const issued = message.type === 'MetadataResponse' ? message.body?.token : message.token;
  if (message.status === 200 && issued !== undefined) {
    token.expiresAt = issued.expiresAt;
    return outcome(token, '');
  }
  if (message.type === 'AadTokenResponse') return outcome(token, refusedSecret(message));
  if (!isRepeated(message.status)) return outcome(token, tokenError(message.status));
  const wait = turn.knob('adal.imds.delays')[token.attempt] ?? seconds(60);
  token.attempt += 1;
  token.status = message.status;
  token.phase = 'pausing';
  turn.setTimer(`token/${number}`, wait, { type: 'MicTokenDue', client: Number(number) }, { label: 'arm' });
  return undefined;
}

/** A wait of adal is over: the next try, or the end. */
export function onTokenDue(state: MicState, number: number, turn: Turn): TokenOutcome | undefined {
  const token = state.clients[number]?.token;
  if (token?.phase !== 'pausing') return undefined;
  if (token.attempt >= turn.knob('adal.imds.maxAttempts')) return outcome(token, tokenError(token.status));
  ask(state, number, turn);
  return undefined;
}

function ask(state: MicState, number: number, turn: Turn): void {
  const { config, token } = clientOf(state, number);
  const request = nextRequest(state, turn, 'token');
  token.phase = 'asking';
  token.request = request;
  if (config.clientID !== '') askEntra(config, request, turn);
  else askMetadata(state, { clientId: config.userAssignedIdentityID, request }, turn);
}

function askEntra({ clientID, clientSecret }: CloudClient['config'], request: string, turn: Turn): void {
  // Shown without saying which key it is: azure.json holds only the text.
  const credential = { kind: 'secret', keyId: '', value: clientSecret } as const;
  const nobody = { type: 'AadTokenResponse', request, status: 0 } as const;
  turn.send(
    'aad',
    { type: 'AadTokenRequest', request, clientId: clientID, credential, resource: ARM },
    { ifAbsent: nobody, ifDropped: { message: nobody, after: turn.knob('adal.http.dialTimeout') } },
  );
}

function askMetadata(state: MicState, { clientId, request }: { readonly clientId: string; readonly request: string }, turn: Turn): void {
  const ip = turn.table('pods').get(state.pod)?.status.podIP ?? '';
  const query = { resource: ARM, apiVersion: '2018-02-01' };
  turn.send(
    `iptables/${state.node}`,
    {
      type: 'MetadataRequest',
      request,
      call: {
        method: 'GET',
        path: IMDS_TOKEN_PATH,
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

function outcome(token: CloudClient['token'], error: string): TokenOutcome {
  const waiters = [...token.waiters];
  token.phase = 'idle';
  token.waiters = [];
  if (error !== '') token.expiresAt = ORIGIN - 1;
  return { waiters, error };
}

/** adal repeats on no connection, 404, 408, 410, 429 and every 5xx; not on 400 or 403. */
function isRepeated(status: number): boolean {
  return status === 0 || status === 404 || status === 408 || status === 410 || status === 429 || status >= 500;
}

function tokenError(status: number): string {
  return `adal: token refresh failed with status ${String(status)}`;
}

/** adal's word for a refusal of Entra, such as AADSTS7000222 (expired) or AADSTS7000215 (wrong secret); it is not repeated. */
function refusedSecret({ status, error = '' }: MessageOf<'AadTokenResponse'>): string {
  return `adal: Refresh request failed. Status Code = '${String(status)}'. ${error}`;
}
