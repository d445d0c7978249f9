/** One hand-made run with something in every section: the subject of the tests of the document and of the text. */
import { seconds } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import type { Expectation } from '../../src/scenarios/description.ts';
import { assigned, azureIdentity, binding, fact, pod, READER, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { ScriptedRun, Step } from './scripted-run.ts';

const RESOURCE = SCALE_SET.toLowerCase();
const KEY = 'default/web-default-reader';
const at = (line: number): { readonly file: string; readonly line: number; readonly column: number } => ({
  file: 'scenarios/hand-made.yaml',
  line,
  column: 5,
});

const expectations: readonly Expectation[] = [
  {
    kind: 'measure',
    measure: {
      text: 'tokens.first.p99 < 90s',
      of: { kind: 'metric', metric: 'tokens.first.p99' },
      op: '<',
      unit: 'duration',
      bound: 90_000_000,
    },
    at: at(40),
  },
  { kind: 'always', invariant: 'tokenMatchesRequest', at: at(41) },
  { kind: 'eventually', condition: { kind: 'condition', condition: 'serviceAccessed' }, within: seconds(20), at: at(42) },
  { kind: 'sometimes', condition: { kind: 'condition', condition: 'tokenDenied' }, at: at(43) },
  {
    kind: 'measure',
    measure: { text: 'arm.throttled.count == 0', of: { kind: 'metric', metric: 'arm.throttled.count' }, op: '==', unit: 'count', bound: 0 },
    at: at(44),
  },
];

const account = (name: string): Step =>
  writes(0, 'serviceAccounts', { [`default/${name}`]: { kind: 'ServiceAccount', metadata: { ...azureIdentity().metadata, name } } });
const leads: Fact = { type: 'mic-leading', replica: 'default/mic-1' };
const serving: Fact = { type: 'nmi-phase', node: 'node-a', phase: 'serving' };
const started: Fact = {
  type: 'container-started',
  pod: 'default/web',
  uid: 'u',
  node: 'node-a',
  ip: '10.0.0.9',
  image: 'web',
  createdAt: 0 as never,
};
const ended: Fact = {
  type: 'arm-operation-ended',
  operation: 'op-1',
  client: 'mic/default/mic-1',
  resource: RESOURCE,
  added: [READER],
  removed: [],
  outcome: 'Succeeded',
  took: seconds(30),
};
const api: Fact = { type: 'api-answered', client: 'mic/default/mic-1', verb: 'create', kind: 'AzureAssignedIdentity', status: 201 };
const since = seconds(4) as never;

const steps: readonly Step[] = [
  account('aad-pod-identity-mic'),
  states(0, { type: 'story-step', step: 'step-0001', text: 'install pod identity' }),
  states(1, leads, serving),
  writes(1, 'azureIdentities', { 'default/reader': azureIdentity() }),
  writes(0, 'azureIdentityBindings', { 'default/reader-binding': binding() }),
  writes(1, 'pods', { 'default/web': pod('web') }),
  states(1, started, fact.asked('r1', { startedAt: since }), api),
  writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Created') }),
  { after: seconds(30), part: 'patch', act: (turn) => turn.table('computeResources').put(RESOURCE, scaleSet([READER])) },
  states(0, ended, { type: 'client-throttled', client: 'mic/default/mic-1', bucket: 'aai', waited: seconds(2) }),
  { after: seconds(1), part: 'api', act: (turn) => turn.table('azureAssignedIdentities').put(KEY, assigned('web', 'Assigned')) },
  {
    after: seconds(3),
    part: 'nmiPoll',
    act: (turn) => {
      for (const one of [
        fact.issued('uti-1', 86_400_000_000),
        fact.nmi(200, { found: 'Created' }),
        fact.tried(200),
        fact.answered('r1', { since, uti: 'uti-1' }),
      ])
        turn.fact(one);
    },
  },
  states(1, fact.accessed('default/web'), fact.accessed('default/web', { status: 403, error: 'not allowed' })),
  states(5, fact.asked('r2', { ordinal: 2 })),
  {
    after: seconds(0.2),
    part: 'imds',
    act: (turn) => turn.fact(fact.answered('r2', { ordinal: 2, isFirst: false, since: seconds(45) as never, uti: 'uti-1' })),
  },
  states(1, fact.asked('r3', { ordinal: 3 }), fact.tried(404), fact.failed('r3', { ordinal: 3, status: 404, reason: 'not assigned' })),
  states(1, { type: 'nmi-resolved', node: 'node-a', request: 'r', sender: 'default/web', resolved: 'default/old', isExcepted: false }),
  writes(10, 'pods', { 'default/web': pod('web', { deleted: 1 }) }),
  writes(4, 'azureAssignedIdentities', { [KEY]: undefined }),
];

/** The run; its report has something in every section. */
export function wholeRun(): ScriptedRun {
  const { settings, nodes, virtualMachines, userAssignedIdentities, servicePrincipals, roleAssignments } = settledWorld();
  const fill = { settings, nodes, virtualMachines, userAssignedIdentities, servicePrincipals, roleAssignments };
  return scriptedRun(steps, { fill: { ...fill, computeResources: { [RESOURCE]: scaleSet([]) } }, expectations });
}
