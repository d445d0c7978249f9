/**
 * Reads `measure op bound`, such as `tokens.first.p99 < 90s`, `tokens.denied403.share <= 0.5%`, `races.twoLeaders.count == 0`,
 * `max(mic-cycle-ended.took) >= 100s`.
 */
import { parseDuration } from '../../kernel/time.ts';
import type { MeasureClaim } from '../description/expectation.ts';
import { unknownRule } from '../text/schema-issue.ts';
import { isMetricName, METRIC_NAMES, METRICS } from './metric-names.ts';
import { looksLikeObservation, readObservation } from './observation-text.ts';
import type { StepTimes } from './observation-text.ts';
import type { MetricUnit } from './metric-names.ts';

/** A claim, or the rule it breaks. */
export type ClaimReading = { readonly ok: true; readonly claim: MeasureClaim } | { readonly ok: false; readonly rule: string };

const CLAIM = /^\s*([\w.]+|\w+\(.*\)(?:\s+after\s+[\w.-]+)?)\s*(<=|>=|==|<|>)\s*(\S+)\s*$/u;

/** What a measure is read from, with its unit, or the rule it breaks. */
export type SourceReading =
  | { readonly ok: true; readonly of: MeasureClaim['of']; readonly name: string; readonly unit: MetricUnit }
  | { readonly ok: false; readonly rule: string };

const UNITS: Readonly<Record<MetricUnit, string>> = { duration: 'a duration such as 90s', share: 'a percentage such as 5%', count: 'a plain number' };

/** Whether a text looks like a measure rather than the name of a condition. */
export function looksLikeMeasure(text: string): boolean {
  return /[<>=]/u.test(text);
}

/** Reads a claim. */
export function readClaim(text: string, steps?: StepTimes): ClaimReading {
  const [, source, op, bound] = CLAIM.exec(text) ?? [];
  if (source === undefined || op === undefined || bound === undefined) {
    return { ok: false, rule: `"${text}" is no measure: write metric, <, <=, >, >= or ==, and a bound, such as tokens.first.p99 < 90s` };
  }
  const read = readSource(source, steps);
  if (!read.ok) return read;
  const { of, name, unit } = read;
  const value = boundOf(unit, bound);
  if (value === undefined) return { ok: false, rule: `${name} is bounded by ${UNITS[unit]}, not "${bound}"` };
  return { ok: true, claim: { text: `${name} ${op} ${bound}`, of, op: op as MeasureClaim['op'], unit, bound: value } };
}

/** Reads what a measure is read from: the name of a metric, or an observation. */
export function readSource(text: string, steps?: StepTimes): SourceReading {
  if (!looksLikeObservation(text)) {
    const metric = text.trim();
    if (!isMetricName(metric)) return { ok: false, rule: unknownRule('metric', metric, METRIC_NAMES) };
    return { ok: true, of: { kind: 'metric', metric }, name: metric, unit: METRICS[metric].unit };
  }
  const read = readObservation(text, steps);
  if (!read.ok) return read;
  const { observation } = read;
  return { ok: true, of: { kind: 'observation', observation }, name: observation.text, unit: observation.unit };
}

/** A bound or a value in a unit; undefined if the text is none. */
export function boundOf(unit: MetricUnit, text: string): number | undefined {
  switch (unit) {
    case 'duration':
      return parseDuration(text);
    case 'share': {
      const percent = /^(\d+(?:\.\d+)?)%$/u.exec(text)?.[1];
      const value = Number(percent ?? Number.NaN) / 100;
      return value >= 0 && value <= 1 ? value : undefined;
    }
    case 'count':
      return /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : undefined;
  }
}
