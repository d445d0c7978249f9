/** A sweep does not depend on the order of its shards, and its numbers are those of a naive recomputation. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { merge, NO_SHARDS, resultOf, runShard, summarize } from '../../src/experiments/sweep.ts';
import type { ShardResult, SweepPlan, SweepResult } from '../../src/experiments/sweep.ts';
import { runScenario } from '../../src/experiments/run.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { smallScenario } from '../support/command-line.ts';

const loaded = loadScenario({ path: 'small.yaml', text: smallScenario('measure: tokens.first.max < 2s'), readText: () => undefined });
if (!loaded.ok) throw new Error('the small scenario is valid');
const plan: SweepPlan = { scenario: loaded.scenario, overrides: {}, seed: 'sweep', replications: 6 };
const shards = Array.from({ length: plan.replications }, (_, index) => runShard(plan, index));

function gathered(some: readonly ShardResult[]): SweepResult {
  return some.map(resultOf).reduce(merge, NO_SHARDS);
}

function shuffled<T>(values: readonly T[], keys: readonly number[]): readonly T[] {
  return values
    .map((value, index) => ({ value, key: keys[index] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

// Claim: merging is commutative, associative and idempotent. Method: any order, any cut, any shard twice.
test('any order of shards, any bracketing, and any shard twice give the same result', () => {
  const whole = gathered(shards);
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), fc.nat({ max: 6 }), fc.nat({ max: 5 }), (keys, cut, twice) => {
      const order = shuffled(shards, keys);
      const again = order.slice(twice, twice + 1);
      const result = merge(gathered(order.slice(0, cut)), gathered([...order.slice(cut), ...again]));
      expect(result).toEqual(whole);
      expect(summarize(result)).toEqual(summarize(whole));
    }),
  );
});

test('a shard is a function of plan and index: run again, it is the same, and it is the run of its seed', () => {
  expect(runShard(plan, 3)).toEqual(shards[3]);
  const { outcome } = runScenario({ scenario: plan.scenario, seed: 'sweep/3' });
  expect(shards[3]).toMatchObject({ index: 3, seed: 'sweep/3', fingerprint: outcome.fingerprint, events: outcome.events });
  expect(new Set(shards.map(({ fingerprint }) => fingerprint)).size).toBe(plan.replications);
});

test('two results that contradict each other about a shard are refused', () => {
  const [first] = shards;
  if (first === undefined) throw new Error('there is a first shard');
  expect(() => merge(resultOf(first), resultOf({ ...first, fingerprint: 'other' }))).toThrow(/shard 0 gave .* and other/);
  expect(() => runShard(plan, 6)).toThrow('no shard 6 in this plan');
});

test('means, intervals, medians and verdict counts equal the naive formulas', () => {
  const summary = summarize(gathered(shards));
  for (const { metric, interval, min, median, max, withoutSamples } of summary.metrics) {
    const values = shards.flatMap((shard) =>
      shard.metrics.filter((reading) => reading.metric === metric).flatMap(({ value }) => value ?? []),
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    expect(interval.count + withoutSamples).toBe(6);
    expect(interval.mean).toBeCloseTo(mean, 6);
    // t(0.975) with five degrees of freedom is 2.5706.
    if (values.length === 6) expect(interval.halfWidth).toBeCloseTo((2.57058 * deviation) / Math.sqrt(6), 0);
    const sorted = [...values].sort((a, b) => a - b);
    expect([min, max]).toEqual([sorted[0], sorted.at(-1)]);
    expect(median).toBe(sorted[Math.ceil(values.length / 2) - 1]);
  }
  expect(summary.metrics.map(({ metric }) => metric)).toContain('tokens.first.p50');
  const fell = shards.filter(({ verdict }) => verdict === 'fell');
  expect(summary.verdicts).toEqual({
    fell: fell.length,
    holds: shards.filter(({ verdict }) => verdict === 'holds').length,
    inconclusive: 0,
  });
  expect(summary.expectations[0]).toMatchObject({ fell: fell.length, firstFall: fell[0]?.index });
});

test('no shards decide nothing', () => {
  expect(summarize(NO_SHARDS)).toEqual({
    shards: 0,
    verdict: 'inconclusive',
    verdicts: { holds: 0, fell: 0, inconclusive: 0 },
    expectations: [],
    metrics: [],
    endStates: [],
  });
});
