/**
 * Claim: a settled world is a cold one after quiescence. Method: one scenario from both starts, compared by what anybody could see in
 * Kubernetes and in Azure; and a settled world left alone, in which nothing may happen but the periodic work of idle components.
 */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { JournalEntry } from '../../src/kernel/revision.ts';
import type { StampedFact } from '../../src/kernel/world.ts';
import { after, hours, minutes, ORIGIN } from '../../src/kernel/time.ts';
import type { TableName, Tables } from '../../src/model/tables.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import type { World } from '../../src/scenarios/assemble/index.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { formatProblem } from '../../src/scenarios/problem.ts';
import { worldOf } from '../support/packaged.ts';
import { assignmentsOf, booksOf, leadersOf, machinesOf, objectsOf, podsOf, tally } from '../support/world-views.ts';

type Start = 'cold' | 'settled';

interface Pinned {
  readonly name: string;
  readonly pool?: string;
  readonly binding: string;
  readonly replicas?: number;
}

function podSpec(app: string, pool?: string): object {
  return {
    containers: [{ name: 'main', image: `registry.example/${app}:1` }],
    ...(pool === undefined ? {} : { nodeSelector: { agentpool: pool } }),
  };
}

function owner(kind: 'Deployment' | 'StatefulSet' | 'DaemonSet', { name, pool, binding, replicas }: Pinned): object {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name, aadpodidbinding: binding } }, spec: podSpec(name, pool) },
    },
  };
}

function podIdentityObject(kind: 'AzureIdentity' | 'AzureIdentityBinding', name: string, spec: object): object {
  return { apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name, namespace: 'default' }, spec };
}

function azureIdentity(name: string): object {
  return podIdentityObject('AzureIdentity', name, {
    type: 0,
    resourceID: `identity:${name}.resourceID`,
    clientID: `identity:${name}.clientID`,
  });
}

function bindingOf(identity: string, selector: string): object {
  return podIdentityObject('AzureIdentityBinding', `${selector}-${identity}`, { azureIdentity: identity, selector });
}

const IDENTITIES = ['red', 'blue', 'green', 'unused'] as const;

/** Pods `web` and `lone` have two identities each, on scale sets; `store` lives on single VMs; nothing selects the label of `idle`. */
const OBJECTS: readonly object[] = [
  ...IDENTITIES.map(azureIdentity),
  bindingOf('red', 'web'),
  bindingOf('blue', 'web'),
  bindingOf('blue', 'store'),
  bindingOf('green', 'agent'),
  owner('Deployment', { name: 'web', pool: 'pool1', binding: 'web', replicas: 5 }),
  owner('Deployment', { name: 'idle', binding: 'nobody', replicas: 2 }),
  owner('StatefulSet', { name: 'store', pool: 'single', binding: 'store', replicas: 4 }),
  owner('DaemonSet', { name: 'agent', binding: 'agent' }),
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'lone', namespace: 'default', labels: { app: 'lone', aadpodidbinding: 'web' } },
    spec: podSpec('lone', 'pool2'),
  },
];
/** Of web 2 × 5, of lone 2, of store 4, of agent one on each of 7 nodes. */
const ASSIGNMENTS = 23;

/** What happens an hour and a half in, long after everything else that these tests look at. */
const LATER: readonly object[] = [
  { at: '90m', delete: ['Deployment/default/web'] },
  { at: '90m', apply: [bindingOf('unused', 'agent')] },
  { at: '91m', scale: { statefulSet: 'store', to: 2 } },
  { at: '91m', scale: { nodePool: 'pool1', to: 4 } },
  { at: '92m', drain: 'single/0' },
  { at: '110m', kill: { component: 'mic', which: 'leader', signal: 'SIGKILL' } },
];

function worldFrom(start: Start, options: { readonly seed?: string; readonly workloads?: readonly object[] } = {}): World {
  const { seed = 'settled', workloads = [] } = options;
  const text = stringify({
    question: 'Is a settled world what a cold one becomes?',
    group: 'basics',
    horizon: '4h',
    world: {
      identities: IDENTITIES.map((name) => ({ name })),
      services: [{ name: 'vault', kind: 'keyVault' }],
      roles: [{ to: 'blue', role: 'Key Vault Secrets User', on: 'vault' }],
      cluster: {
        start,
        nodePools: [
          { name: 'pool1', nodes: 3 },
          { name: 'pool2', nodes: 2 },
          { name: 'single', nodes: 2, kind: 'vm' },
        ],
        podIdentity: {},
        workloads,
      },
    },
    story: [{ at: '0s', text: 'Everything', apply: OBJECTS }, ...LATER],
  });
  const loaded = loadScenario({ path: 'settled.yaml', text, readText: () => undefined });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return worldOf(loaded.scenario, { seed });
}

/** Everything that was written and stated in a run. */
interface Changes {
  readonly writes: { readonly table: TableName; readonly entry: JournalEntry<Tables[TableName]> }[];
  readonly facts: StampedFact<Identity>[];
}

function changesOf(world: World): Changes {
  const changes: Changes = { writes: [], facts: [] };
  world.observe({
    onWrite: (table, entry) => {
      changes.writes.push({ table, entry });
    },
    onFact: (fact) => {
      changes.facts.push(fact);
    },
  });
  return changes;
}

function settledAfter(seed: string): World {
  const world = worldFrom('settled', { seed });
  world.run({ at: after(ORIGIN, minutes(1)) });
  return world;
}

