/** The metrics of one process: reported one by one, read by name and labels. Pure data apart from this class's own map. */
import { COMPONENT_METRICS } from './definitions.ts';
import type { ComponentMetricName } from './definitions.ts';

/** Labels of a series; those a metric has and nobody gives are `''`. */
export type MetricLabels = Readonly<Record<string, string>>;

/** What a series stands at. For a counter, `sum` equals `count` and bounds are empty. */
export interface MetricValue {
  readonly count: number;
  /** Sum of the values [s for histograms]. */
  readonly sum: number;
  /** Least and greatest value reported. */
  readonly min: number;
  readonly max: number;
  /** Values at or below each bound of the definition, cumulative as on the wire. */
  readonly buckets: readonly number[];
}

/** One series with its value. */
export interface MetricSeries {
  readonly name: ComponentMetricName;
  readonly labels: MetricLabels;
  readonly value: MetricValue;
}

/** Metrics of one process since it started. */
export class MetricRegistry {
  readonly #series = new Map<string, MetricSeries>();

  /** Reports a value: a counter grows by it, a histogram takes it in [s]. Labels the metric does not have are refused. */
  report(name: ComponentMetricName, value: number, labels: MetricLabels = {}): void {
    const { labels: known, bounds, type } = COMPONENT_METRICS[name];
    const stranger = Object.keys(labels).find((label) => !known.includes(label));
    if (stranger !== undefined) throw new RangeError(`${name} has no label ${stranger}`);
    const full = Object.fromEntries(known.map((label) => [label, labels[label] ?? '']));
    const key = keyOf(name, full);
    const old = this.#series.get(key)?.value ?? { count: 0, sum: 0, min: Infinity, max: -Infinity, buckets: bounds.map(() => 0) };
    const next: MetricValue = {
      count: old.count + (type === 'counter' ? value : 1),
      sum: old.sum + value,
      min: Math.min(old.min, value),
      max: Math.max(old.max, value),
      buckets: old.buckets.map((count, at) => count + (value <= (bounds[at] ?? Infinity) ? 1 : 0)),
    };
    this.#series.set(key, { name, labels: full, value: next });
  }

  /** What a series stands at; undefined if nothing was ever reported to it. */
  value(name: ComponentMetricName, labels: MetricLabels = {}): MetricValue | undefined {
    const full = Object.fromEntries(COMPONENT_METRICS[name].labels.map((label) => [label, labels[label] ?? '']));
    return this.#series.get(keyOf(name, full))?.value;
  }

  /** All series, by name and labels in code-unit order. */
  get series(): readonly MetricSeries[] {
    return [...this.#series.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
  }
}

function keyOf(name: string, labels: MetricLabels): string {
  return JSON.stringify([name, ...Object.values(labels)]);
}
