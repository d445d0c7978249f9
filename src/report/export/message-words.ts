/** What a message says in a few words, for arrows of diagrams and slices of timelines. */
import { imdsSentence } from '../../model/imds-error.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { Message, MessageOf, MessageType } from '../../model/messages/index.ts';
import { lastPart } from '../value-text.ts';
import type { MetadataCall } from '../../model/messages/token.ts';

type Words = { readonly [T in MessageType]?: (message: MessageOf<T>) => string };

const TOKEN_PATH = '/metadata/identity/oauth2/token';

/** Messages that say more than their name. */
const WORDS: Words = {
  ApiRequest: ({ call }) => apiWords(call),
  ApiResponse: ({ status, reason = '' }) => answerWords(status, reason),
  ArmRequest: ({ call }) => armWords(call),
  ArmResponse: ({ status, error, operationStatus = '' }) => answerWords(status, error?.code ?? operationStatus),
  MetadataRequest: ({ call }) => metadataWords(call),
  MetadataResponse: ({ status, body, text = '' }) => answerWords(status, body === undefined ? imdsSentence(text) : 'token'),
  AadTokenRequest: ({ clientId, credential }) => `POST token client ${clientId.slice(0, 8)} by ${credential.kind}`,
  AadTokenResponse: ({ status, error = 'token' }) => answerWords(status, error),
  ServiceRequest: ({ operation }) => operation,
  ServiceResponse: ({ status, error = '' }) => answerWords(status, error),
  VolumeSetUp: ({ pod, volume }) => `set up ${volume.name} of ${pod}`,
  VolumeSetUpDone: ({ error }) => (error === '' ? 'done' : `failed: ${error}`),
  IdentityLookup: ({ podNamespace, podName }) => `which identity has ${podNamespace}/${podName}?`,
  IdentityLookupResult: ({ outcome }) => outcome,
};

/** A message as a short phrase: verb and object of a request, status of an answer. */
export function messageWords(message: Message): string {
  const words = WORDS[message.type] as ((message: Message) => string) | undefined;
  return words?.(message) ?? message.type;
}

function metadataWords({ path, query }: MetadataCall): string {
  const { resource = '', clientId = '', resourceId = '' } = query;
  const who = clientId === '' ? lastPart(resourceId) : `client ${clientId.slice(0, 8)}`;
  const what = path === TOKEN_PATH ? 'token' : path;
  return ['GET', what, resource === '' ? '' : `for ${hostOf(resource)}`, who].filter((word) => word !== '').join(' ');
}

function apiWords(call: ApiCall): string {
  if (call.verb === 'create' || call.verb === 'update' || call.verb === 'apply') {
    return `${call.verb} ${call.object.kind} ${call.object.metadata.name}`;
  }
  if (call.verb === 'patchStatus') return `patch ${call.kind} status ${call.status}`;
  if (call.verb === 'podStatus') return `pod status ${call.status.phase ?? (call.status.podIP === undefined ? 'update' : 'IP')}`;
  return [call.verb, 'kind' in call ? call.kind : '', 'key' in call ? lastPart(call.key) : ''].filter((word) => word !== '').join(' ');
}

function armWords(call: ArmCall): string {
  if (call.op === 'patchIdentity') {
    const delta = call.delta ?? [];
    const adds = delta.filter(({ action }) => action === 'add').length;
    return `PATCH ${call.resource.name} ${call.delta === undefined ? `type ${call.identityType}` : `+${String(adds)} -${String(delta.length - adds)}`}`;
  }
  if (call.op === 'pollOperation') return 'poll operation';
  if ('resource' in call) return `${call.op} ${call.resource.name}`;
  return 'name' in call ? `${call.op} ${call.name}` : call.op;
}

function answerWords(status: number, about: string): string {
  const code = status <= 0 ? 'refused' : String(status);
  return about === '' ? code : `${code} ${about}`;
}

function hostOf(resource: string): string {
  return resource.replace(/^https?:\/\//u, '').replace(/\/$/u, '');
}
