/**
 * Exposure begins and ends with each thing that decides it: whatever changes, the pods concerned are looked at again. Each case is a run in
 * which the exposure lasts from the second to the fifth second, to the microsecond; and each token counts for what let it through.
 */
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../src/kernel/time.ts';
import type { IdentityGrant } from '../../src/model/azure.ts';
import type { Fact, FactOf } from '../../src/model/facts/index.ts';
import type { AzurePodIdentityException, Pod } from '../../src/model/kubernetes.ts';
import type { NodeRules } from '../../src/model/node-rules.ts';
import { Ledger } from '../../src/report/access/ledger.ts';
import type { WorkloadRow } from '../../src/model/workload.ts';
import type { ExposureCause } from '../../src/report/access/causes.ts';
import type { AccessSection } from '../../src/report/document/index.ts';
import { assigned, azureIdentity, binding, CLIENT, fact, node, pod, READER, SCALE_SET, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const OTHER = '99999999-0000-4000-8000-000000000009';
const RESOURCE = SCALE_SET.toLowerCase();
const SECOND = 1_000_000;
const WEB = 'default/web';
const KEY = 'default/web-default-reader';

const grant = (clientId: string, more: Partial<IdentityGrant> = {}): IdentityGrant => ({
  resource: RESOURCE,
  identity: `id-${clientId}`,
  clientId,
  principalId: `sp-${clientId}`,
  attachStartedAt: 0 as Moment,
  attachTook: 0,
  incarnation: 1,
  ...more,
});
const rules = (more: Partial<NodeRules> = {}): NodeRules => ({ node: 'node-a', chain: 'full', jump: 'present', listener: 'up', ...more });
const base: Filling = {
  ...settledWorld(),
  nodeRules: { 'node-a': rules() },
  identityGrants: { own: grant(CLIENT, { identity: READER.toLowerCase() }), other: grant(OTHER) },
};
const onHost = (more: Partial<Pod['status']> = {}, image = 'web:1'): Pod => ({
  ...pod('web'),
  spec: { ...pod('web').spec, hostNetwork: true, containers: [{ name: 'web', image }] as never },
  status: { ...pod('web').status, ...more },
});
const exception: AzurePodIdentityException = {
  kind: 'AzurePodIdentityException',
  metadata: { ...binding().metadata, name: 'exception' },
  spec: { podLabels: { aadpodidbinding: 'reader' } },
};
const noPods: Filling = { ...base, pods: {} };
const noAssigned: Filling = { ...base, azureAssignedIdentities: {} };
const hostPod: Filling = { ...base, pods: { [WEB]: onHost() } };
const noNode: Filling = { ...hostPod, nodes: {}, virtualMachines: {} };

type Change = readonly [begins: Step, ends: Step];
const put = (table: 'pods', key: string, one: Pod, then?: Pod): Change => [
  writes(2, table, { [key]: one }),
  writes(3, table, { [key]: then }),
];

interface Case {
  readonly cause: ExposureCause;
  readonly fill?: Filling;
  readonly change: Change;
}

const CHANGES: Readonly<Record<string, Case>> = {
  'a pod that comes and goes': { cause: 'hostNetwork', fill: noPods, change: put('pods', WEB, onHost()) },
  'a pod that begins to run and ends': {
    cause: 'hostNetwork',
    fill: { ...base, pods: { [WEB]: onHost({ phase: 'Pending' }) } },
    change: put('pods', WEB, onHost(), onHost({ phase: 'Succeeded' })),
  },
  'an assignment that nothing binds': {
    cause: 'staleAssignment',
    fill: { ...noAssigned, azureIdentityBindings: {} },
    change: [
      writes(2, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Assigned') }),
      writes(3, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Unassigned') }),
    ],
  },
  'a binding that goes and comes again': {
    cause: 'staleAssignment',
    change: [
      writes(2, 'azureIdentityBindings', { 'default/reader-binding': undefined }),
      writes(3, 'azureIdentityBindings', { 'default/reader-binding': binding() }),
    ],
  },
  'an AzureIdentity that goes and comes again': {
    cause: 'staleAssignment',
    change: [
      writes(2, 'azureIdentities', { 'default/reader': undefined }),
      writes(3, 'azureIdentities', { 'default/reader': azureIdentity() }),
    ],
  },
  'an exception that comes and goes': {
    cause: 'excepted',
    change: [
      writes(2, 'azurePodIdentityExceptions', { 'default/exception': exception }),
      writes(3, 'azurePodIdentityExceptions', { 'default/exception': undefined }),
    ],
  },
  'a redirect that goes and comes again': {
    cause: 'redirectMissing',
    change: [writes(2, 'nodeRules', { 'node-a': rules({ chain: 'empty' }) }), writes(3, 'nodeRules', { 'node-a': rules() })],
  },
  'a foreign rule before the redirect': {
    cause: 'redirectMissing',
    change: [writes(2, 'nodeRules', { 'node-a': rules({ before: 'foreign' } as never) }), writes(3, 'nodeRules', { 'node-a': rules() })],
  },
  'a node that comes and goes': {
    cause: 'hostNetwork',
    fill: noNode,
    change: [writes(2, 'nodes', { 'node-a': node('node-a') }), writes(3, 'nodes', { 'node-a': undefined })],
  },
  'an identity that comes to the machine and goes, under a pod that is past NMI': {
    cause: 'hostNetwork',
    fill: { ...hostPod, identityGrants: {} },
    change: [
      writes(2, 'identityGrants', { other: grant(OTHER) }),
      writes(3, 'identityGrants', { other: grant(OTHER, { detachedAt: 5_000_000 as Moment }) }),
    ],
  },
};

function exposureOf(steps: readonly Step[], fill: Filling = base): AccessSection['exposure'] {
  return scriptedRun(steps, { fill }).report().access.exposure;
}
const nothing: Fact = fact.tried(200);

describe.each(Object.entries(CHANGES))('%s', (_what, { cause, fill = base, change: [begins, ends] }) => {
  const lasting = (us: number): object => ({
    podUs: us,
    tokens: 0,
    entries: [{ pod: WEB, cause, us, tokens: 0, firstUs: 2 * SECOND, lastUs: 2 * SECOND + us }],
  });

  test('exposes for as long as it lasts', () => {
    expect(exposureOf([states(0, nothing), begins, ends, states(4, nothing)], fill)).toMatchObject(lasting(3 * SECOND));
  });

  test('exposes to the end of the run where it does not end', () => {
    expect(exposureOf([states(0, nothing), begins, states(4, nothing)], fill)).toMatchObject(lasting(4 * SECOND));
  });

  test('exposes nobody before', () => {
    expect(exposureOf([states(2, nothing)], fill)).toMatchObject({ podUs: 0, entries: [] });
  });
});

test.each(['mcr.microsoft.com/mic:1', 'mcr.microsoft.com/nmi:1'])('%s is not exposed: it stands before IMDS itself', (image) => {
  expect(exposureOf([states(2, nothing)], { ...base, pods: { [WEB]: onHost({}, image) } })).toMatchObject({ podUs: 0, entries: [] });
});

test('what it can reach two times it reaches once, and a time that is over adds to one that comes later', () => {
  const off = writes(1, 'nodeRules', { 'node-a': rules({ jump: 'absent' }) });
  const on = writes(2, 'nodeRules', { 'node-a': rules() });
  const again = writes(1, 'pods', { [WEB]: { ...pod('web'), status: { ...pod('web').status, ready: false } } });
  expect(exposureOf([off, again, on, off, on])).toMatchObject({
    podUs: 5 * SECOND,
    entries: [{ us: 5 * SECOND, firstUs: SECOND, lastUs: 7 * SECOND }],
  });
});

test('entries stand in the order of their time, then of their tokens, then by pod, identity and cause', () => {
  const ledger = new Ledger<string>();
  const add = (key: string, us: number, tokens: number): void => {
    const [pod = '', identity = '', cause = ''] = key;
    ledger.add({ pod, identity, cause }, 0 as Moment, us as Moment, tokens);
  };
  for (const [key, us, tokens] of [
    ['bxx', 1, 1],
    ['abx', 1, 1],
    ['aay', 1, 1],
    ['aax', 1, 1],
    ['zzz', 1, 2],
    ['yyy', 2, 0],
    ['nil', 0, 0],
  ] as const)
    add(key, us, tokens);
  expect(ledger.entries().map(({ pod, identity, cause }) => `${pod}${identity}${cause}`)).toEqual([
    'yyy',
    'zzz',
    'aax',
    'aay',
    'abx',
    'bxx',
  ]);
});

describe('what a pod has a right to', () => {
  const host = onHost();
  const inHost = (more: Filling): readonly string[] =>
    exposureOf([states(2, nothing)], { ...hostPod, ...more }).entries.map(({ identity }) => identity);
  const runs = (more: Partial<WorkloadRow>): WorkloadRow => ({
    ...{ name: 'web', client: 'naive', clientId: '', resource: 'https://vault.azure.net', service: '', every: 30_000_000 as never },
    select: { namespace: 'default', pod: 'web', labels: {} },
    ...more,
  });

  test('is what a binding gives it, in whatever letters, and not the identity of the machine itself', () => {
    expect(inHost({})).toEqual([OTHER]);
    const upper = { ...azureIdentity(), spec: { ...azureIdentity().spec, clientID: CLIENT.toUpperCase() } };
    expect(inHost({ azureIdentities: { 'default/reader': upper } })).toEqual([OTHER]);
    expect(inHost({ identityGrants: { system: grant('app-system', { identity: 'system' }) } })).toEqual([]);
  });

  test('is the identity of its service account, and that of which it shows a credential of its own', () => {
    const container = { name: 'web', image: 'web:1', env: { AZURE_CLIENT_ID: OTHER.toUpperCase() } };
    const projected = {
      ...host,
      spec: { ...host.spec, containers: [container] as never, projectedToken: { audience: 'a', life: 1 } as never },
    };
    const federated = { pods: { [WEB]: projected }, workloadIdentity: { workloadIdentity: { issuer: 'i' } as never } };
    expect(inHost(federated)).toEqual([]);
    const own = runs({ clientId: OTHER.toUpperCase(), credential: { kind: 'certificate', value: 'c' } as never });
    expect(inHost({ workloads: { web: own } })).toEqual([]);
    expect(inHost({ workloads: { web: runs({ clientId: OTHER }) } })).toEqual([OTHER]);
  });

  test('is its own secret, and not that of another in its namespace', () => {
    const secret = { kind: 'secret', value: 's' } as never;
    const noHost: Filling = { ...base, identityGrants: {} };
    const causesIn = (workloads: Record<string, WorkloadRow>): readonly string[] =>
      exposureOf([states(2, nothing)], { ...noHost, workloads }).entries.map(({ cause, identity }) => `${cause} ${identity}`);
    expect(causesIn({ web: runs({ clientId: OTHER, credential: secret }) })).toEqual([]);
    expect(
      causesIn({
        billing: runs({
          name: 'billing',
          clientId: OTHER.toUpperCase(),
          credential: secret,
          select: { namespace: 'default', pod: 'billing', labels: {} },
        }),
      }),
    ).toEqual([`sharedSecret ${OTHER}`]);
    expect(
      causesIn({ billing: runs({ name: 'billing', clientId: OTHER, select: { namespace: 'default', pod: 'billing', labels: {} } }) }),
    ).toEqual([]);
  });

  test('is everything where there is no pod identity and it names none', () => {
    const bare: Filling = { settings: {}, pods: { [WEB]: pod('web') } };
    expect(inHost({ ...bare, workloads: { web: runs({}) } })).toEqual([]);
    expect(inHost({ ...bare, workloads: { web: runs({ clientId: CLIENT }) } })).toEqual([OTHER]);
  });
});

describe('a token of an identity that is not its own', () => {
  const got = (after: number, more: Partial<FactOf<'token-answered'>>): Step =>
    states(after, fact.answered('r', { appId: OTHER, ...more }));
  const resolved = (as: string): Fact => {
    return { type: 'nmi-resolved', node: 'node-a', request: 'r', sender: WEB, resolved: as, isExcepted: false };
  };
  const entriesOf = (steps: readonly Step[], fill = base): readonly (readonly [string, number])[] =>
    exposureOf(steps, fill).entries.map(({ cause, tokens }) => [cause, tokens]);

  test('counts for the mistake of NMI until NMI knows its pod again, or does not know it at all', () => {
    expect(entriesOf([states(1, resolved('default/old')), got(1, {})])).toEqual([['takenForOther', 1]]);
    expect(entriesOf([states(1, resolved('default/old'), resolved(WEB)), got(1, {})])).toEqual([['staleAssignment', 1]]);
    expect(entriesOf([states(1, resolved('default/old'), resolved('')), got(1, {})])).toEqual([['staleAssignment', 1]]);
  });

  test('counts once, when it is handed out: not out of the cache of the process, and not from Entra itself', () => {
    expect(entriesOf([got(1, { servedBy: 'clientCache' }), got(1, { servedBy: 'aad' })])).toEqual([]);
    expect(exposureOf([got(1, {}), got(1, {})])).toMatchObject({ tokens: 2, podUs: 0 });
  });

  test('counts for nobody where its process is in no pod, or the identity is its own in other letters', () => {
    expect(entriesOf([got(1, { pod: 'default/nobody' }), got(1, { appId: CLIENT.toUpperCase() })])).toEqual([]);
  });

  test('counts for what lets it past NMI, with the time for which that stands', () => {
    expect(exposureOf([got(2, { servedBy: 'imds' })], hostPod)).toMatchObject({
      podUs: 2 * SECOND,
      tokens: 1,
      entries: [{ cause: 'hostNetwork', us: 2 * SECOND, tokens: 1 }],
    });
  });

  test('from an old connection has lasted since the token before it', () => {
    const own = got(1, { servedBy: 'imds', appId: CLIENT });
    expect(exposureOf([own, got(3, { servedBy: 'imds' }), got(2, { servedBy: 'imds' })])).toMatchObject({
      podUs: 5 * SECOND,
      entries: [{ cause: 'openConnection', us: 5 * SECOND, tokens: 2, firstUs: SECOND, lastUs: 6 * SECOND }],
    });
  });
});
