/**
 * The same scenario under many seeds: what each measure is in the mean, how sure that is, and how often an expectation fell.
 *
 * A shard is one seed. `runShard` depends on its two arguments alone and answers plain data; `merge` is commutative, associative and
 * idempotent. So shards may run in any order, anywhere, twice if need be, and the result is the same to the last bit.
 */
import type { Overrides } from '../model/calibration/index.ts';
import type { Report } from '../report/document/index.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';
import { endingOf, endStatesOf, PathRecorder } from './end-states.ts';
import type { EndState, Ending } from './end-states.ts';
import { runScenario } from './run.ts';
import { meanInterval, percentileOf } from './statistics.ts';
import type { Interval } from './statistics.ts';

/** What is swept. */
export interface SweepPlan {
  readonly scenario: ScenarioDescription;
  /** Knobs set beside the scenario's own. */
  readonly overrides: Overrides;
  /** Root of the seeds: replication n runs under `seed/n`. */
  readonly seed: string;
  /** Seeds [1] -- constant. */
  readonly replications: number;
}

/** What one seed came to. */
export interface ShardResult {
  readonly index: number;
  readonly seed: string;
  readonly fingerprint: string;
  readonly events: number;
  readonly verdict: Report['verdict']['result'];
  readonly expectations: readonly { readonly text: string; readonly verdict: Report['expectations'][number]['verdict'] }[];
  readonly metrics: readonly Report['metrics'][number][];
  readonly ending: Ending;
}

/** Shards so far, by index. */
export interface SweepResult {
  readonly shards: readonly ShardResult[];
}

/** One measure over all seeds. */
export interface MetricSummary {
  readonly metric: string;
  readonly unit: Report['metrics'][number]['unit'];
  /** Mean of the seeds' values, with its 95 % interval (Student's t over seeds; the seeds are independent). */
  readonly interval: Interval;
  readonly min: number;
  /** Median of the seeds' values, by nearest rank. */
  readonly median: number;
  readonly max: number;
  /** Seeds in which there was nothing to measure [1]. */
  readonly withoutSamples: number;
}

/** How often one expectation held. */
export interface ExpectationSummary {
  readonly text: string;
  readonly held: number;
  readonly fell: number;
  readonly undecided: number;
  /** Smallest index of a shard in which it fell; undefined if it never did. */
  readonly firstFall: number | undefined;
}

/** A sweep in numbers. */
export interface SweepSummary {
  readonly shards: number;
  readonly verdict: Report['verdict']['result'];
  readonly verdicts: { readonly holds: number; readonly fell: number; readonly inconclusive: number };
  readonly expectations: readonly ExpectationSummary[];
  /** Measures with at least one sample somewhere, in the order of the report. */
  readonly metrics: readonly MetricSummary[];
  /** Where the runs ended up, the most common first. */
  readonly endStates: readonly EndState[];
}

/** Confidence of the intervals of a summary. */
const SWEEP_CONFIDENCE = 0.95;

/** Seed of one shard. */
export function seedOfShard(plan: Pick<SweepPlan, 'seed'>, index: number): string {
  return `${plan.seed}/${String(index)}`;
}

/**
 * Runs one shard.
 *
 * @throws RangeError if the plan has no such shard or its overrides do not hold; the caller checks them with `resolve`
 */
export function runShard(plan: SweepPlan, index: number): ShardResult {
  if (!(Number.isInteger(index) && index >= 0 && index < plan.replications)) throw new RangeError(`no shard ${String(index)} in this plan`);
  const seed = seedOfShard(plan, index);
  const recorder = new PathRecorder();
  const request = { scenario: plan.scenario, overrides: plan.overrides, seed, mode: 'fast' as const };
  const { report, outcome } = runScenario({ ...request, observers: [recorder] });
  return {
    index,
    seed,
    fingerprint: outcome.fingerprint,
    events: outcome.events,
    verdict: report.verdict.result,
    expectations: report.expectations.map(({ text, verdict }) => ({ text, verdict })),
    metrics: report.metrics,
    ending: { text: endingOf(report), path: recorder.path },
  };
}

/** A result of no shards: what merging begins with. */
export const NO_SHARDS: SweepResult = { shards: [] };

/** A result of one shard. */
export function resultOf(shard: ShardResult): SweepResult {
  return { shards: [shard] };
}

/**
 * Both results in one. A shard that is in both counts once.
 *
 * @throws Error if it is not the same in both: the same seed must give the same run
 */
export function merge(a: SweepResult, b: SweepResult): SweepResult {
  const byIndex = new Map(a.shards.map((shard) => [shard.index, shard]));
  for (const shard of b.shards) {
    const known = byIndex.get(shard.index);
    if (known !== undefined && (known.seed !== shard.seed || known.fingerprint !== shard.fingerprint)) {
      throw new Error(
        `shard ${String(shard.index)} gave ${known.fingerprint} (seed ${known.seed}) and ${shard.fingerprint} (seed ${shard.seed})`,
      );
    }
    byIndex.set(shard.index, shard);
  }
  return { shards: [...byIndex.values()].sort((one, other) => one.index - other.index) };
}

/** The numbers of a sweep. */
export function summarize({ shards }: SweepResult): SweepSummary {
  const verdicts = { holds: 0, fell: 0, inconclusive: 0 };
  for (const shard of shards) verdicts[shard.verdict] += 1;
  return {
    shards: shards.length,
    verdict: verdicts.fell > 0 ? 'fell' : verdicts.inconclusive > 0 || shards.length === 0 ? 'inconclusive' : 'holds',
    verdicts,
    expectations: (shards[0]?.expectations ?? []).map(({ text }, place) => expectationSummary(shards, text, place)),
    metrics: (shards[0]?.metrics ?? []).flatMap(({ metric, unit }) => metricSummary(shards, metric, unit)),
    endStates: endStatesOf(shards),
  };
}

function expectationSummary(shards: readonly ShardResult[], text: string, place: number): ExpectationSummary {
  const counts = { held: 0, fell: 0, undecided: 0 };
  let firstFall: number | undefined;
  for (const shard of shards) {
    const verdict = shard.expectations[place]?.verdict ?? 'undecided';
    counts[verdict] += 1;
    if (verdict === 'fell') firstFall ??= shard.index;
  }
  return { text, ...counts, firstFall };
}

function metricSummary(shards: readonly ShardResult[], metric: string, unit: MetricSummary['unit']): readonly MetricSummary[] {
  const values = shards.flatMap((shard) => shard.metrics.find((reading) => reading.metric === metric)?.value ?? []);
  if (values.length === 0) return [];
  return [
    {
      metric,
      unit,
      interval: meanInterval(values, SWEEP_CONFIDENCE),
      min: percentileOf(values, 0) ?? 0,
      median: percentileOf(values, 50) ?? 0,
      max: percentileOf(values, 100) ?? 0,
      withoutSamples: shards.length - values.length,
    },
  ];
}
