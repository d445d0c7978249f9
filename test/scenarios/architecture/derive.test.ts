/** One workload under each architecture: what is set up, what is left out, and what cannot be derived. */
import { describe, expect, test } from 'vitest';
import { runScenario } from '../../../src/experiments/run.ts';
import { derive } from '../../../src/scenarios/architecture/derive.ts';
import type { Derivation } from '../../../src/scenarios/architecture/derivation.ts';
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

/** The bank with so many copies of the ledger; each runs as a service account of its own, or all as one. */
function copies(count: number, account: (n: number) => string): ScenarioDescription {
  const [workload] = bank.workloads;
  const deployment = bank.steps
    .flatMap(({ action }) => (action.verb === 'apply' ? action.objects : []))
    .find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'ledger');
  const [step] = bank.steps;
  if (workload?.select === undefined || deployment?.kind !== 'Deployment' || step === undefined)
    throw new Error('the scenario has a ledger');
  const { template } = deployment.spec;
  const names = Array.from({ length: count }, (_, n) => `app-${String(n)}`);
  const objects = names.map((name, n) => ({
    ...deployment,
    metadata: { ...deployment.metadata, name },
    spec: { ...deployment.spec, template: { ...template, spec: { ...template.spec, serviceAccountName: account(n) } } },
  }));
  const select = workload.select;
  return {
    ...bank,
    workloads: names.map((name) => ({ ...workload, name, select: { ...select, owner: `Deployment/${name}` } })),
    steps: [{ ...step, origin: 'manifest', action: { verb: 'apply', file: '', objects } }],
  };
}

test('an identity takes 20 federated credentials, and a twenty-first service account is refused', () => {
  const own = (count: number): Derivation =>
    derive(
      copies(count, (n) => `account-${String(n)}`),
      'workload-identity',
    );
  expect(own(20).ok).toBe(true);
  expect(own(21)).toMatchObject({ ok: false, rule: expect.stringContaining('20') as string });
});

test('applications that run as one service account need one federated credential', () => {
  const { identities } = derivedOf(
    copies(30, () => 'shared'),
    'workload-identity',
  );
  expect(identities.flatMap(({ federated = [] }) => federated.map(({ subject }) => subject))).toEqual([
    'system:serviceaccount:default:shared',
  ]);
});
