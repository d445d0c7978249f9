/** Facts in sentences without full stops: who did what, to whom, with what outcome. */
import type { FactOf } from '../../../model/facts/index.ts';
import { actorWords } from '../../actor-words.ts';
import { humanDuration, humanMoment } from '../../duration-text.ts';
import { entraErrorWords } from '../../entra-error-words.ts';
import { armOperationWords } from '../../export/arm-words.ts';
import { counted, lastPart } from '../../value-text.ts';
import { handleFact } from '../../watcher.ts';
import type { FactHandlers, Stamped } from '../../watcher.ts';
import { cycleWords, removalWords, shortIds } from './mic-words.ts';

const TOLD: FactHandlers<string | undefined> = {
  'story-step': ({ text }) => text,
  'token-asked': ({ pod, resource }) => `${pod} needed a token for ${resource}`,
  'token-answered': ({ pod, servedBy }) => `${pod} had its token, from ${SERVED_BY[servedBy]}`,
  'token-failed': ({ pod, status, reason }) =>
    reason === 'unavailable'
      ? `${pod} gave up at once: a probe of its process had failed, and it takes managed identity for unavailable`
      : `${pod} gave up: ${failureWords(reason, status)}`,
  'token-try-ended': (ended) => tryWords(ended),
  'connection-routed': (fact) => routeSentence(fact),
  'nmi-resolved': ({ node, sender, resolved }) =>
    resolved === ''
      ? `NMI on ${node} knew no pod with the address of ${sender}`
      : resolved === sender
        ? undefined
        : `NMI on ${node} took ${sender} for ${resolved}, by the address that the request came from`,
  'nmi-answered': (fact) => answerSentence(fact),
  'imds-answered': ({ vm, sender, status, isCached, error }) =>
    `IMDS of ${vm} answered ${sender === '' ? '' : `${sender} `}${String(status)}${isCached ? ' from its cache' : ''}${error === '' ? '' : `: ${entraErrorWords(error)}`}`,
  'aad-token-refused': ({ appId, error, federatedSubject }) =>
    `Entra refused a token for the client ${appId.slice(0, 8)}${federatedSubject === undefined ? '' : ` to ${federatedSubject}`}: ${entraErrorWords(error)}`,
  'service-answered': ({ service, sender, status, error }) =>
    `${service} answered ${sender} ${String(status)}${error === '' ? '' : ` ${error}`}`,
  'mic-cycle-started': (fact) => cycleWords(fact),
  'mic-worker-started': ({ replica, resource, add, remove }) =>
    `the worker of ${actorWords(replica)} for ${resource} wants ${counted(add.length, 'identity', 'identities')} added and ${String(remove.length)} removed`,
  'mic-worker-ended': ({ replica, resource, error }) =>
    error === '' ? undefined : `the worker of ${actorWords(replica)} for ${resource} failed: ${shortIds(error)}`,
  'mic-assigned-identity-written': ({ operation, assigned, error }) =>
    operation === 'deletion' || error !== ''
      ? `MIC ${WRITES[operation]} the AzureAssignedIdentity ${lastPart(assigned)}${error === '' ? '' : `, in vain: ${error}`}`
      : undefined,
  'mic-removal-decided': (fact) => removalWords(fact),
  'mic-reconciled': ({ added, aborted }) =>
    aborted === '' ? `the reconcile of MIC put back ${String(added)}` : `the reconcile of MIC gave up: ${aborted}`,
  'mic-name-collision': ({ name, loser }) => `MIC wanted two assigned identities named ${name}; ${loser} lost`,
  'mic-event': ({ level, reason }) => (level === 'Warning' ? `MIC recorded a Warning: ${reason}` : undefined),
  'mic-leading': ({ replica }) => `${actorWords(replica)} began to lead`,
  'mic-stopped': ({ replica, reason }) => `${actorWords(replica)} stopped: ${reason}`,
  'arm-answered': ({ client, op, resource, status, error, retryAfter }) =>
    status < 400
      ? undefined
      : `ARM answered ${actorWords(client)} ${String(status)} ${error} to ${armOperationWords(op)}${resource === '' ? '' : ` (${lastPart(resource)})`}${retryAfter > 0 ? `, Retry-After ${humanDuration(retryAfter)}` : ''}`,
  'aks-operation-ended': ({ action, podIdentity, culprit }) =>
    culprit === ''
      ? `AKS wrote the pod identities of the cluster, to ${action} ${podIdentity}`
      : `AKS did not ${action} the pod identity ${podIdentity}: ${lastPart(culprit)}, of the same list, is gone; all of the list show Failed`,
  'arm-operation-ended': ({ resource, added, removed, outcome, took }) =>
    `the operation on ${lastPart(resource)} ${OUTCOMES[outcome]} after ${humanDuration(took)}: ${String(added.length)} added, ${String(removed.length)} removed`,
  'client-throttled': ({ waited }) => `it waited ${humanDuration(waited)} for its own rate limit`,
  'volume-setup-ended': ({ pod, volume, attempt, error, took }) =>
    `try ${String(attempt)} to set up the volume ${volume} of ${pod} ${error === '' ? 'succeeded' : `failed (${error})`} after ${humanDuration(took)}`,
  'container-started': ({ pod, node, init }) =>
    `${init === undefined ? 'the container' : `the init container ${init}`} of ${pod} started on ${node}`,
  'rules-changed': ({ node, redirect }) => `the redirect to NMI on ${node} went ${redirect}`,
  'container-ended': ({ pod, reason, init }) =>
    `${init === undefined ? 'the container' : `the init container ${init}`} of ${pod} ended: ${ENDINGS[reason] ?? reason}`,
  'token-proxy-phase': ({ pod, phase }) =>
    phase === 'serving' ? `the proxy sidecar of ${pod} serves` : `the proxy sidecar of ${pod} starts`,
  'probe-failed': ({ pod, failures }) => `the liveness probe of ${pod} failed, ${String(failures)} in a row`,
  'nmi-phase': ({ node, phase }) => `NMI on ${node} is ${phase}`,
  'nmi-upstream-ended': ({ status, took }) =>
    status === 200
      ? undefined
      : `NMI’s tries for a token ended with ${status === 0 ? 'nobody reached' : String(status)} after ${humanDuration(took)}`,
  'pool-scaled': ({ pool, from, to, why }) => scalingSentence(pool, { from, to, why }),
  'webhook-answered': ({ pod, outcome, reason }) => (outcome === 'mutated' ? undefined : webhookSentence(pod, outcome, reason)),
  'federated-credential-written': ({ name, subject, what, everywhereAt }) =>
    `federated credential ${name} for ${subject} ${what}; all replicas know it from ${humanMoment(everywhereAt)} on`,
  'entra-outage-began': ({ until }) => `an outage of Entra began, until ${humanMoment(until)}`,
  'principal-deleted': ({ resourceId }) => `${lastPart(resourceId)} was deleted`,
  'identity-reference-stale': ({ resource, identity }) => `${lastPart(resource)} now refers to a ${lastPart(identity)} that is gone`,
  'mic-memory-grew': ({ replica, mebibytes }) => `${actorWords(replica)} holds ${String(mebibytes)} MiB`,
  'mic-cloud-operation-ended': ({ operation, resource, error, took }) =>
    error === ''
      ? undefined
      : `the ${operation.endsWith('_get') ? 'GET' : 'write'} of ${resource} failed for MIC after ${humanDuration(took)}: ${shortIds(error)}`,
  'node-ready': ({ node }) => `${node} became Ready`,
  'node-removed': ({ node, how }) => `${node} left (${how})`,
  'mic-started': ({ replica }) => `${actorWords(replica)} began`,
  'mic-caches-synced': ({ replica }) => `the caches of ${actorWords(replica)} were filled`,
};

