/** What a message says in a few words, for arrows of diagrams and slices of timelines. */
import { imdsSentence } from '../../model/imds-error.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { Message, MessageOf, MessageType } from '../../model/messages/index.ts';
import { lastPart } from '../value-text.ts';
import type { MetadataCall } from '../../model/messages/token.ts';
import { IMDS_TOKEN_PATH } from '../../model/metadata-path.ts';
import { armWords } from './arm-words.ts';

/** What somebody says to somebody else: all messages but timers and watches. */
export type SpokenType = Exclude<MessageType, `${string}Due` | TimerType>;

/** Timers, and what reaches an actor without a sender, whose names do not end in Due. */
type TimerType =
  | 'CachesSynced'
  | 'RebootOver'
  | 'RulesWritten'
  | 'Start'
  | 'StallOver'
  | 'WatchEvent'
  | 'EventsExpired'
  | 'CloudConfigWritten'
  | 'ConnectionClosed'
  | 'ProxyStarted'
  | 'WorkloadStarted'
  | 'MicStarted'
  | 'NmiStarted'
  | 'NodeBooted';

const WORDS: { readonly [T in SpokenType]: (message: MessageOf<T>) => string } = {
  ApiRequest: ({ call }) => apiWords(call),
  ApiResponse: ({ status, reason = '' }) => answerWords(status, reason),
  ArmRequest: ({ call }) => armWords(call),
  ArmResponse: ({ status, error, operationStatus = '' }) => answerWords(status, error?.code ?? operationStatus),
  MetadataRequest: ({ call }) => metadataWords(call),
  MetadataResponse: ({ status, body, text = '' }) => answerWords(status, body === undefined ? imdsSentence(text) : 'token'),
  AadTokenRequest: ({ clientId, credential }) => `POST token client ${clientId.slice(0, 8)} by ${credential.kind}`,
  AadTokenResponse: ({ status, error = 'token' }) => answerWords(status, error),
  ServiceRequest: ({ operation }) => operation,
  ServiceResponse: ({ status, error = '' }) => answerWords(status, error === 'tokenMissing' ? 'bring a token' : error),
  VolumeSetUp: ({ pod, volume }) => `set up ${volume.name} of ${pod}`,
  VolumeSetUpGivenUp: () => 'give the set-up of the volume up',
  VolumeSetUpDone: ({ error }) => (error === '' ? 'done' : `failed: ${error}`),
  IdentityLookup: ({ podNamespace, podName }) => `which identity has ${podNamespace}/${podName}?`,
  IdentityLookupResult: ({ outcome }) => outcome,
  Probe: () => 'liveness probe',
  ProbeAnswer: ({ status, body }) => answerWords(status, body),
  JwksRequest: () => 'the keys that the issuer signs with',
  JwksResponse: ({ keys }) => (keys.length === 0 ? 'no keys' : `keys ${keys.join(', ')}`),
  FederatedCredentialWanted: ({ name, subject }) => `federated credential ${name} for ${subject}`,
  FederatedCredentialUnwanted: ({ name }) => `no federated credential ${name} any more`,
  PodIdentityChange: ({ action, subject }) => `${action} pod identity ${subject.namespace}/${subject.name}`,
  PodIdentityDone: ({ status, error }) => answerWords(status, error?.code ?? ''),
  FederatedCredentialDone: ({ status, error }) => answerWords(status, error?.code ?? ''),
  PrincipalWanted: ({ displayName }) => `service principal for ${displayName}`,
  PrincipalReady: () => 'service principal ready',
  PrincipalUnwanted: () => 'no service principal any more',
  PrincipalChange: ({ change }) => `${change} principal`,
  ClaimChange: ({ change }) => `${change.change} ${change.claim} ${change.value}`,
  CapacityWanted: ({ capacity }) => `${String(capacity)} instances`,
  InstanceUnwanted: ({ instance }) => `delete instance ${instance}`,
  ComputeCreated: ({ resource }) => `${lastPart(resource)} is there`,
  ComputeDeleted: ({ resource }) => `${lastPart(resource)} is gone`,
  NodeLost: ({ how }) => (how === 'down' ? 'the machine is down' : 'the machine is gone'),
  RebootWanted: () => 'reboot',
  KillContainer: ({ pod, signal }) => `${signal} to ${pod}`,
  Signal: ({ signal }) => signal,
  ProcessExited: ({ pod, reason }) => `the process of ${pod} ended: ${reason}`,
  ProcessGone: () => 'a process ended, and with it its connections',
  ListenerChanged: ({ state }) => LISTENER[state],
  RulesCommand: ({ op }) => RULES[op],
  RulesDone: ({ error, changed }) => (error === undefined ? (changed ? 'changed' : 'as it was') : 'the lock of xtables is held'),
  ConnectionRefused: () => 'connection refused',
  CredentialWanted: ({ kind }) => `a new ${kind}`,
  CredentialUnwanted: () => 'remove a credential',
  SecretRefused: () => 'a client secret was refused',
  SigningKeyRotationWanted: () => 'sign with a new key',
  ExternalJobGiven: ({ job }) => `its job: ${job.kind}`,
};

const LISTENER: Readonly<Record<MessageOf<'ListenerChanged'>['state'], string>> = {
  up: 'NMI listens',
  down: 'nobody listens',
  closed: 'NMI closed its port',
  settled: 'NMI listens, its rules are in',
};

const RULES: Readonly<Record<MessageOf<'RulesCommand'>['op'], string>> = {
  ensure: 'write the redirect where it is not there',
  rewrite: 'flush the chain and write it again',
  remove: 'remove the redirect',
  forgetFlows: 'forget old connections (conntrack)',
  flush: 'flush the chain',
  reverse: 'write the rules in the wrong order',
  precede: 'put a rule before the redirect',
  withdraw: 'take that rule away again',
  block: 'drop packets for the address of NMI',
  unblock: 'let packets for the address of NMI pass',
  lock: 'hold the lock of xtables',
};

/** A message as a short phrase: verb and object of a request, status of an answer; a timer by its name. */
export function messageWords(message: Message): string {
  return isSpoken(message) ? (WORDS[message.type] as (message: Message) => string)(message) : message.type;
}

/** Whether somebody said it to somebody. */
function isSpoken(message: Message): message is MessageOf<SpokenType> {
  return Object.hasOwn(WORDS, message.type);
}

function metadataWords({ path, query }: MetadataCall): string {
  const { resource = '', clientId = '', resourceId = '' } = query;
  const who = clientId === '' ? lastPart(resourceId) : `client ${clientId.slice(0, 8)}`;
  const what = path === IMDS_TOKEN_PATH ? 'token' : path;
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

function answerWords(status: number, about: string): string {
  const code = status <= 0 ? 'refused' : String(status);
  return about === '' ? code : `${code} ${about}`;
}

function hostOf(resource: string): string {
  return resource.replace(/^https?:\/\//u, '').replace(/\/$/u, '');
}
