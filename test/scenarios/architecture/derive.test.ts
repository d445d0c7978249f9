/** One workload under each architecture: what is set up, what is left out, and what cannot be derived. */
import { describe, expect, test } from 'vitest';
import { runScenario } from '../../../src/experiments/run.ts';
import { derive } from '../../../src/scenarios/architecture/derive.ts';
import type { Derivation } from '../../../src/scenarios/architecture/derive.ts';
import { ARCHITECTURE_NAMES } from '../../../src/scenarios/architecture/names.ts';
import type { Architecture } from '../../../src/scenarios/architecture/names.ts';
import type { ScenarioDescription } from '../../../src/scenarios/description.ts';
import { packaged } from '../../support/packaged.ts';

const bank = packaged('architectures');

function derivedOf(scenario: ScenarioDescription, architecture: Architecture): ScenarioDescription {
  const derivation: Derivation = derive(scenario, architecture);
  if (!derivation.ok) throw new Error(derivation.rule);
  return derivation.scenario;
}

describe.each(ARCHITECTURE_NAMES)('under %s', (architecture) => {
  const scenario = derivedOf(bank, architecture);
  const { report } = runScenario({ scenario });

  test('every pod has a token and uses it, and no access is denied', () => {
    expect(report.tokens.neverServed).toBe(0);
    expect(report.tokens.first.waits?.count).toBe(10);
    expect(report.audit).toMatchObject({ denied: 0 });
    expect(report.audit.accesses).toBeGreaterThan(1000);
  });

  test('tokens come from where the architecture has them', () => {
    const from = new Set(report.tokens.tries.filter(({ status }) => status === 200).map(({ servedBy }) => servedBy));
    const expected = { secret: 'aad', 'workload-identity': 'aad', 'bare-imds': 'imds', standard: 'nmi', managed: 'nmi' } as const;
    expect([...from]).toEqual([expected[architecture]]);
  });

  test('the same run comes of the same derivation, recorded or fast', () => {
    const short = {
      ...scenario,
      horizon: (20 * 60_000_000) as ScenarioDescription['horizon'],
      steps: scenario.steps.filter(({ at }) => at < 20 * 60_000_000),
    };
    const fast = runScenario({ scenario: short, mode: 'fast' }).outcome.fingerprint;
    expect(runScenario({ scenario: derivedOf(short, architecture), mode: 'recorded' }).outcome.fingerprint).toBe(fast);
  });
});

test('only the control plane of standard mode writes identities at ARM', () => {
  const patches = (architecture: Architecture): number =>
    runScenario({ scenario: derivedOf(bank, architecture) }).report.load.totals.armPatches;
  expect(patches('standard')).toBeGreaterThan(0);
  for (const architecture of ['secret', 'bare-imds', 'managed', 'workload-identity'] as const) expect(patches(architecture)).toBe(0);
});

describe('pods that name no client id on a node pool with two identities, straight at IMDS', () => {
  const nameless = { ...bank, workloads: bank.workloads.map((workload) => ({ ...workload, clientId: '' })) };
  const short = (20 * 60_000_000) as ScenarioDescription['horizon'];
  const early = bank.steps.filter(({ at }) => at < short);
  const bare = derivedOf({ ...nameless, horizon: short, steps: early }, 'bare-imds');

  test('are given the identity of the machine itself, which may do nothing', () => {
    const { audit, tokens } = runScenario({ scenario: bare }).report;
    expect(tokens.answered).toBeGreaterThan(0);
    expect(audit.allowed).toBe(0);
    expect(new Set(audit.entries.map(({ principalKind }) => principalKind))).toEqual(new Set(['systemAssigned']));
  });

  test('get nothing where the machine has none: IMDS cannot choose', () => {
    const { cluster } = bare;
    if (cluster === undefined) throw new Error('the scenario has a cluster');
    const nodePools = cluster.nodePools.map((pool) => ({ ...pool, systemAssigned: 'disabled' as const }));
    const { tokens } = runScenario({ scenario: { ...bare, cluster: { ...cluster, nodePools } } }).report;
    expect(tokens.answered).toBe(0);
    expect(new Set(tokens.failures.map(({ status }) => status))).toEqual(new Set([400]));
  });
});

test('a workload that names no identity cannot be told to Entra', () => {
  const nameless = { ...bank, workloads: bank.workloads.map((workload) => ({ ...workload, clientId: '' })) };
  for (const architecture of ['secret', 'workload-identity'] as const) {
    expect(derive(nameless, architecture)).toMatchObject({ ok: false, rule: expect.stringContaining('names no identity') as string });
  }
});

test('a scenario without a cluster, or with MIC in its manifests, has no architectures', () => {
  expect(derive(packaged('vm-system-assigned'), 'secret')).toMatchObject({
    ok: false,
    rule: expect.stringContaining('has no cluster') as string,
  });
  const { cluster } = bank;
  if (cluster?.podIdentity === undefined) throw new Error('the scenario has pod identity');
  const own = { ...bank, cluster: { ...cluster, podIdentity: { ...cluster.podIdentity, source: 'manifests' as const } } };
  expect(derive(own, 'managed')).toMatchObject({ ok: false, rule: expect.stringContaining('manifests') as string });
});

test('an identity takes 20 federated credentials, and a twenty-first service account is refused', () => {
  const [workload] = bank.workloads;
  if (workload === undefined) throw new Error('the scenario has workloads');
  const many = (count: number): ScenarioDescription => ({
    ...bank,
    workloads: Array.from({ length: count }, (_, n) => ({ ...workload, name: `app-${String(n)}` })),
  });
  expect(derive(many(20), 'workload-identity').ok).toBe(true);
  expect(derive(many(21), 'workload-identity')).toMatchObject({ ok: false, rule: expect.stringContaining('20') as string });
});
