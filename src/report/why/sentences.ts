/** Events and facts in sentences, for people who do not know the names of messages. */
import type { FactOf } from '../../model/facts/index.ts';
import type { MessageType } from '../../model/messages/index.ts';
import { messageWords } from '../export/message-words.ts';
import { humanDuration, humanMoment } from '../duration-text.ts';
import { lastPart } from '../value-text.ts';
import { handleFact } from '../watcher.ts';
import type { FactHandlers, Stamped } from '../watcher.ts';
import type { NotedEvent } from './record.ts';

/** What it means that an actor's own timer came due, or that something reached it without a sender. */
const OWN: Readonly<Partial<Record<MessageType, string>>> = {
  StoryDue: 'the story went on',
  LoopDue: 'MIC’s loop looked for its next piece of work',
  WorkerDue: 'a worker of MIC began with its VM or scale set',
  ArmStepDue: 'MIC’s Azure SDK went on: the next poll, or the next try',
  OperationDue: 'the operation on the VM or scale set ended at ARM',
  CallDue: 'ARM had looked at the call',
  IdentityPollDue: 'NMI looked again for an AzureAssignedIdentity of the pod',
  PodLookupDue: 'NMI looked again for the pod that has the address',
  UpstreamRetryDue: 'NMI asked IMDS again',
  WatchEvent: 'a watch delivered a change',
  PodStepDue: 'the kubelet went on with the pod',
  VolumeStepDue: 'the kubelet went on with a volume of the pod',
  NodeStepDue: 'the node went on with its start',
  ScheduleDue: 'the scheduler had chosen a node',
  ControllerDue: 'a controller compared what is wanted with what is there',
  UseDue: 'the application needed the service again',
  RetryDue: 'the wait before the next try was over',
  TryTimeoutDue: 'the client’s own time-out came first',
  ReconcileDue: 'MIC’s reconcile timer came due',
  PeriodicSyncDue: 'MIC’s periodic sync came due',
  ResyncDue: 'an informer of MIC resynced',
  LeaseDue: 'MIC tried for, or renewed, its lock',
  CachesSynced: 'MIC’s caches were filled',
  WorkloadStarted: 'the application began',
  MicStarted: 'a MIC process began',
  NmiStarted: 'an NMI process began',
  NodeBooted: 'the machine had booted',
  InstanceDue: 'an instance of the scale set came or went',
  ScanDue: 'the autoscaler looked at its pools',
  ScaleDue: 'the autoscaler had decided',
  RenewDeadlineDue: 'the time in which MIC must renew its lock was over',
  UpstreamTimeoutDue: 'NMI’s own time-out for IMDS came first',
  Start: 'the world began',
};

/** What messages say that diagrams call by their names. */
const SAID: Readonly<Partial<Record<MessageType, string>>> = {
  Probe: 'the liveness probe',
  ProbeAnswer: 'the liveness probe',
  JwksRequest: 'the signing keys of its issuer',
  JwksResponse: 'the signing keys of its issuer',
  FederatedCredentialWanted: 'a federated credential',
  FederatedCredentialDone: 'the federated credential',
};

/** An event in one sentence, without a full stop. */
export function eventSentence({ actor, from, message }: NotedEvent): string {
  const { type } = message;
  const own = OWN[type];
  if (from === '' || from === actor) return own ?? `${actor}: ${type}`;
  if (type === 'ConnectionClosed') return `${actor} heard that the client had hung up`;
  if (type === 'WatchEvent') return `a watch of ${actor} delivered a change`;
  if (own !== undefined) return `${own} (${actor})`;
  const isAnswer = type.endsWith('Response') || type.endsWith('Result') || type.endsWith('Answer') || type.endsWith('Done');
  const words = SAID[type] ?? messageWords(message);
  return isAnswer ? `${from} answered ${actor}: ${words}` : `${from} asked ${actor}: ${words}`;
}