/** Who gave a token. */
export const SERVED_BY: Readonly<Record<FactOf<'token-answered'>['servedBy'], string>> = {
  nmi: 'NMI',
  imds: 'IMDS itself',
  aad: 'Entra',
  clientCache: 'its own cache',
};

const WRITES: Readonly<Record<FactOf<'mic-assigned-identity-written'>['operation'], string>> = {
  addition: 'created',
  update: 'updated',
  deletion: 'deleted',
  status: 'wrote the status of',
};

const OUTCOMES: Readonly<Record<FactOf<'arm-operation-ended'>['outcome'], string>> = {
  Succeeded: 'succeeded',
  Failed: 'failed',
  Preempted: 'was preempted by a later one',
};

const ENDINGS: Readonly<Record<string, string>> = {
  'grace period over': 'killed, its grace period was over',
  'iptables: locked': 'its process gave up, for the lock of iptables (xtables) was held',
  nodeLost: 'its node is gone',
  nodeDown: 'its node is down',
};

/** Why a client gave up. */
export function failureWords(reason: string, status: number): string {
  if (reason === 'timedOut') return 'its own time-out came first';
  if (reason === 'refused') return 'it got no connection';
  if (reason === 'unavailable') return 'it takes managed identity for unavailable';
  if (reason === 'noCredential') return 'it has no credential to show: the variables of workload identity are not set in its container';
  return reason === `http ${String(status)}`
    ? `the answer was ${String(status)}`
    : `${reason}${status > 0 ? `, status ${String(status)}` : ''}`;
}

