/** Figures people have measured on real clusters, and how the simulator is asked for them: one function for the quick and the long suite. */
import type { StampedFact } from '../../src/kernel/world.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import { packaged, worldOf } from './packaged.ts';

/** One target: where it is measured, and between which seconds the median and all values must lie. */
export interface Target {
  readonly name: string;
  readonly what: string;
  /** Its world; `share` [0 to 1] goes evenly over the seeds, for what comes at any time of some period. */
  readonly scenario: (share: number) => ScenarioDescription;
  /** Values of one run [s]. */
  readonly values: (facts: readonly StampedFact<Identity>[]) => readonly number[];
  readonly median: readonly [from: number, to: number];
  readonly most?: number;
  /** Seeds of the quick sample. */
  readonly quickSeeds: number;
}

/** Waits for first tokens, in the order in which they ended. */
function firstTokens(facts: readonly StampedFact<Identity>[]): readonly number[] {
  return facts.flatMap(({ fact, at }) => (fact.type === 'token-answered' && fact.isFirst ? [(at - fact.since) / 1e6] : []));
}

/** NMI's time for tokens IMDS had in its cache, or had to fetch. */
function atNmi(facts: readonly StampedFact<Identity>[], kind: 'cached' | 'fetched'): readonly number[] {
  const open = new Map<string, boolean>();
  const took: number[] = [];
  for (const { fact } of facts) {
    if (fact.type === 'imds-answered' && fact.status === 200) open.set(`${fact.vm}|${fact.sender}`, fact.isCached);
    if (fact.type !== 'nmi-answered' || fact.status !== 200) continue;
    const key = `${fact.node}|${fact.sender}`;
    if (open.get(key) === (kind === 'cached')) took.push(fact.took / 1e6);
    open.delete(key);
  }
  return took;
}

const GRANT = `
question: How long after its grant does a role work?
group: basics
horizon: 15m
world:
  identities: [{ name: app-id }]
  services: [{ name: vault, kind: keyVault }]
  virtualMachines:
    - name: vm1
      workloads: [{ name: app, client: naive, identity: app-id, uses: vault, every: 1m, retryAfterDenial: 1s }]
story:
  - { at: 1s, assignIdentity: { identity: app-id, to: 'vm:vm1' } }
  - { at: 2m, assignRole: { to: app-id, role: Key Vault Secrets User, on: vault } }
expect:
  - measure: services.accessed.count > 0
`;

/** A machine asks for its token before every use; at some hour of its second day its principal joins the group that has the role. */
const membership = (share: number): string => `
question: When does a membership work?
group: exposure
horizon: 73h
world:
  identities: [{ name: app-id }]
  groups: [{ name: readers }]
  services: [{ name: db, kind: sql }]
  roles: [{ to: 'group:readers', role: SQL DB Contributor, on: db }]
  virtualMachines:
    - name: vm1
      identities: [app-id]
      workloads: [{ name: app, client: naive, identity: app-id, uses: db, every: 10m, retryAfterDenial: 10m }]
  parameters: { imds.cache.proactiveRenewAfter: 24h }
story:
  - { at: ${String(Math.round(86_400 * (1 + share)))}s, addToGroup: { member: app-id, group: readers } }
`;

/** A pod comes to a settled cluster, and its identity is new on the machine below it. */
const newPod = (pool: string, parameters = ''): string => `
question: How long does a new pod wait?
group: basics
horizon: 4m
world:
  identities: [{ name: app-id }]
  cluster:
    start: settled
    nodePools: [{ name: pool1, nodes: 2, images: ['app:1'], ${pool} }]
    podIdentity: {}
    workloads: [{ name: app, identity: app-id, resource: 'https://vault.azure.net', select: { pod: app } }]
  parameters: { ${parameters} }
story:
  - at: 0s
    apply:
      - apiVersion: aadpodidentity.k8s.io/v1
        kind: AzureIdentity
        metadata: { name: app }
        spec: { type: 0, resourceID: 'identity:app-id.resourceID', clientID: 'identity:app-id.clientID' }
      - apiVersion: aadpodidentity.k8s.io/v1
        kind: AzureIdentityBinding
        metadata: { name: app }
        spec: { azureIdentity: app, selector: app }
  - at: 1m
    apply:
      - apiVersion: v1
        kind: Pod
        metadata: { name: app, labels: { aadpodidbinding: app } }
        spec: { containers: [{ name: app, image: 'app:1' }] }
`;

/** One pod more than the only node takes: the cluster autoscaler has to bring another. */
const PENDING = `
question: How long is a pod pending?
group: scale
horizon: 25m
world:
  cluster:
    start: settled
    nodePools: [{ name: pool1, nodes: 1, maxPods: 1, images: ['app:1'], autoscaler: { min: 1, max: 2 } }]
story:
  - at: 2m
    apply:
${['first', 'second'].map((name) => `      - { apiVersion: v1, kind: Pod, metadata: { name: ${name} }, spec: { containers: [{ name: app, image: 'app:1' }] } }`).join('\n')}
`;

function fromText(text: string): ScenarioDescription {
  const loaded = loadScenario({ path: 'target.yaml', text, readText: () => '' });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ path, rule }) => `${path}: ${rule}`).join('\n'));
  return loaded.scenario;
}