const TOLD: FactHandlers<string | undefined> = {
  'story-step': ({ text }) => text,
  'token-asked': ({ pod, resource }) => `${pod} asked for a token for ${resource}`,
  'token-answered': ({ pod, servedBy }) => `${pod} had its token, from ${servedBy}`,
  'token-failed': ({ pod, status, reason }) =>
    reason === 'unavailable'
      ? `${pod} gave up at once: a probe of its process had failed, and it takes managed identity for unavailable`
      : `${pod} gave up: ${failureWords(reason, status)}`,
  'token-try-ended': (ended) => tryWords(ended),
  'connection-routed': (fact) => routeSentence(fact),
  'nmi-resolved': ({ sender, resolved }) =>
    resolved === ''
      ? `NMI knew no pod with the address of ${sender}`
      : resolved === sender
        ? undefined
        : `NMI took ${sender} for ${resolved}, by the address that the request came from`,
  'nmi-answered': ({ status, found, took }) =>
    `NMI answered ${String(status)} after ${humanDuration(took)}; AzureAssignedIdentity at its first look: ${found}`,
  'imds-answered': ({ status, isCached, error }) =>
    `IMDS answered ${String(status)}${isCached ? ' from its cache' : ''}${error === '' ? '' : `: ${error}`}`,
  'aad-token-refused': ({ appId, error }) => `Entra refused ${appId}: ${error}`,
  'service-answered': ({ service, status, error }) => `${service} answered ${String(status)}${error === '' ? '' : ` ${error}`}`,
  'mic-cycle-started': ({ cycle, creates, updates, deletes, queued }) =>
    `MIC began cycle ${String(cycle)}: ${String(creates)} to create, ${String(updates)} to update, ${String(deletes)} to delete, ${String(queued)} events behind it`,
  'mic-worker-started': ({ resource, add, remove }) =>
    `the worker of ${resource} wants ${String(add.length)} identities added and ${String(remove.length)} removed`,
  'mic-worker-ended': ({ resource, error }) => (error === '' ? undefined : `the worker of ${resource} failed: ${error}`),
  'mic-removal-decided': ({ assigned, identity, verdict }) => `of ${assigned} MIC decided about ${lastPart(identity)}: ${verdict}`,
  'mic-reconciled': ({ added, aborted }) => (aborted === '' ? `reconcile put back ${String(added)}` : `reconcile gave up: ${aborted}`),
  'mic-name-collision': ({ name, loser }) => `${name} is wanted twice; ${loser} lost`,
  'mic-event': ({ level, reason }) => (level === 'Warning' ? `MIC recorded a Warning: ${reason}` : undefined),
  'mic-leading': ({ replica }) => `${replica} began to lead`,
  'mic-stopped': ({ replica, reason }) => `${replica} stopped: ${reason}`,
  'arm-answered': ({ op, status, error, retryAfter }) =>
    status < 400
      ? undefined
      : `ARM answered ${op} with ${String(status)} ${error}${retryAfter > 0 ? `, Retry-After ${humanDuration(retryAfter)}` : ''}`,
  'arm-operation-ended': ({ resource, added, removed, outcome, took }) =>
    `the operation on ${lastPart(resource)} ${outcome.toLowerCase()} after ${humanDuration(took)}: ${String(added.length)} added, ${String(removed.length)} removed`,
  'client-throttled': ({ waited }) => `it waited ${humanDuration(waited)} for its own rate limit`,
  'volume-setup-ended': ({ volume, attempt, error, took }) =>
    `try ${String(attempt)} to set up ${volume} ${error === '' ? 'succeeded' : `failed (${error})`} after ${humanDuration(took)}`,
  'container-started': ({ pod, node }) => `the container of ${pod} started on ${node}`,
  'rules-changed': ({ node, redirect }) => `the redirect to NMI on ${node} went ${redirect}`,
  'container-ended': ({ pod, reason }) => `the container of ${pod} ended: ${reason}`,
  'probe-failed': ({ pod, failures }) => `the liveness probe of ${pod} failed, ${String(failures)} in a row`,
  'nmi-phase': ({ node, phase }) => `NMI on ${node} is ${phase}`,
  'nmi-upstream-ended': ({ status, took }) =>
    status === 200
      ? undefined
      : `NMI’s tries upstream ended with ${status === 0 ? 'nobody reached' : String(status)} after ${humanDuration(took)}`,
  'pool-scaled': ({ pool, from, to, why }) => `the autoscaler: ${pool} from ${String(from)} to ${String(to)} nodes, ${why}`,
  'webhook-answered': ({ pod, outcome, reason }) =>
    outcome === 'mutated' ? undefined : `the webhook of workload identity: ${pod} ${outcome}${reason === '' ? '' : ` (${reason})`}`,
  'federated-credential-written': ({ name, subject, what, everywhereAt }) =>
    `federated credential ${name} for ${subject} ${what}; all replicas know it from ${humanMoment(everywhereAt)} on`,
  'entra-outage-began': ({ until }) => `an outage of Entra began, until ${humanMoment(until)}`,
  'principal-deleted': ({ resourceId }) => `${lastPart(resourceId)} was deleted`,
  'identity-reference-stale': ({ resource, identity }) => `${lastPart(resource)} now refers to a ${lastPart(identity)} that is gone`,
  'mic-memory-grew': ({ replica, mebibytes }) => `${replica} holds ${String(mebibytes)} MiB`,
  'mic-cloud-operation-ended': ({ operation, resource, error, took }) =>
    error === '' ? undefined : `${operation} of ${resource} failed after ${humanDuration(took)}: ${error}`,
  'node-ready': ({ node }) => `${node} became Ready`,
  'node-removed': ({ node, how }) => `${node} left (${how})`,
};

