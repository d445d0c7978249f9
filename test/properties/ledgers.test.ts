/**
 * In random worlds the ledgers of a report are at one with themselves and with the tables: no race without an occasion, no exposure of a
 * pod that is not there, sums that are those of their parts, and nothing left that no table has.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginRun } from '../../src/experiments/run.ts';
import { keyOf } from '../../src/model/kubernetes.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import type { Report } from '../../src/report/document/index.ts';
import type { Run } from '../../src/report/watcher.ts';
import { arbitraryPlan, loadPlan } from '../../src/testing/index.ts';
import type { Plan } from '../../src/testing/index.ts';

interface Lived {
  readonly report: Report;
  readonly run: Run;
  /** When each name of a pod was first and last taken [µs]. */
  readonly pods: ReadonlyMap<string, { readonly from: number; readonly until: number }>;
}

function live(plan: Plan): Lived {
  const underWay = beginRun({ scenario: loadPlan(plan), mode: 'fast', seed: 'ledgers' });
  const { simulation } = underWay;
  const pods = new Map<string, { readonly from: number; readonly until: number }>();
  const note = (pod: Pod, at: number, until: number): void => void pods.set(keyOf(pod), { from: pods.get(keyOf(pod))?.from ?? at, until });
  for (const pod of simulation.table('pods').all()) note(pod, simulation.now, Infinity);
  simulation.observe({
    onWrite: (table, { before, after, at }) => {
      if (table !== 'pods') return;
      const pod = (after ?? before) as Pod | undefined;
      if (pod !== undefined) note(pod, at, after === undefined ? at : Infinity);
    },
  });
  underWay.advance(Infinity);
  return { report: underWay.finish().report, run: simulation, pods };
}

const PLANS = fc.sample(arbitraryPlan({ minSteps: 6, maxSteps: 14 }), { numRuns: 8, seed: 2026 });
const WORLDS = PLANS.map(live);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

test('these worlds have something of everything', () => {
  const total = (of: (report: Report) => number): number => sum(WORLDS.map(({ report }) => of(report)));
  expect(total(({ races }) => sum(races.map(({ count }) => count)))).toBeGreaterThan(0);
  expect(total(({ access }) => access.exposure.entries.length)).toBeGreaterThan(0);
  expect(total(({ access }) => access.outage.entries.length)).toBeGreaterThan(0);
  expect(total(({ cleanup }) => cleanup.deletions.length)).toBeGreaterThan(0);
  expect(
    total(({ cleanup }) => cleanup.deletions.flatMap(({ items }) => items.filter(({ state }) => state === 'left')).length),
  ).toBeGreaterThan(0);
});

describe.each(WORLDS.map((world, index) => ({ index: String(index), ...world })))('world $index', ({ report, run, pods }) => {
  const { races, access, cleanup, provenance } = report;

  test('has no more races than occasions, and an example of each class that occurred', () => {
    for (const { race, count, examined, first, worst } of races) {
      expect(count, race).toBeLessThanOrEqual(examined);
      expect(first !== null, race).toBe(count > 0);
      if (worst !== null) expect(worst.lastedUs, race).toBeGreaterThan(0);
    }
  });

  test('exposes pods only while they are there, and no longer than from the first to the last moment', () => {
    for (const { pod, us, firstUs, lastUs } of access.exposure.entries) {
      const life = pods.get(pod);
      expect(life, pod).toBeDefined();
      expect(firstUs, pod).toBeGreaterThanOrEqual(life?.from ?? Infinity);
      expect(lastUs, pod).toBeLessThanOrEqual(Math.min(life?.until ?? 0, provenance.simulatedUs));
      expect(us, pod).toBeLessThanOrEqual(lastUs - firstUs);
    }
  });

  test('counts time and tokens by cause as by pod, and a pod once for all it reaches', () => {
    const { exposure, outage } = access;
    expect([exposure.notShown, outage.notShown]).toEqual([0, 0]);
    for (const { cause, us, tokens, pods: count } of exposure.causes) {
      const own = exposure.entries.filter((entry) => entry.cause === cause);
      expect([cause, us, tokens, count]).toEqual([
        cause,
        sum(own.map((one) => one.us)),
        sum(own.map((one) => one.tokens)),
        new Set(own.map(({ pod }) => pod)).size,
      ]);
    }
    expect(exposure.tokens).toBe(sum(exposure.causes.map(({ tokens }) => tokens)));
    expect(exposure.podUs).toBeLessThanOrEqual(sum(exposure.causes.map(({ us }) => us)));
    for (const { pod } of exposure.entries) {
      const longest = Math.max(...exposure.entries.filter((entry) => entry.pod === pod).map(({ us }) => us));
      expect(exposure.podUs, pod).toBeGreaterThanOrEqual(longest);
    }
    expect(outage.us).toBe(sum(outage.causes.map(({ us }) => us)));
    expect(outage.failed).toBe(sum(outage.entries.map(({ failed }) => failed)));
  });

  test('counts each deletion in one column, and says of all that is gone when, and of what is left by when', () => {
    for (const { kind, deletions, complete, incomplete, lingersByDesign } of cleanup.kinds)
      expect([kind, complete + incomplete + lingersByDesign]).toEqual([kind, deletions]);
    expect(cleanup.deletions.length + cleanup.notShown).toBe(sum(cleanup.kinds.map(({ deletions }) => deletions)));
    for (const { name, place, verdict, items } of cleanup.deletions) {
      expect([name, verdict === 'incomplete']).toEqual([name, items.some(({ state }) => state === 'left')]);
      for (const { what, state, dueUs, goneAtUs, untilUs } of items) {
        if (goneAtUs !== null) expect(goneAtUs, what).toBeGreaterThanOrEqual(place.atUs);
        if (state === 'left') expect([what, goneAtUs, untilUs, dueUs !== null]).toEqual([what, null, null, true]);
        if (untilUs !== null && goneAtUs === null) expect(untilUs, what).toBeGreaterThan(provenance.simulatedUs);
      }
    }
  });

  test('has in its tables whatever is left', () => {
    const onMachines = run
      .table('computeResources')
      .all()
      .flatMap(({ name, userAssigned }) => userAssigned.map((id) => `${lastPart(id).toLowerCase()} on ${name.toLowerCase()}`));
    const assignedNames = run
      .table('azureAssignedIdentities')
      .all()
      .map(({ metadata }) => metadata.name);
    const kept = cleanup.leftExamples.map(({ kind, what }) => [kind, what] as const);
    for (const [kind, what] of kept) {
      if (kind === 'assignedIdentities') expect(assignedNames).toContain(what);
      if (kind === 'grants') expect(onMachines).toContain(what.toLowerCase());
    }
    for (const { items } of cleanup.deletions) {
      for (const { kind, what, state } of items.filter((item) => item.state === 'left')) {
        if (kind === 'assignedIdentity') expect(run.table('azureAssignedIdentities').get(what), state).toBeDefined();
        if (kind === 'grant') expect(onMachines).toContain(what.toLowerCase());
        if (kind === 'machine') expect(run.table('virtualMachines').get(what), state).toBeDefined();
      }
    }
  });
});

function lastPart(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
