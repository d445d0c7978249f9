/** NMI's answers: to the client, and to those who count. */
import { between, plus } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { TokenBody } from '../../model/messages/token.ts';
import { WITHOUT_IDENTITY, WITHOUT_TOKEN } from '../../model/nmi/answers.ts';
import type { FixedAnswer, NoIdentity } from '../../model/nmi/answers.ts';
import { nmiFlags } from '../../model/nmi/flags.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { NmiState, OpenRequest } from './state.ts';

/** What an answer says. Only {@link handOn} may say what stands neither in a table of `model/nmi/answers.ts` nor in a token. */
interface Answer {
  readonly status: number;
  readonly text?: string;
  readonly body?: TokenBody;
  readonly retryAfter?: Duration;
  /** `no`: it comes out of a panic, which upstream's metrics never see. Default `yes`. */
  readonly counted?: 'no';
}

/** Answers a request with a fixed status and text. */
export function answer(state: NmiState, request: string, said: FixedAnswer, turn: Turn): void {
  respond(state, request, said, turn);
}

/** Answers a request with its token. */
export function answerToken(state: NmiState, request: string, body: TokenBody, turn: Turn): void {
  respond(state, request, { status: 200, body }, turn);
}

/** Hands on what IMDS said to a call of another path. */
export function handOn(state: NmiState, request: string, { status, body, text }: MessageOf<'MetadataResponse'>, turn: Turn): void {
  respond(state, request, { status, ...(body === undefined ? {} : { body }), ...(text === undefined ? {} : { text }) }, turn);
}

/** Answers a request and forgets it. A client that hung up gets nothing, but the answer is stated all the same, as upstream logs it. */
function respond(state: NmiState, request: string, said: Answer, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  if (open.question !== '') delete state.questions[open.question];
  const overhead = turn.drawAt('nmi.overhead', request, 0);
  const { counted, ...response } = said;
  if (open.client === 'waiting') {
    turn.send(open.replyTo, { type: 'MetadataResponse', request, servedBy: 'nmi', ...response }, { after: overhead, label: 'net' });
  }
  const { route } = open;
  if (route !== 'proxy') {
    const { status, retryAfter } = said;
    const took = plus(between(open.arrivedAt, turn.now), overhead);
    const outcome = { route, status, took, hasRetryAfter: retryAfter !== undefined, isCounted: counted === undefined };
    stateAnswered(state.node, request, open, outcome, turn);
  }
  delete state.requests[request];
}

function stateAnswered(
  node: string,
  request: string,
  open: OpenRequest,
  outcome: Pick<FactOf<'nmi-answered'>, 'route' | 'status' | 'took' | 'hasRetryAfter' | 'isCounted'>,
  turn: Turn,
): void {
  turn.fact({
    type: 'nmi-answered',
    node,
    request,
    sender: open.sender,
    clientId: open.upstreamClientId,
    resource: open.resource,
    found: open.found,
    identity: open.identity?.key ?? '',
    path: open.path,
    pod: open.pod,
    namespace: open.pod.slice(0, Math.max(0, open.pod.indexOf('/'))),
    ...outcome,
  });
}

/**
 * `GetIdentities` failed: 404, or 503 with Retry-After for every such error, even a lasting one. Not on the host route. `asked`: what no
 * identity fits, for the reason that says so.
 */
export function answerNoIdentity(
  state: NmiState,
  request: string,
  { why, asked = '' }: { readonly why: NoIdentity; readonly asked?: string },
  turn: Turn,
): void {
  const text = asked === '' ? WITHOUT_IDENTITY[why] : `${WITHOUT_IDENTITY[why]} ${asked}`;
  if (!nmiFlags(turn, state.own).setsRetryAfter || state.requests[request]?.route === 'hostToken') {
    respond(state, request, { status: statusWithoutIdentity(state, request, turn), text }, turn);
    return;
  }
  const status = turn.knob('nmi.status.noAssignedId.withRetryAfter');
  respond(state, request, { status, text, retryAfter: turn.knob('nmi.retryAfter.value') }, turn);
}

/** 404, or the 403 of earlier releases, of which some told what stayed Created from what never was there. */
function statusWithoutIdentity(state: NmiState, request: string, turn: Turn): number {
  const open = state.requests[request];
  const isTold = behaves(turn, 'nmiTellsUnassignedFromAbsent', state.own.release) && open !== undefined && isPastCreated(open, turn);
  return turn.knob(isTold || behaves(turn, 'nmiAnswersNotFound', state.own.release) ? 'nmi.status.noAssignedId' : 'nmi.status.tokenError');
}

/** Whether the search went on to its second part, which only what is Created gets to. */
function isPastCreated(open: OpenRequest, turn: Turn): boolean {
  return open.attempt > turn.knob('nmi.lookup.createdAttempts');
}

/** `GetTokens` failed. For an excepted pod every error is a 403. The body carries what upstream said. */
export function answerNoToken(state: NmiState, request: string, kind: 'tokenError' | 'healthCheckError', turn: Turn): void {
  const isHealth =
    kind === 'healthCheckError' && behaves(turn, 'nmiTellsImdsFailure', state.own.release) && state.requests[request]?.isExcepted !== true;
  const status = turn.knob(isHealth ? 'nmi.status.healthCheckError' : 'nmi.status.tokenError');
  const said = state.requests[request]?.upstreamText ?? '';
  respond(state, request, { status, text: said === '' ? WITHOUT_TOKEN : `${WITHOUT_TOKEN}: ${said}` }, turn);
}