/** Why a client gave up. */
export function failureWords(reason: string, status: number): string {
  if (reason === 'timedOut') return 'its own time-out came first';
  return status > 0 ? `${reason}, status ${String(status)}` : reason;
}

function tryWords({ attempt, status, servedBy, took }: FactOf<'token-try-ended'>): string {
  const which = attempt === 0 ? 'the probe' : `try ${String(attempt)}`;
  if (status === -1) return `the client gave ${which} up after ${humanDuration(took)}`;
  return status === 0 ? `${which} was refused: nobody listens there` : `${which} was answered ${String(status)} by ${servedBy}`;
}

function routeSentence({ pod, node, to, network }: FactOf<'connection-routed'>): string {
  if (network === 'host') return `${pod} is in the host network, whose connections pass no PREROUTING rule: to ${to}, around NMI`;
  switch (to) {
    case 'nmi':
      return `the rules of ${node} sent the connection of ${pod} to NMI`;
    case 'imds':
      return `no rule of ${node} caught the connection of ${pod}: it went to IMDS itself, around NMI`;
    case 'refused':
      return `the rules of ${node} sent the connection of ${pod} to NMI, where nobody listens: refused`;
    case 'dropped':
      return `a network policy on ${node} dropped the connection of ${pod} on its way to NMI`;
  }
}

/** Facts of an event; they stand in order of events, so those of one lie together. */
export function factsOf(facts: readonly Stamped[], event: number): readonly Stamped[] {
  let low = 0;
  for (let high = facts.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((facts[middle]?.event ?? 0) < event) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (facts[end]?.event === event) end += 1;
  return facts.slice(low, end);
}

/** A fact as a sentence without a full stop; undefined for what says nothing to a reader. */
export function factSentence(stamped: Stamped): string | undefined {
  return handleFact(TOLD, stamped);
}

/** What an event stated, in order; what it stated again and again is told once. */
export function statedIn(facts: readonly Stamped[]): readonly string[] {
  const throttled = facts.flatMap(({ fact }) => (fact.type === 'client-throttled' ? [fact.waited] : []));
  const times = new Map<string, number>();
  for (const stamped of facts) {
    const isOneOfMany = stamped.fact.type === 'client-throttled' && throttled.length > 1;
    const text = isOneOfMany ? throttleWords(throttled) : factSentence(stamped);
    if (text !== undefined) times.set(text, isOneOfMany ? 1 : (times.get(text) ?? 0) + 1);
  }
  return [...times].map(([text, count]) => (count === 1 ? text : `${text} (${String(count)} times)`));
}

function throttleWords(waits: readonly number[]): string {
  const [shortest, longest] = [Math.min(...waits), Math.max(...waits)].map((wait) => humanDuration(wait));
  return `${String(waits.length)} calls waited for its own rate limit, ${shortest ?? ''} to ${longest ?? ''}`;
}