function tryWords({ attempt, status, servedBy, took }: FactOf<'token-try-ended'>): string {
  const which = attempt === 0 ? 'the probe' : `try ${String(attempt)}`;
  if (status === -1) return `the client gave ${which} up after ${humanDuration(took)}`;
  return status === 0
    ? `${which} got no connection in ${humanDuration(took)}`
    : `${which} was answered ${String(status)} by ${actorWords(servedBy)}`;
}

/** What NMI answered, and where its search for the pod’s identity had come. */
function answerSentence({ node, sender, status, took, found, identity, pod }: FactOf<'nmi-answered'>): string {
  const searched: Readonly<Record<typeof found, string>> = {
    none: 'at its first look there was no AzureAssignedIdentity of the pod',
    Created: 'at its first look the AzureAssignedIdentity of the pod was Created, not yet Assigned',
    Assigned: 'the AzureAssignedIdentity of the pod was Assigned',
    notLooked: notLookedWords(status, pod),
  };
  const isForeign = identity !== '' && identity.split('/')[0] !== sender.split('/')[0];
  const given = isForeign ? `; the AzureIdentity is ${identity}, of another namespace` : '';
  return `NMI on ${node} answered ${sender} ${String(status)} after ${humanDuration(took)}; ${searched[found]}${given}`;
}

/** Why NMI did not come to look for an identity. */
function notLookedWords(status: number, pod: string): string {
  if (status < 400) return 'it looked for no AzureAssignedIdentity';
  if (status === 400) return 'it refuses such a request, whoever sends it';
  return pod === '' ? 'it had not found out which pod asked' : 'it did not come to look for an AzureAssignedIdentity';
}

function routeSentence({ pod, node, to, network }: FactOf<'connection-routed'>): string {
  if (network === 'host') {
    const where = to === 'imds' ? 'it went to IMDS itself, around NMI' : `it went to ${to}`;
    return `${pod} is in the host network, whose connections pass no PREROUTING rule: ${where}`;
  }
  switch (to) {
    case 'nmi':
      return `the rules of ${node} sent the connection of ${pod} to NMI`;
    case 'imds':
      return `no rule of ${node} caught the connection of ${pod}: it went to IMDS itself, around NMI`;
    case 'refused':
      return `the rules of ${node} sent the connection of ${pod} to NMI, where nobody listens: refused`;
    case 'dropped':
      return `a network policy on ${node} dropped the connection of ${pod} on its way to NMI: a policy sees the address that NMI’s rule puts in, not that of IMDS`;
  }
}

function scalingSentence(pool: string, { from, to, why }: Pick<FactOf<'pool-scaled'>, 'from' | 'to' | 'why'>): string {
  const size = `${pool} from ${String(from)} to ${String(to)} nodes`;
  switch (why) {
    case 'pendingPods':
      return `the autoscaler wants to grow ${size}, for pods that found no room`;
    case 'unneeded':
      return `the autoscaler wants to shrink ${size}: it needs no more`;
    case 'notProvisioned':
      return `the autoscaler takes its growth back, ${size}: a node never came`;
    case 'refused':
      return `the autoscaler takes its growth back, ${size}: its write was refused`;
  }
}

function webhookSentence(pod: string, outcome: 'ignored' | 'refused', reason: string): string {
  const because = reason === '' ? '' : ` (${reason})`;
  return outcome === 'ignored'
    ? `the webhook of workload identity was not reached${because}, and ${pod} was admitted as it came, without the variables of workload identity`
    : `the webhook of workload identity had ${pod} refused${because}`;
}

/** A fact in words, whatever it is: as a sentence, or by its name and fields. */
export function factWords(stamped: Stamped): string {
  const sentence = factSentence(stamped);
  if (sentence !== undefined) return sentence;
  const { type, ...fields } = stamped.fact;
  const shown = Object.entries(fields).filter(([, value]) => typeof value !== 'object' && value !== '');
  return `${type} was stated${shown.length === 0 ? '' : ` (${shown.map(([name, value]) => `${name} ${actorWords(String(value))}`).join(', ')})`}`;
}

/** A fact as a sentence without a full stop; undefined for what says nothing to a reader. */
export function factSentence(stamped: Stamped): string | undefined {
  return handleFact(TOLD, stamped);
}
