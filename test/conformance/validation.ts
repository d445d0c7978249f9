/**
 * The validator of the e2e suite inside a pod (README of the cases, section 7): up to three token requests at once, two of them with a read
 * of the vault's secret after it. What it waits and how often it asks is data.
 */
import type { AccessToken } from '../../src/model/azure.ts';
import type { MetadataCall } from '../../src/model/messages/token.ts';
import { keyOf } from '../../src/model/kubernetes.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import type { Cluster } from './stage/cluster.ts';
import type { HandAnswer } from './stage/hand.ts';
import { textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';
import type { Steps, Timeline, Wait } from './timeline.ts';

/** The validator's client library and its own patience [s]. */
const PROFILE = {
  pauses: [2, 6, 14, 30],
  repeated: (status: number): boolean => [404, 408, 410, 429].includes(status) || status >= 500,
  patience: 80,
  restarts: 10,
  restartPause: 10,
  restartWord: 'Identity not found',
  podPatience: 300,
} as const;

const OK = 200;
const VAULT = 'https://vault.azure.net';
const MANAGEMENT = 'https://management.azure.com/';

/** One of the three. */
interface Lane {
  readonly query: MetadataCall['query'];
  /** Name of the vault it then reads; undefined: the token is enough. */
  readonly vault?: string;
  /** When it gives up, counted from its beginning [s]. */
  readonly patience: number;
}

type Step<T> = Generator<Wait, T, undefined>;

/** Validates a pod; answers why it failed, `''` if it did not. */
export function* validate(cluster: Cluster, step: DataMap, options: { readonly vault: string; readonly timeline: Timeline }): Step<string> {
  const key = textAt(step, 'pod').replace(/^Pod\//u, '');
  const isRunning = (): boolean => cluster.pod(key)?.status.phase === 'Running' && cluster.pod(key)?.status.podIP !== '';
  yield { deadline: cluster.now + PROFILE.podPatience, isOver: isRunning };
  const pod = cluster.pod(key);
  if (pod === undefined || !isRunning()) return `${key} is not Running`;
  const failures: string[] = [];
  const lanes = lanesOf(step, options.vault).map(function* (lane): Steps {
    const failure = yield* walk(cluster, pod, lane);
    if (failure !== '') failures.push(failure);
  });
  yield* options.timeline.together(lanes);
  return failures.join('; ');
}

function lanesOf(step: DataMap, vault: string): readonly Lane[] {
  const [clientId, resourceId] = [textAt(step, 'clientID'), textAt(step, 'resourceID')];
  const byResource: Lane = { query: { resource: VAULT, resourceId }, vault, patience: Infinity };
  return [
    { query: { resource: VAULT, clientId }, vault, patience: PROFILE.patience },
    ...(resourceId === '' ? [] : [byResource]),
    { query: { resource: MANAGEMENT }, patience: PROFILE.patience },
  ];
}

/** One lane with its restarts. */
function* walk(cluster: Cluster, pod: Pod, lane: Lane): Step<string> {
  for (let restarts = 0; ; restarts += 1) {
    const failure = yield* attempt(cluster, pod, lane);
    if (failure === '' || !failure.includes(PROFILE.restartWord) || restarts >= PROFILE.restarts) return failure;
    yield { deadline: cluster.now + PROFILE.restartPause };
  }
}

function* attempt(cluster: Cluster, pod: Pod, lane: Lane): Step<string> {
  const end = cluster.now + lane.patience;
  const token = yield* getToken(cluster, pod, lane, end);
  if (typeof token === 'string') return token;
  if (lane.vault === undefined) return '';
  const answer = yield* readSecret(cluster, pod, lane.vault, token);
  return answer === OK ? '' : `the vault answers ${String(answer)}`;
}

/** The client library: asks up to five times; answers the token, or why there is none. */
function* getToken(cluster: Cluster, pod: Pod, { query }: Lane, end: number): Step<AccessToken | string> {
  for (let tries = 0; ; tries += 1) {
    const answer = yield* askOnce(cluster, pod, query, end);
    if (answer === undefined) return `no token within ${String(PROFILE.patience)} s`;
    if (answer.type !== 'MetadataResponse') throw new Error('the metadata address answers with nothing else');
    if (answer.status === OK && answer.body !== undefined) return answer.body.token;
    const pause = PROFILE.repeated(answer.status) ? PROFILE.pauses[tries] : undefined;
    if (pause === undefined) return `status ${String(answer.status)}: ${answer.text ?? ''}`;
    yield { deadline: Math.min(end, cluster.now + pause) };
    if (cluster.now >= end) return `no token within ${String(PROFILE.patience)} s`;
  }
}

/** One request from the pod's address, so through its node's netfilter; undefined where the patience ends first. */
function* askOnce(cluster: Cluster, pod: Pod, query: MetadataCall['query'], end: number): Step<HandAnswer | undefined> {
  const gateway = `iptables/${pod.spec.nodeName ?? ''}`;
  const call: MetadataCall = {
    method: 'GET',
    path: '/metadata/identity/oauth2/token',
    metadataHeader: 'true',
    query: { apiVersion: '2018-02-01', ...query },
  };
  const request = cluster.askMetadata(gateway, { call, sourceIP: pod.status.podIP, sender: keyOf(pod), network: 'pod' });
  yield { deadline: end, isOver: () => cluster.answerTo(request) !== undefined };
  const answer = cluster.answerTo(request);
  if (answer === undefined) cluster.ask(gateway, () => ({ type: 'ConnectionClosed', request }));
  return answer;
}

function* readSecret(cluster: Cluster, pod: Pod, vault: string, token: AccessToken): Step<number> {
  const from = { sender: keyOf(pod), callerIP: pod.status.podIP };
  const request = cluster.ask(`service/${vault}`, (id) => ({
    type: 'ServiceRequest',
    request: id,
    operation: 'getSecret',
    token,
    ...from,
  }));
  yield { deadline: Infinity, isOver: () => cluster.answerTo(request) !== undefined };
  const answer = cluster.answerTo(request);
  return answer?.type === 'ServiceResponse' ? answer.status : 0;
}
