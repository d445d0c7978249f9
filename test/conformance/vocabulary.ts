/** The words of a case (README of the cases, sections 3, 4 and 6). A word nobody knows must not pass unseen: it could be what the case is about. */
import type { ConformanceCase } from './case.ts';
import { isMap, listAt } from './stage/objects.ts';
import type { Data, DataMap } from './stage/objects.ts';

/** Words inside a word; `anything`: names and values of the case's own. */
type Inside = readonly string[] | 'anything';

const GIVEN: Readonly<Record<string, Inside>> = {
  base: 'anything',
  components: 'anything',
  replicas: 'anything',
  namespaces: 'anything',
  objects: 'anything',
  flags: ['mic', 'nmi'],
  cloudConfig: 'anything',
  harness: ['retriableErrors'],
  arm: ['unknownResources', 'resources', 'identities', 'mayOperate'],
  aad: ['tenantID', 'servicePrincipals'],
  keyVault: ['name', 'secret', 'policies'],
  admission: 'anything',
  cluster: ['nodes'],
  timing: ['arm', 'kube', 'imds'],
};

const ASSERTIONS: Readonly<Record<string, Inside>> = {
  objects: ['kind', 'namespace', 'count', 'exactly', 'contains', 'every', 'absent'],
  arm: ['resource', 'userAssignedIdentities', 'type'],
  armCalls: ['resource', 'get', 'patch'],
  armPatch: ['resource', 'nth', 'add', 'remove', 'failed'],
  events: ['count', 'atLeast', 'exactly', 'contains', 'last'],
  returns: ['of', 'value', 'error', 'roundTo', 'ordered', 'ignoreCase', 'partition'],
  response: ['of', 'status', 'text', 'textContains', 'json', 'ignoreCase', 'headers'],
  route: ['of', 'handler'],
  validation: ['of', 'ok'],
  elapsed: ['of', 'seconds', 'minSeconds', 'from', 'to', 'maxSeconds'],
  loop: ['component', 'state', 'withinSeconds'],
  object: ['of', 'userAssignedIdentities'],
  systemAssigned: ['of', 'present', 'sameAs'],
  admission: ['of', 'accepted'],
  podPhase: ['pod', 'selector', 'phase', 'count'],
  initContainer: ['pod', 'index', 'exitCode', 'reason'],
  iptables: ['node', 'chain', 'exists', 'jumpFrom'],
  probe: ['component', 'replica', 'node', 'body'],
  metric: ['name', 'labels', 'count', 'min', 'max'],
  notifications: ['count', 'atLeast', 'first'],
  noCrash: ['of'],
  httpEquivalent: ['of', 'status', 'withRetryAfterFlag', 'tokenRequestedFor'],
};

const STEPS: Readonly<Record<string, Inside>> = {
  apply: 'anything',
  as: 'anything',
  delete: 'anything',
  notify: 'anything',
  start: 'anything',
  stop: 'anything',
  settle: ['maxSeconds'],
  advance: ['seconds'],
  await: [...Object.keys(ASSERTIONS), 'timeoutSeconds', 'pollSeconds'],
  mark: 'anything',
  fault: ['id', 'on', 'kind', 'times', 'error'],
  clearFault: 'anything',
  arm: ['op', 'resource', 'identity', 'as', 'ignoreErrors'],
  call: ['as', 'fn', 'args', 'on'],
  object: ['as', 'type', 'kind', 'userAssignedIdentities'],
  request: ['as', 'to', 'method', 'path', 'headers', 'remoteAddr', 'port', 'node', 'replica', 'from'],
  validate: ['as', 'pod', 'clientID', 'resourceID'],
  schedule: ['afterSeconds', 'do'],
  parallel: 'anything',
  kill: ['component', 'replica', 'node'],
  uninstall: [],
};

/** Names of the assertions in an item, the mark and the patience aside. */
export function assertionsIn(item: DataMap): readonly string[] {
  return Object.keys(item).filter((key) => !BESIDE.includes(key));
}

const BESIDE: readonly string[] = ['at', 'timeoutSeconds', 'pollSeconds'];

/** Words of an item of `then` or `observed` that nobody knows. */
export function strangeWordsOf(item: DataMap): readonly string[] {
  return strangers(item, { ...ASSERTIONS, at: 'anything', timeoutSeconds: 'anything', pollSeconds: 'anything' });
}

/** Words of a case's surroundings and steps that nobody knows, each once. */
export function strangeWords({ given, when }: ConformanceCase): readonly string[] {
  return [...new Set([...strangers(given, GIVEN), ...when.flatMap(strangeInStep)])];
}

function strangeInStep(step: DataMap): readonly string[] {
  const inner = [
    ...listAt(isMap(step['schedule']) ? step['schedule'] : {}, 'do'),
    ...listAt(step, 'parallel').flatMap((list) => (Array.isArray(list) ? (list as readonly Data[]) : [list])),
  ];
  const awaited = isMap(step['await']) ? strangeWordsOf(step['await']) : [];
  return [...strangers(step, STEPS), ...awaited, ...inner.filter(isMap).flatMap(strangeInStep)];
}

function strangers(map: DataMap, known: Readonly<Record<string, Inside>>): readonly string[] {
  return Object.entries(map).flatMap(([word, value]): readonly string[] => {
    const inside = Object.hasOwn(known, word) ? known[word] : undefined;
    if (inside === undefined) return [word];
    if (inside === 'anything' || !isMap(value)) return [];
    return Object.keys(value)
      .filter((key) => !inside.includes(key))
      .map((key) => `${word}.${key}`);
  });
}
