/** Answers of IMDS: the message to whoever asked, the fact for the reports, and the place the request takes until it is out. */
import { after as later } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { AccessToken } from '../../model/azure.ts';
import { imdsErrorBody } from '../../model/imds-error.ts';
import type { ImdsErrorCode } from '../../model/imds-error.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { signInTimes } from '../../model/sign-in-log.ts';
import { copyOfToken } from '../../model/token.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { Fetch, ImdsState, Waiting } from './state.ts';

type Request = MessageOf<'MetadataRequest'>;

/** An answer: a token, or a status with its error. */
export interface Answer {
  readonly status: number;
  /** What went wrong, in words; `''` for nothing. */
  readonly error: string;
  /** Code of the JSON body; absent: the words are the body. */
  readonly code?: ImdsErrorCode;
  /** Token out of the cache. */
  readonly token?: AccessToken;
}

/** Answers a request for which nobody else has to be asked. */
export function respond(state: ImdsState, turn: Turn, message: Request, answer: Answer, after: Duration): void {
  const { request, replyTo, sender, call } = message;
  const { status, error, token } = answer;
  const resource = call.query.resource ?? '';
  state.busyUntil.push(later(turn.now, after));
  turn.fact({
    type: 'imds-answered',
    vm: turn.self.slice('imds/'.length),
    request,
    sender,
    status,
    clientId: token?.appId ?? call.query.clientId ?? '',
    objectId: token?.objectId ?? call.query.objectId ?? '',
    resource,
    isCached: token !== undefined,
    error,
  });
  if (token !== undefined && turn.knob('entra.signInLog.cachedTokenLogged')) {
    const { uti, objectId, appId, audience } = token;
    turn.fact({ type: 'cached-token-logged', uti, objectId, appId, audience, ...signInTimes(turn, `${turn.self}|${appId}`) });
  }
  const body = token === undefined ? {} : { body: { token: copyOfToken(token), resource, isCached: true } };
  turn.send(replyTo, { type: 'MetadataResponse', request, status, servedBy: 'imds', ...body, ...textOf(answer) }, { after, label: 'imds' });
}

/** Answers a request that waited for Entra. */
export function respondFetched(turn: Turn, waiting: Waiting, fetch: Fetch, answer: Answer): void {
  const { request, replyTo, sender } = waiting;
  const { status, error, token } = answer;
  const { clientId, objectId, resource } = fetch;
  const vm = turn.self.slice('imds/'.length);
  turn.fact({ type: 'imds-answered', vm, request, sender, status, clientId, objectId, resource, isCached: false, error });
  const body = token === undefined ? {} : { body: { token: copyOfToken(token), resource, isCached: false } };
  turn.send(replyTo, { type: 'MetadataResponse', request, status, servedBy: 'imds', ...body, ...textOf(answer) });
}

function textOf({ error, code }: Answer): { readonly text?: string } {
  if (error === '') return {};
  return { text: code === undefined ? error : imdsErrorBody(code, error) };
}
