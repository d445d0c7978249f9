/**
 * The proxy sidecar of workload identity: an SDK that knows only the metadata address asks it, and it asks Entra.
 *
 *   MetadataRequest ─token path─► AadTokenRequest with the token in the volume ─► 200 with a token, or 500
 *                  └─other─► on to the metadata address
 *
 * Follows azure-workload-identity v1 (`pkg/proxy/proxy.go`: msiHandler, doTokenRequest, defaultPathHandler). Faithful: it keeps no token,
 * reads the file for each request, takes AZURE_CLIENT_ID where a request names no client id, and answers every failure with 500. Until
 * it listens, the redirect in the pod's network leads to nobody: connections are refused.
 */
import { ORIGIN } from '../kernel/time.ts';
import type { MessageOf } from '../model/messages/index.ts';
import type { ProxyPlace } from '../model/messages/token.ts';
import { projectedToken } from '../model/projected-token.ts';
import { defineActor } from '../model/vocabulary.ts';
import type { Turn } from '../model/vocabulary.ts';
import { IMDS_TOKEN_PATH } from '../model/metadata-path.ts';

type Inbox = MessageOf<'ProxyStarted' | 'MetadataRequest' | 'ConnectionClosed' | 'AadTokenResponse'>;

interface ProxyState {
  place: ProxyPlace;
  /** By request under way, who wants the answer, and for which audience -- changes. */
  readonly open: Record<string, { readonly replyTo: string; readonly resource: string }>;
}

const NOWHERE: ProxyPlace = {
  startedAt: ORIGIN,
  gateway: '',
  federated: { issuer: '', subject: '', audience: '', clientId: '', life: 0 as ProxyPlace['federated']['life'] },
};

/** The actor `azwi-proxy/NAMESPACE/POD`. */
export const azwiProxy = defineActor<ProxyState, Inbox>({
  kind: 'azwi-proxy',
  initial: () => ({ place: NOWHERE, open: {} }),
  handlers: {
    ProxyStarted: (state, { place }) => {
      state.place = place;
    },
    MetadataRequest: onRequest,
    // The client hung up: what Entra answers goes to nobody.
    ConnectionClosed: (state, { request }) => {
      delete state.open[request];
    },
    AadTokenResponse: onAnswer,
  },
});

function onRequest(state: ProxyState, message: MessageOf<'MetadataRequest'>, turn: Turn): void {
  const { request, replyTo, call } = message;
  const { place } = state;
  if (!call.path.startsWith(IMDS_TOKEN_PATH)) {
    turn.send(place.gateway, message);
    return;
  }
  const resource = call.query.resource ?? '';
  const named = call.query.clientId ?? '';
  const clientId = named === '' ? place.federated.clientId : named;
  state.open[request] = { replyTo, resource };
  const credential = projectedToken(place.federated, { filledAt: place.startedAt, readAt: turn.now }, turn);
  const nobody = { type: 'AadTokenResponse', request, status: 0 } as const;
  const ifDropped = { message: nobody, after: turn.knob('net.connectTimeout') };
  turn.send('aad', { type: 'AadTokenRequest', request, clientId, credential, resource }, { ifAbsent: nobody, ifDropped });
}

function onAnswer(state: ProxyState, message: MessageOf<'AadTokenResponse'>, turn: Turn): void {
  const { request, token } = message;
  const asked = state.open[request];
  if (asked === undefined) return;
  delete state.open[request];
  const answer =
    token === undefined
      ? { status: 500, text: message.error ?? 'failed to get token' }
      : { status: 200, body: { token, resource: asked.resource, isCached: false } };
  turn.send(asked.replyTo, { type: 'MetadataResponse', request, servedBy: 'azwi-proxy', ...answer });
}
