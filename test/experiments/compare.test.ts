/** One workload under all architectures and faults: the table, and what must be so whatever the numbers are. */
import { expect, test } from 'vitest';
import { comparisonText } from '../../src/cli/compare-text.ts';
import { minutes } from '../../src/kernel/time.ts';
import { derivedFor } from '../../src/cli/architecture-choice.ts';
import { compare, faultTime, runsOf } from '../../src/experiments/compare/index.ts';
import type { ArchitectureColumn, ComparisonPlan } from '../../src/experiments/compare/index.ts';
import { runScenario } from '../../src/experiments/run.ts';
import { packaged } from '../support/packaged.ts';

const scenario = packaged('architectures');
const plan: ComparisonPlan = { scenarios: derivedFor(scenario, []), overrides: {}, seed: scenario.seed };

const LOOK = {
  scenario: 'architectures',
  seed: plan.seed,
  faultAtUs: faultTime(scenario.horizon),
  host: { columns: 80, color: 'none' },
  command: 'idflow compare architectures',
  alone: 'idflow run architectures --architecture secret',
} as const;

function drained(): readonly ArchitectureColumn[] {
  const work = compare(plan);
  for (let runs = 0; ; runs += 1) {
    const step = work.next();
    if (step.done !== true) continue;
    expect(runs).toBe(runsOf(plan));
    return step.value;
  }
}

const made = drained();
const column = (name: string): ArchitectureColumn => {
  const found = made.find(({ architecture }) => architecture === name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
};
const cell = (architecture: string, fault: string): ArchitectureColumn['faults'][number] | undefined =>
  column(architecture).faults.find((candidate) => candidate.fault === fault);

test('the undisturbed run of the architecture that the scenario has is the run of the scenario', () => {
  expect(column('standard').fingerprint).toBe(runScenario({ scenario }).outcome.fingerprint);
});

test('only a client secret can expire', () => {
  expect(
    made.filter(({ architecture }) => cell(architecture, 'credentialExpired')?.outcome === 'broke').map(({ architecture }) => architecture),
  ).toEqual(['secret']);
  expect(cell('secret', 'credentialExpired')?.recoveredAfterUs).toBeNull();
});

test('MIC asks for its lock where there is one: a leader twice in 3.75 s, its stand-by once in 6 s', () => {
  // The copies start some seconds after the cluster.
  expect(column('standard').perHour.lock).toBeGreaterThan(0.98 * (1920 + 600));
  expect(column('standard').perHour.lock).toBeLessThanOrEqual(1920 + 600);
  for (const name of ['secret', 'bare-imds', 'managed', 'workload-identity']) expect(column(name).perHour.lock).toBe(0);
});

test('a storm of 429 at ARM breaks what writes there, and nothing else', () => {
  expect(
    made.filter(({ architecture }) => cell(architecture, 'armStorm')?.outcome === 'broke').map(({ architecture }) => architecture),
  ).toEqual(['standard']);
});

test('where there is no NMI, nothing of it can be rolled or stall', () => {
  for (const architecture of ['secret', 'bare-imds', 'workload-identity'])
    for (const fault of ['nmiRollout', 'watchStall']) expect(cell(architecture, fault)?.outcome).toBe('absent');
});

test('a deleted identity is missed under every architecture, for ever', () => {
  for (const { architecture } of made)
    expect(cell(architecture, 'identityDeleted')).toMatchObject({ outcome: 'broke', recoveredAfterUs: null });
});

test('what a fault that is still there has not put to the test is undecided', () => {
  // Only the application that keeps its tokens, and nobody comes later.
  const short = { ...scenario, horizon: minutes(20), workloads: scenario.workloads.filter(({ name }) => name === 'ledger') };
  const work = compare({ ...plan, scenarios: derivedFor(short, ['secret']) });
  let step = work.next();
  while (step.done !== true) step = work.next();
  const [secret] = step.value;
  const pods = secret?.first?.count ?? 0;
  expect(pods).toBeGreaterThan(0);
  expect(secret?.faults.find(({ fault }) => fault === 'credentialExpired')).toMatchObject({ outcome: 'held', untested: pods });
  const text = comparisonText(step.value, { ...LOOK, faultAtUs: faultTime(short.horizon) });
  expect(text).toMatch(/credential expired +held\?/u);
  expect(text).toContain('too short');
  // In the long run each of them renewed, and the outage was over.
  expect(cell('secret', 'aadOutage')?.untested).toBe(0);
});

test('after an outage of Entra everybody is served again, not before it is over', () => {
  for (const { architecture } of made) {
    const found = cell(architecture, 'aadOutage');
    if (found?.outcome === 'broke') expect(found.recoveredAfterUs).toBeGreaterThanOrEqual(30 * 60_000_000);
  }
});

test('pods are exposed where nothing stands before IMDS or secrets lie in the namespace; not where NMI or Entra tells them apart', () => {
  const exposed = made.filter(({ exposedPodSeconds }) => exposedPodSeconds > 0).map(({ architecture }) => architecture);
  expect(exposed).toEqual(['secret', 'bare-imds']);
});

test('the table is the page kept here, 80 columns wide', async () => {
  const text = comparisonText(made, LOOK);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  await expect(text).toMatchFileSnapshot('../golden/architectures-compared.out');
});
