/** Stand-ins for what lies beyond a node's token path: small actors that answer at once unless told otherwise. */
import { micros, moment, seconds } from '../../src/kernel/time.ts';
import type { Duration } from '../../src/kernel/time.ts';
import type { AccessToken } from '../../src/model/azure.ts';
import type { AzureIdentity, Secret } from '../../src/model/kubernetes.ts';
import { keyOf } from '../../src/model/kubernetes.ts';
import type { MessageOf } from '../../src/model/messages/index.ts';
import { defineActor } from '../../src/model/vocabulary.ts';
import type { IdentityActor, Turn } from '../../src/model/vocabulary.ts';

/** What the stand-in for IMDS says to the n-th call (from 0), a 200 with its token unless it is `bare`; undefined: it stays silent. */
export type ImdsSays = (call: {
  readonly n: number;
  readonly clientId: string;
  readonly at: number;
}) => { readonly status: number; readonly after?: Duration; readonly text?: string; readonly body?: 'bare' } | undefined;

/** What the stand-in for MIC says to the n-th question (from 0), each answer that many seconds later. */
export type MicSays = (n: number) => readonly {
  readonly after: number;
  readonly outcome: 'assigned' | 'pending' | 'denied';
  readonly identities: readonly AzureIdentity[];
}[];

/** One thing that happens at a second of the run. */
export interface ScriptStep {
  readonly at: number;
  readonly act: (turn: Turn) => void;
}

/** A token of a client id. */
function tokenOf(clientId: string, issuedAt: number, life = 86_400): AccessToken {
  const at = moment(seconds(issuedAt));
  const objectId = `object-${clientId}`;
  return {
    uti: `uti-${clientId}-${String(issuedAt)}`,
    audience: 'r',
    issuer: 'i',
    objectId,
    appId: clientId,
    mirid: '',
    issuedAt: at,
    notBefore: at,
    expiresAt: moment(at + seconds(life)),
  };
}

interface Counting {
  n: number;
}

/** IMDS of the node. */
export function imdsStandIn(says: ImdsSays): IdentityActor<Counting, MessageOf<'MetadataRequest' | 'ConnectionClosed'>> {
  return defineActor<Counting, MessageOf<'MetadataRequest' | 'ConnectionClosed'>>({
    kind: 'imds',
    initial: () => ({ n: 0 }),
    handlers: {
      // IMDS finishes what it began.
      ConnectionClosed: () => undefined,
      MetadataRequest: (state, message, turn) => {
        const clientId = message.call.query.clientId ?? 'default';
        const said = says({ n: state.n, clientId, at: turn.now / 1e6 });
        state.n += 1;
        if (said === undefined) return;
        const resource = message.call.query.resource ?? '';
        const body =
          said.status === 200 && said.body !== 'bare'
            ? { body: { token: tokenOf(clientId, Math.round(turn.now / 1e6)), resource, isCached: false } }
            : {};
        const text = said.text === undefined ? {} : { text: said.text };
        const { request } = message;
        turn.send(
          message.replyTo,
          { type: 'MetadataResponse', request, status: said.status, servedBy: 'imds', ...body, ...text },
          { after: said.after ?? micros(0), label: 'imds' },
        );
      },
    },
  });
}

/** MIC's leader, of the documented variant. */
export function micStandIn(says: MicSays): IdentityActor<Counting, MessageOf<'IdentityLookup'>> {
  return defineActor<Counting, MessageOf<'IdentityLookup'>>({
    kind: 'mic',
    initial: () => ({ n: 0 }),
    handlers: {
      IdentityLookup: (state, { request }, turn) => {
        for (const { after, outcome, identities } of says(state.n)) {
          turn.reply({ type: 'IdentityLookupResult', request, outcome, identities }, { after: seconds(after), label: 'other' });
        }
        state.n += 1;
      },
    },
  });
}

/** Entra, with one status for all. */
export function aadStandIn(status: number): IdentityActor<object, MessageOf<'AadTokenRequest'>> {
  return defineActor<object, MessageOf<'AadTokenRequest'>>({
    kind: 'aad',
    initial: () => ({}),
    handlers: {
      AadTokenRequest: (_state, { request, clientId, credential }, turn) => {
        const token =
          status === 200
            ? { token: tokenOf(`${clientId}/${credential.kind === 'assertion' ? '' : credential.value}`, Math.round(turn.now / 1e6)) }
            : {};
        turn.reply({ type: 'AadTokenResponse', request, status, ...token });
      },
    },
  });
}

/** What the API server holds, and how it answers: with its status, or as the objects say. */
export interface ApiServer {
  readonly secrets: readonly Secret[];
  readonly status: number | undefined;
}

/** The kube-apiserver. */
export function apiServerStandIn(path: ApiServer): IdentityActor<object, MessageOf<'ApiRequest'>> {
  return defineActor<object, MessageOf<'ApiRequest'>>({
    kind: 'kube-apiserver',
    initial: () => ({}),
    handlers: {
      ApiRequest: (_state, { request, call }, turn) => {
        const found = call.verb === 'get' ? path.secrets.find((secret) => keyOf(secret) === call.key) : undefined;
        const status = path.status ?? (found === undefined ? 404 : 200);
        turn.reply({ type: 'ApiResponse', request, status, ...(found === undefined ? {} : { object: found }) });
      },
    },
  });
}

/** The kubelet: takes note. */
export const kubeletStandIn = defineActor<object, MessageOf<'ProcessExited' | 'ProbeAnswer'>>({
  kind: 'kubelet',
  initial: () => ({}),
  handlers: { ProcessExited: () => undefined, ProbeAnswer: () => undefined },
});

/** A client that sends what a script tells it. */
export const clientStandIn = defineActor<object, MessageOf<'MetadataResponse'>>({
  kind: 'client',
  initial: () => ({}),
  handlers: { MetadataResponse: () => undefined },
});

/** A target service, with the status of its n-th answer (from 0). */
export function serviceStandIn(statusOf: (n: number) => number): IdentityActor<Counting, MessageOf<'ServiceRequest'>> {
  return defineActor<Counting, MessageOf<'ServiceRequest'>>({
    kind: 'service',
    initial: () => ({ n: 0 }),
    handlers: {
      ServiceRequest: (state, { request }, turn) => {
        turn.reply({ type: 'ServiceResponse', request, status: statusOf(state.n) });
        state.n += 1;
      },
    },
  });
}

/** Acts a script. */
export function clerkStandIn(
  script: readonly ScriptStep[],
): IdentityActor<object, MessageOf<'Start' | 'StoryDue' | 'RulesDone' | 'ProbeAnswer'>> {
  return defineActor<object, MessageOf<'Start' | 'StoryDue' | 'RulesDone' | 'ProbeAnswer'>>({
    kind: 'clerk',
    initial: () => ({}),
    handlers: {
      Start: (_state, _message, turn) => {
        for (const [n, { at }] of script.entries())
          turn.setTimer(`step-${String(n)}`, seconds(at), { type: 'StoryDue', step: String(n) }, { label: 'idle' });
      },
      StoryDue: (_state, { step }, turn) => {
        script[Number(step)]?.act(turn);
      },
      RulesDone: () => undefined,
      ProbeAnswer: () => undefined,
    },
  });
}