/** A cold start, run until nothing has changed for ten minutes. */
function quiescent(seed: string): World {
  const world = worldFrom('cold', { seed });
  const changes = changesOf(world);
  world.run({ at: after(ORIGIN, minutes(30)) });
  const last = Math.max(...changes.writes.filter(({ table }) => table !== 'leases').map(({ entry }) => entry.at));
  expect(last).toBeLessThan(20 * 60e6);
  return world;
}

describe.each(['one', 'two', 'three'])('a settled world, against a cold one after quiescence, seed %s', (seed) => {
  const cold = quiescent(seed);
  const settled = settledAfter(seed);

  it('has the same AzureAssignedIdentities: by pods, binding, identity and resource, with their labels, finalizers and status', () => {
    expect(assignmentsOf(settled)).toEqual(assignmentsOf(cold));
    expect(Object.values(assignmentsOf(cold)).reduce((sum, count) => sum + count)).toBe(ASSIGNMENTS);
  });

  it('has the same identities on each VM and scale set, the same grants, machines and rules', () => {
    expect(machinesOf(settled)).toEqual(machinesOf(cold));
  });

  it('has the same pods for each owner, in the same state', () => {
    expect(podsOf(settled)).toEqual(podsOf(cold));
  });

  it('has the same objects otherwise, and a leader', () => {
    expect(objectsOf(settled)).toEqual(objectsOf(cold));
    expect(leadersOf(cold)).toEqual(['default/aad-pod-identity-mic held by a MIC pod']);
    expect(leadersOf(settled)).toEqual(leadersOf(cold));
  });

  it('has the same components alive, with the same in their own books', () => {
    expect(booksOf(settled)).toEqual(booksOf(cold));
  });

  it('comes to the same rest after deletions, scaling, a drain and a crash of the leader', () => {
    for (const world of [cold, settled]) world.run({ at: after(ORIGIN, minutes(180)) });
    expect(assignmentsOf(settled)).toEqual(assignmentsOf(cold));
    expect(machinesOf(settled)).toEqual(machinesOf(cold));
    expect(podsOf(settled)).toEqual(podsOf(cold));
    // Of agent two on each of 8 nodes, of store one each, of lone two; of web none.
    expect(Object.values(assignmentsOf(cold)).reduce((sum, count) => sum + count)).toBe(20);
    expect(machinesOf(cold)).toContain('aks-single-vm-0 SystemAssigned, UserAssigned [green,unused] Succeeded 1');
    expect(machinesOf(cold)).toContain('aks-single-vm-1 SystemAssigned, UserAssigned [blue,green,unused] Succeeded 1');
  });
});

/** What components write for themselves when they wake up in a settled world. */
const OWN_BOOKS: ReadonlySet<string> = new Set([
  'controlledPods',
  'micCounted',
  'micCounts',
  'micDesired',
  'micNodes',
  'nodeRules',
  'placements',
  'schedulerNodes',
  'virtualMachines',
]);

/** Facts of periodic work that finds nothing to do. */
function isIdleWork({ fact }: StampedFact<Identity>): boolean {
  if (fact.type === 'arm-answered') return fact.op === 'get' && fact.status === 200;
  return fact.type === 'mic-reconciled' && fact.added === 0 && fact.aborted === '';
}

const USERS: readonly object[] = [
  { name: 'web', client: 'naive', identity: 'blue', uses: 'vault', every: '2m', select: { deployment: 'web' } },
  { name: 'store', client: 'goLatest', identity: 'blue', uses: 'vault', every: '1m', select: { statefulSet: 'store' } },
];

describe('a settled world left alone for an hour', () => {
  it('begins with what its components keep for themselves, and then changes nothing: ARM is at most read', () => {
    const world = worldFrom('settled');
    const changes = changesOf(world);
    world.run({ at: after(ORIGIN, hours(1)) });
    expect(changes.writes.filter(({ table, entry }) => !OWN_BOOKS.has(table) || entry.at > ORIGIN)).toEqual([]);
    expect(changes.facts.filter((fact) => fact.at > ORIGIN && !isIdleWork(fact))).toEqual([]);
    expect(assignmentsOf(world)).toEqual(assignmentsOf(worldFrom('settled')));
  });

  it('gives its applications tokens all the while, and still writes nothing to Kubernetes and to Azure', () => {
    const world = worldFrom('settled', { workloads: USERS });
    const changes = changesOf(world);
    world.run({ at: after(ORIGIN, hours(1)) });
    expect(changes.writes.filter(({ table, entry }) => !OWN_BOOKS.has(table) || entry.at > ORIGIN)).toEqual([]);
    expect(changes.facts.filter(({ fact }) => fact.type === 'arm-answered' && fact.op !== 'get')).toEqual([]);
    const counts = tally(changes.facts.map(({ fact }) => (fact.type === 'nmi-answered' ? `nmi ${String(fact.status)}` : fact.type)));
    // 5 pods × 30 requests that no client caches, and 4 first ones of clients that do.
    expect(counts['nmi 200']).toBeGreaterThanOrEqual(5 * 29 + 4);
    expect(counts['token-failed'] ?? 0).toBe(0);
    const perPod = tally(changes.facts.flatMap(({ fact }) => (fact.type === 'token-answered' && fact.isFirst ? [fact.pod] : [])));
    expect(Object.values(perPod)).toEqual(Array.from({ length: 9 }, () => 1));
  });
});
