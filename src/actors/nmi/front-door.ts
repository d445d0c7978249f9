/**
 * NMI's HTTP server: which handler gets a request, and the checks before anything is looked up.
 *
 * Follows aad-pod-identity v1.8.17 `pkg/nmi/server/server.go` (Run, msiHandler, hostHandler, defaultPathHandler).
 */
import type { MessageOf } from '../../model/messages/index.ts';
import { ANSWERS } from '../../model/nmi/answers.ts';
import { nmiFlags } from '../../model/nmi/flags.ts';
import { routeOf } from '../../model/nmi/routes.ts';
import { hasMetadataHeader, hostRefusalOf, parseTokenRequest, refusalOf } from '../../model/nmi/token-request.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { proxy } from './acquisition.ts';
import { answer } from './answer.ts';
import { noIdentity } from './choice.ts';
import { findIdentity } from './identity-lookup.ts';
import { scan } from './pod-lookup.ts';
import type { NmiState, OpenRequest } from './state.ts';

type MetadataRequest = MessageOf<'MetadataRequest'>;

/** A request reached the port. */
export function onMetadataRequest(state: NmiState, message: MetadataRequest, turn: Turn): void {
  const { request, call, sourceIP, replyTo } = message;
  if (state.phase !== 'serving' && state.phase !== 'draining') {
    turn.send(replyTo, { type: 'MetadataResponse', request, status: 0, servedBy: 'kernel' });
    return;
  }
  const flags = nmiFlags(turn, state.own);
  const route = routeOf(call.path, flags);
  state.requests[request] = opened(message, route === 'token' || route === 'hostToken' ? route : 'proxy', turn);
  switch (route) {
    case 'token': {
      const refusal = refusalOf(call, { sourceIP, isHeaderRequired: flags.isHeaderRequired });
      if (refusal === undefined) scan(state, request, turn);
      else answer(state, request, refusal, turn);
      return;
    }
    case 'hostToken': {
      const refusal = hostRefusalOf(call, sourceIP);
      if (refusal === undefined) findForHost(state, request, call.podHeaders, turn);
      else answer(state, request, refusal, turn);
      return;
    }
    case 'redirect':
      answer(state, request, ANSWERS.moved, turn);
      return;
    case 'invalidTokenPath':
      answer(state, request, ANSWERS.oddTokenPath, turn);
      return;
    case 'blockedInstance':
      answer(state, request, ANSWERS.instanceBlocked, turn);
      return;
    case 'proxy':
      if (flags.isHeaderRequired && !hasMetadataHeader(call)) answer(state, request, ANSWERS.metadataHeaderMissing, turn);
      else proxy(state, request, state.requests[request], call, turn);
  }
}

/** Faithful: any process of the host gets any pod's token by naming it; in standard mode not even its existence is checked. */
function findForHost(state: NmiState, request: string, headers: MetadataRequest['call']['podHeaders'], turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  open.pod = `${headers?.podns ?? ''}/${headers?.podname ?? ''}`;
  findIdentity(state, request, turn);
}

function opened(message: MetadataRequest, route: OpenRequest['route'], turn: Turn): OpenRequest {
  const { clientId, resourceId, resource } = parseTokenRequest(message.call.query);
  return {
    route,
    replyTo: message.replyTo,
    sender: message.sender,
    sourceIP: message.sourceIP,
    path: message.call.path,
    clientId,
    resourceId,
    resource,
    arrivedAt: turn.now,
    stage: 'pod',
    attempt: 0,
    pod: '',
    isExcepted: false,
    found: 'notLooked',
    client: 'waiting',
    upstreamClientId: '',
    upstreamSince: turn.now,
    upstreamStatus: 0,
    upstreamText: '',
    question: '',
  };
}

/**
 * The client hung up. The wait for an identity ends at once; a scan for the pod goes on to the next look; what was asked of IMDS or the
 * issuer goes on to its end, and nobody reads the answer.
 */
export function onConnectionClosed(state: NmiState, { request }: MessageOf<'ConnectionClosed'>, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  open.client = 'gone';
  if (open.stage !== 'identity' && open.stage !== 'mic') return;
  turn.cancelTimer(`poll:${request}`);
  turn.cancelTimer(`mic:${request}`);
  noIdentity(state, request, 'canceled', turn);
}
