/** Slice of an NMI: one process on one node, and the requests it has open. */
import type { Moment } from '../../kernel/time.ts';
import type { AccessToken } from '../../model/azure.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { OwnNmi } from '../../model/pod-identity-release/own-nmi.ts';

/** Phase of the process. Before `serving` its port is closed. */
export type NmiPhase = 'starting' | 'syncing' | 'serving' | 'draining' | 'dead';

/** What an open request waits for. */
type RequestStage = 'pod' | 'identity' | 'mic' | 'secret' | 'issuer' | 'imds' | 'proxy';

/** The AzureIdentity a request was given, as far as getting a token needs it. */
interface ChosenIdentity {
  /** `namespace/name` of the AzureIdentity. */
  readonly key: string;
  readonly type: number;
  readonly clientId: string;
  /** Key of its Secret; `''` where it names none. */
  readonly secretKey: string;
  /** Tokens to get beside the first, one per auxiliary tenant. */
  readonly auxiliaryTenants: number;
}

/** A request NMI has not answered yet. */
export interface OpenRequest {
  readonly route: 'token' | 'hostToken' | 'proxy';
  readonly replyTo: string;
  /** Pod that truly sent it; for reports only. */
  readonly sender: string;
  readonly sourceIP: string;
  /** As it came. */
  readonly path: string;
  readonly clientId: string;
  readonly resourceId: string;
  readonly resource: string;
  readonly arrivedAt: Moment;
  stage: RequestStage;
  /** Scans, looks or tries made in the present stage -- changes. */
  attempt: number;
  /** Key of the pod NMI takes the sender for; `''` before it knows -- changes. */
  pod: string;
  isExcepted: boolean;
  /** What the first look at AzureAssignedIdentities found -- changes. */
  found: 'none' | 'Created' | 'Assigned' | 'notLooked';
  /** Whether the client still waits for the answer -- changes. */
  client: 'waiting' | 'gone';
  /** Variant: what the timer of its question to MIC stands for; absent: MIC's answer is awaited -- changes. */
  micWait?: 'push' | 'poll' | 'gap';
  identity?: ChosenIdentity;
  /** Client id asked for upstream; `''` before that, and for the default identity -- changes. */
  upstreamClientId: string;
  /** When it first turned to IMDS or Entra for a token -- changes. */
  upstreamSince: Moment;
  /** Status of the last answer from upstream -- changes. */
  upstreamStatus: number;
  /** Its error text; `''` for none -- changes. */
  upstreamText: string;
  /** NMI's own question that is under way; answers to older ones are late and ignored -- changes. */
  question: string;
  /** The issuer's first token, while tokens of auxiliary tenants are still to come -- changes. */
  issued?: AccessToken;
  /** What the Secret held, for the next tenant -- changes. */
  credential?: { readonly kind: 'certificate' | 'secret'; readonly value: string };
}

/** Slice of an NMI. */
export interface NmiState {
  node: string;
  /** Key of its own pod. */
  pod: string;
  /** What its container says of it. */
  own: OwnNmi;
  phase: NmiPhase;
  /** Whether the first rules are in: what the body of its health page says -- changes. */
  rules: 'missing' | 'installed';
  /** Moments drawn at the start: port open, rules written. */
  listenAt: Moment;
  rulesAt: Moment;
  /** First lists of the API server that failed -- changes. */
  listFailures: number;
  /** Calls of IMDS for tokens so far; counted where the user agent grows with them -- changes. */
  userAgents: number;
  /** Number of questions asked so far -- changes. */
  asked: number;
  requests: Record<string, OpenRequest>;
  /** Request that a question of NMI's belongs to -- changes. */
  questions: Record<string, string>;
  /** client-go's limiter for Secrets: tokens [1] at that moment; negative while calls wait -- changes. */
  secretBucket: { tokens: number; at: Moment };
  /** Variant: who NMI believes to lead MIC; `''` nobody -- changes. */
  leader: { pod: string; seenAt: Moment };
  /** Variant: pods (and what they asked for) that MIC denied, until when NMI remembers it -- changes. */
  denied: Record<string, Moment>;
}

/** The slice of an NMI that has not started. */
export function initialState(): NmiState {
  return {
    node: '',
    pod: '',
    own: {},
    phase: 'dead',
    rules: 'missing',
    listenAt: 0 as Moment,
    rulesAt: 0 as Moment,
    listFailures: 0,
    userAgents: 0,
    asked: 0,
    requests: {},
    questions: {},
    secretBucket: { tokens: -1, at: -1 as Moment },
    leader: { pod: '', seenAt: -1 as Moment },
    denied: {},
  };
}

/** A new id for something NMI asks; the one before, of the same request, counts no more. */
export function newQuestion(state: NmiState, request: string, turn: Turn): string {
  const question = newId(state, turn);
  const open = state.requests[request];
  if (open !== undefined) {
    if (open.question !== '') delete state.questions[open.question];
    open.question = question;
    state.questions[question] = request;
  }
  return question;
}

/** A new id that belongs to no request. */
export function newId(state: NmiState, turn: Turn): string {
  state.asked += 1;
  // A node's NMI starts anew under the same name: its first moment keeps the ids of its lives apart.
  return `${turn.self}#${String(state.listenAt)}.${String(state.asked)}`;
}

/** The request that an answer belongs to, and its question closed; undefined for a late answer. */
export function takeAnswered(state: NmiState, question: string): string | undefined {
  const request = state.questions[question];
  if (request === undefined) return undefined;
  delete state.questions[question];
  const open = state.requests[request];
  if (open === undefined) return undefined;
  open.question = '';
  return request;
}
