/** Reads `metric op bound`, such as `tokens.first.p99 < 90s`, `tokens.denied403.share <= 0.5%`, `races.twoLeaders.count == 0`. */
import { parseDuration } from '../../kernel/time.ts';
import type { MeasureClaim } from '../description/expectation.ts';
import { unknownRule } from '../text/schema-issue.ts';
import { isMetricName, METRIC_NAMES, METRICS } from './metric-names.ts';
import type { MetricUnit } from './metric-names.ts';

/** A claim, or the rule it breaks. */
export type ClaimReading = { readonly ok: true; readonly claim: MeasureClaim } | { readonly ok: false; readonly rule: string };

const CLAIM = /^\s*([\w.]+)\s*(<=|>=|==|<|>)\s*(\S+)\s*$/u;

const UNITS: Readonly<Record<MetricUnit, string>> = { duration: 'a duration such as 90s', share: 'a percentage such as 5%', count: 'a plain number' };

/** Whether a text looks like a measure rather than the name of a condition. */
export function looksLikeMeasure(text: string): boolean {
  return /[<>=]/u.test(text);
}

/** Reads a claim. */
export function readClaim(text: string): ClaimReading {
  const [, metric, op, bound] = CLAIM.exec(text) ?? [];
  if (metric === undefined || op === undefined || bound === undefined) {
    return { ok: false, rule: `"${text}" is no measure: write metric, <, <=, >, >= or ==, and a bound, such as tokens.first.p99 < 90s` };
  }
  if (!isMetricName(metric)) return { ok: false, rule: unknownRule('metric', metric, METRIC_NAMES) };
  const { unit } = METRICS[metric];
  const value = boundOf(unit, bound);
  if (value === undefined) return { ok: false, rule: `${metric} is bounded by ${UNITS[unit]}, not "${bound}"` };
  return { ok: true, claim: { text: `${metric} ${op} ${bound}`, metric, op: op as MeasureClaim['op'], unit, bound: value } };
}

function boundOf(unit: MetricUnit, text: string): number | undefined {
  switch (unit) {
    case 'duration':
      return parseDuration(text);
    case 'share': {
      const percent = /^(\d+(?:\.\d+)?)%$/u.exec(text)?.[1];
      const value = Number(percent ?? Number.NaN) / 100;
      return value >= 0 && value <= 1 ? value : undefined;
    }
    case 'count':
      return /^\d+$/u.test(text) ? Number(text) : undefined;
  }
}
