/** Each condition comes to hold by what it names, at that moment and not before. */
import { expect, test } from 'vitest';
import { ZERO } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { CONDITION_NAMES } from '../../src/scenarios/schema/claim-names.ts';
import type { ConditionName } from '../../src/scenarios/schema/claim-names.ts';
import { assigned, CLIENT, fact, node, OBJECT, pod, READER, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const RESOURCE = SCALE_SET.toLowerCase();
const KEY = 'default/web-default-reader';
const world = settledWorld();
const leads = (replica: string): Fact => ({ type: 'mic-leading', replica });
const arm = (status: number): Fact => ({
  type: 'arm-answered',
  client: 'operator',
  op: 'get',
  resource: '',
  status,
  error: '',
  retryAfter: ZERO,
});
const imds = (status: number): Fact => ({
  type: 'imds-answered',
  vm: 'node-a',
  request: 'r',
  sender: 'default/web',
  status,
  clientId: CLIENT,
  objectId: OBJECT,
  resource: '',
  isCached: false,
  error: '',
});
const nmiIs = (phase: 'syncing' | 'serving'): Fact => ({ type: 'nmi-phase', node: 'node-a', phase });
const unready = { ...node('node-a'), status: { ready: false, maxPods: 30 } };
const grant = {
  resource: RESOURCE,
  identity: READER.toLowerCase(),
  clientId: CLIENT,
  principalId: OBJECT,
  attachStartedAt: 0 as Moment,
  attachTook: 0,
  incarnation: 1,
};
const rolled: Fact = { type: 'credential-rolled', objectId: OBJECT, keyId: 'key-2', notAfter: 0 as Moment };
const routed: Fact = { type: 'connection-routed', node: 'node-a', pod: 'default/web', to: 'imds', network: 'pod', request: 'r' };
const principalDeleted: Fact = { type: 'principal-deleted', objectId: OBJECT, resourceId: READER };

interface Case {
  readonly fill?: Filling;
  /** Not enough. */
  readonly before: Step;
  /** Enough. */
  readonly then: Step;
}

const CASES: Readonly<Record<ConditionName, Case>> = {
  allPodsHaveTokens: { before: states(1, fact.asked('r1')), then: states(1, fact.answered('r1')) },
  allNodesReady: { fill: { nodes: { 'node-a': unready } }, before: states(1), then: writes(1, 'nodes', { 'node-a': node('node-a') }) },
  allAssigned: {
    fill: { ...world, azureAssignedIdentities: {} },
    before: writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Created') }),
    then: writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Assigned') }),
  },
  micHasLeader: { before: states(1, leads('a')), then: states(1, { type: 'mic-caches-synced', replica: 'a' }) },
  leaderChanged: { before: states(1, leads('a')), then: states(1, leads('b')) },
  nmiServesEverywhere: { fill: world, before: states(1, nmiIs('syncing')), then: states(1, nmiIs('serving')) },
  tokenAnswered: { before: states(1, fact.asked('r1')), then: states(1, fact.answered('r1')) },
  tokenFromCache: { before: states(1, fact.answered('r1')), then: states(1, fact.answered('r2', { isCachedAtImds: true })) },
  tokenFromClientCache: {
    before: states(1, fact.answered('r1', { isCachedAtImds: true })),
    then: states(1, fact.answered('r2', { servedBy: 'clientCache' })),
  },
  tokenDenied: { before: states(1, fact.tried(404)), then: states(1, fact.tried(403)) },
  tokenNotFound: { before: states(1, fact.tried(403)), then: states(1, fact.tried(404)) },
  serviceAccessed: { before: states(1, fact.accessed('p', { status: 403 })), then: states(1, fact.accessed('p')) },
  serviceDenied: { before: states(1, fact.accessed('p')), then: states(1, fact.accessed('p', { status: 401 })) },
  identityUsableEverywhere: { fill: { ...world, identityGrants: { g: grant } }, before: states(1, imds(400)), then: states(1, imds(200)) },
  credentialRolled: { before: states(1, fact.issued('u', 1)), then: states(1, rolled) },
  tokenAfterRoll: { before: states(1, rolled, fact.issued('u', 1)), then: states(1, fact.issued('v', 1, { keyId: 'key-2' })) },
  assignedIdentitiesGone: { fill: world, before: states(1), then: writes(1, 'azureAssignedIdentities', { [KEY]: undefined }) },
  identitiesDetached: { fill: world, before: states(1), then: writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) }) },
  principalDeleted: { before: states(1), then: states(1, principalDeleted) },
  everythingCleanedUp: {
    fill: { ...world, computeResources: { [RESOURCE]: scaleSet([]) } },
    before: writes(1, 'pods', { 'default/web': pod('web', { deleted: 1 }) }),
    then: writes(1, 'azureAssignedIdentities', { [KEY]: undefined }),
  },
  roleAssignmentOrphaned: { fill: world, before: states(1), then: writes(1, 'servicePrincipals', { [OBJECT]: undefined }) },
  armThrottled: { before: states(1, arm(200)), then: states(1, arm(429)) },
  imdsThrottled: { before: states(1, imds(200)), then: states(1, imds(429)) },
  nmiBypassed: { fill: world, before: states(1, { ...routed, to: 'nmi' }), then: states(1, routed) },
};

test.each(CONDITION_NAMES)('%s holds after 2 s, not after 1 s', (name) => {
  const { fill = {}, before, then } = CASES[name];
  const expectation = {
    kind: 'sometimes' as const,
    condition: { kind: 'condition' as const, condition: name },
    at: { file: 'f', line: 1, column: 1 },
  };
  const [judged] = scriptedRun([before, then], { fill, expectations: [expectation] }).report().expectations;
  expect(judged).toMatchObject({ verdict: 'held', atUs: 2_000_000 });
});
