/** The scenarios that come with the project load without problems, and say what they should. */
import { describe, expect, it } from 'vitest';
import { minutes } from '../../src/kernel/time.ts';
import { nodesOfPool } from '../../src/scenarios/description.ts';
import { formatNote, formatProblem } from '../../src/scenarios/problem.ts';
import { described, EXAMPLE_NAMES, loadExample, scenarioText } from './loading.ts';

describe('examples', () => {
  it('are there: the six of the beginning', () => {
    const first = [
      'aks-sql-token',
      'credential-rotation',
      'node-scale-out',
      'resource-deletion',
      'vm-system-assigned',
      'vmss-user-assigned',
    ];
    expect(EXAMPLE_NAMES).toEqual(expect.arrayContaining(first));
  });

  it.each(EXAMPLE_NAMES)('%s loads without a problem or a warning, asks a question and expects something', (name) => {
    const loaded = loadExample(name);
    expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([]);
    expect(loaded.notes.filter(({ level }) => level === 'warning').map(formatNote)).toEqual([]);
    if (!loaded.ok) return;
    expect(loaded.scenario.name).toBe(name);
    expect(loaded.scenario.question).toMatch(/\?$/u);
    expect(loaded.scenario.expectations.length).toBeGreaterThan(3);
  });
});

describe('aks-sql-token', () => {
  const loaded = loadExample('aks-sql-token');
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const { scenario } = loaded;

  it('installs MIC and NMI, applies three manifests, and tells seven steps in order of time', () => {
    expect(scenario.steps.map(({ origin, at }) => [origin, at / minutes(1)])).toEqual([
      ['installation', 0],
      ['manifest', 0],
      ['manifest', 0],
      ['manifest', 2],
      ...[8, 15, 18, 20, 24, 25].map((at) => ['story', at]),
    ]);
    expect(scenario.steps.map(({ id }) => id).slice(0, 2)).toEqual(['step-0001', 'step-0002']);
  });

  it('fills the placeholders of the AzureIdentity with the one identity, and the workload asks for its client id', () => {
    const [identity] = scenario.identities;
    const apply = scenario.steps[2]?.action;
    const [azureIdentity] = apply?.verb === 'apply' ? apply.objects : [];
    expect(azureIdentity).toMatchObject({
      kind: 'AzureIdentity',
      spec: { type: 0, resourceID: identity?.id, clientID: identity?.clientId },
    });
    expect(scenario.workloads).toMatchObject([
      {
        name: 'orders',
        clientId: identity?.clientId,
        resource: 'https://database.windows.net/',
        select: { namespace: 'shop', owner: 'Deployment/orders' },
      },
    ]);
    expect(scenario.roles[0]?.to).toEqual({ identity: identity?.id });
  });

  it('names the node that is removed as the pool names its third node', () => {
    const removed = scenario.steps.find(({ action }) => action.verb === 'removeNode')?.action;
    const [pool] = scenario.cluster?.nodePools ?? [];
    expect(removed).toEqual({ verb: 'removeNode', node: pool === undefined ? '' : nodesOfPool(pool)[2], how: 'deleted' });
  });

  it('has bounds in microseconds', () => {
    expect(scenario.expectations[0]).toMatchObject({
      kind: 'measure',
      measure: { of: { kind: 'metric', metric: 'tokens.first.p99' }, op: '<', unit: 'duration', bound: 180_000_000 },
    });
  });
});

describe('what is not said', () => {
  it('has a default: seed, groups, client, times', () => {
    const workloads = [{ name: 'w', resource: 'https://vault.azure.net', select: { labels: { app: 'x' } } }];
    const scenario = described(scenarioText({ cluster: { workloads } }));
    expect(scenario).toMatchObject({ seed: 'idflow', location: 'westeurope', overrides: {}, steps: [], name: 'test' });
    expect(scenario.cluster).toEqual({
      network: 'azure',
      start: 'cold',
      nodePools: [
        { name: 'pool1', nodes: 3, kind: 'vmss', systemAssigned: 'enabled', identities: [], images: [], taints: [], startupTaints: [] },
      ],
      admission: [],
      egress: [],
    });
    expect(scenario.workloads).toEqual([
      {
        name: 'w',
        client: 'goLatest',
        clientId: '',
        resource: 'https://vault.azure.net',
        service: '',
        every: 30_000_000,
        retryAfterDenial: 10_000_000,
        select: { namespace: 'default', labels: { app: 'x' } },
      },
    ]);
  });

  it('gives an identity that is created again another client id', () => {
    const story = [
      { at: '1m', deleteIdentity: 'a-id' },
      { at: '2m', createIdentity: { name: 'a-id' } },
      { at: '3m', createIdentity: { name: 'b-id' } },
      { at: '4m', assignIdentity: { identity: 'b-id', to: 'pool:pool1' } },
    ];
    const scenario = described(scenarioText({ world: { identities: [{ name: 'a-id' }] }, rest: { story } }));
    const created = scenario.steps.flatMap(({ action }) => (action.verb === 'createIdentity' ? [action.identity] : []));
    expect(created[0]?.id).toBe(scenario.identities[0]?.id);
    expect(created[0]?.clientId).not.toBe(scenario.identities[0]?.clientId);
    expect(scenario.identities.map(({ name }) => name)).toEqual(['a-id']);
    expect(scenario.steps[3]?.action).toEqual({
      verb: 'assignIdentity',
      identityId: created[1]?.id,
      to: [{ kind: 'vmss', name: 'aks-pool1-vmss' }],
    });
  });
});