/** From the last step of the story to the first allowed access after it. */
function sinceStep(facts: readonly StampedFact<Identity>[]): readonly number[] {
  const step = facts.findLast(({ fact }) => fact.type === 'story-step')?.at ?? Number.NaN;
  const first = facts.find(({ fact, at }) => fact.type === 'service-answered' && fact.status === 200 && at >= step);
  return first === undefined ? [] : [(first.at - step) / 1e6];
}

/** From the creation of the pods that waited for a node to their start. */
function pending(facts: readonly StampedFact<Identity>[]): readonly number[] {
  return facts.flatMap(({ fact, at }) =>
    fact.type === 'container-started' && at - fact.createdAt > 30e6 ? [(at - fact.createdAt) / 1e6] : [],
  );
}

/** Time of NMI's answers 500 to tokens. */
function unknownPods(facts: readonly StampedFact<Identity>[]): readonly number[] {
  return facts.flatMap(({ fact }) => (fact.type === 'nmi-answered' && fact.status === 500 ? [fact.took / 1e6] : []));
}

/** The targets of the published list that a whole world shows. */
export const TARGETS: readonly Target[] = [
  {
    name: 'V1',
    what: 'a pod whose identity is new on its scale set waits 35 to 60 s',
    scenario: () => packaged('aks-sql-token'),
    values: (facts) => firstTokens(facts).slice(0, 1),
    median: [35, 60],
    quickSeeds: 30,
  },
  {
    name: 'V2',
    what: 'the same on a single VM waits 10 to 20 s',
    scenario: () => fromText(newPod('kind: vm')),
    values: firstTokens,
    median: [10, 20],
    quickSeeds: 30,
  },
  {
    name: 'V3',
    what: 'a pod whose identity is there waits 1 to 3 s',
    scenario: () => packaged('aks-sql-token'),
    values: (facts) => firstTokens(facts).slice(1, 2),
    median: [1, 3],
    quickSeeds: 30,
  },
  {
    name: 'V5 cached',
    what: 'a cached token through NMI takes 3 ms',
    scenario: () => packaged('credential-rotation'),
    values: (facts) => atNmi(facts, 'cached'),
    median: [0.0025, 0.0039],
    quickSeeds: 3,
  },
  {
    name: 'V5 cold',
    what: 'a token that IMDS has to fetch takes 150 to 600 ms through NMI',
    scenario: () => packaged('credential-rotation'),
    values: (facts) => atNmi(facts, 'fetched'),
    median: [0.15, 0.6],
    quickSeeds: 3,
  },
  {
    name: 'V7',
    what: 'a granted role works after 60 to 120 s, always within 600 s',
    scenario: () => fromText(GRANT),
    values: sinceStep,
    median: [60, 120],
    quickSeeds: 30,
    most: 603,
  },
  {
    name: 'V8',
    what: 'a membership works after 12 h in the mean, within 24 h, where IMDS keeps tokens for a day',
    scenario: (share) => fromText(membership(share)),
    values: sinceStep,
    median: [10.5 * 3600, 13.5 * 3600],
    quickSeeds: 9,
    // A use each 10 min, the use itself, and what the directory takes to know of it.
    most: 24 * 3600 + 620,
  },
  {
    name: 'V9',
    what: 'a pod whose address NMI does not know yet is told 500 after 1.2 s',
    scenario: () => fromText(newPod('kind: vmss', 'pod.ipVisibleLag: 5s')),
    values: unknownPods,
    median: [1.15, 1.25],
    quickSeeds: 5,
    most: 1.4,
  },
  {
    name: 'V10',
    what: 'a pod that needs a new node runs after 3 to 5 min',
    scenario: () => fromText(PENDING),
    values: pending,
    median: [180, 300],
    quickSeeds: 30,
  },
];

/** Share of seeds that may show no value at all: a PATCH may hang for longer than a run lasts. */
const MOST_SILENT = 0.02;

/** Runs a target over so many seeds. */
export function measured(target: Target, seeds: number): { readonly text: string; readonly complaints: readonly string[] } {
  const values: number[] = [];
  let silent = 0;
  for (let n = 0; n < seeds; n += 1) {
    const world = worldOf(target.scenario((n + 0.5) / seeds), { seed: `${target.name}/${String(n)}` });
    const facts: StampedFact<Identity>[] = [];
    world.observe({ onFact: (fact) => facts.push(fact) });
    world.run();
    const found = target.values(facts);
    if (found.length === 0) silent += 1;
    values.push(...found);
  }
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
  const [from, to] = target.median;
  const round = (value: number): string => String(Number(value.toPrecision(4)));
  const without = silent === 0 ? '' : `, ${String(silent)} seeds without`;
  const text = `n ${String(values.length)}${without}, least ${round(at(0))} s, median ${round(at(0.5))} s, p95 ${round(at(0.95))} s, most ${round(at(1))} s`;
  const isWithin =
    at(0.5) >= from && at(0.5) <= to && (target.most === undefined || at(1) <= target.most) && silent <= Math.ceil(MOST_SILENT * seeds);
  return { text, complaints: isWithin ? [] : [text] };
}
