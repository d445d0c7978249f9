/** Figures people have measured on real clusters, and how the simulator is asked for them: one function for the quick and the long suite. */
import type { StampedFact } from '../../src/kernel/world.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { packaged, worldOf } from './packaged.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';

/** One target: where it is measured, and between which seconds the median and all values must lie. */
export interface Target {
  readonly name: string;
  readonly what: string;
  readonly scenario: () => ScenarioDescription;
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

/** From the grant of the role at 120 s to the first allowed access. */
function sinceGrant(facts: readonly StampedFact<Identity>[]): readonly number[] {
  const first = facts.find(({ fact }) => fact.type === 'service-answered' && fact.status === 200);
  return first === undefined ? [] : [first.at / 1e6 - 120];
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

function grantScenario(): ScenarioDescription {
  const loaded = loadScenario({ path: 'grant.yaml', text: GRANT, readText: () => '' });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ path, rule }) => `${path}: ${rule}`).join('\n'));
  return loaded.scenario;
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
    name: 'V7',
    what: 'a granted role works after 60 to 120 s, always within 600 s',
    scenario: grantScenario,
    values: sinceGrant,
    median: [60, 120],
    quickSeeds: 30,
    most: 603,
  },
];

/** Runs a target over so many seeds. */
export function measured(target: Target, seeds: number): { readonly text: string; readonly complaints: readonly string[] } {
  const scenario = target.scenario();
  const values: number[] = [];
  for (let n = 0; n < seeds; n += 1) {
    const world = worldOf(scenario, { seed: `${target.name}/${String(n)}` });
    const facts: StampedFact<Identity>[] = [];
    world.observe({ onFact: (fact) => facts.push(fact) });
    world.run();
    values.push(...target.values(facts));
  }
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
  const [from, to] = target.median;
  const text = `n ${String(values.length)}, median ${String(at(0.5))} s, p95 ${String(at(0.95))} s, most ${String(at(1))} s`;
  const isWithin = at(0.5) >= from && at(0.5) <= to && (target.most === undefined || at(1) <= target.most);
  return { text, complaints: isWithin ? [] : [text] };
}
