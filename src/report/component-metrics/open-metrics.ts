/** The text of `/metrics`, as the Prometheus exporter of OpenCensus writes it: what a scrape of one process gives. */
import { COMPONENT_METRICS, METRIC_PREFIX } from './definitions.ts';
import type { MetricRegistry, MetricSeries } from './registry.ts';

/** Text of all series of a process, each family with its help and type. */
export function openMetricsText(registry: MetricRegistry): string {
  const lines: string[] = [];
  let family = '';
  for (const series of registry.series) {
    if (series.name !== family) {
      family = series.name;
      const { help, type } = COMPONENT_METRICS[series.name];
      lines.push(`# HELP ${METRIC_PREFIX}${family} ${help}`, `# TYPE ${METRIC_PREFIX}${family} ${type}`);
    }
    lines.push(...linesOf(series));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function linesOf({ name, labels, value }: MetricSeries): readonly string[] {
  const { type, bounds } = COMPONENT_METRICS[name];
  const wire = METRIC_PREFIX + name;
  const own = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  const braces = (more: readonly string[]): string => (own.length + more.length === 0 ? '' : `{${[...own, ...more].join(',')}}`);
  if (type === 'counter') return [`${wire}${braces([])} ${String(value.count)}`];
  const buckets = bounds.map((bound, at) => `${wire}_bucket${braces([`le="${String(bound)}"`])} ${String(value.buckets[at] ?? 0)}`);
  return [
    ...buckets,
    `${wire}_bucket${braces(['le="+Inf"'])} ${String(value.count)}`,
    `${wire}_sum${braces([])} ${String(value.sum)}`,
    `${wire}_count${braces([])} ${String(value.count)}`,
  ];
}

function escaped(text: string): string {
  return text.replace(/\\/gu, '\\\\').replace(/"/gu, '\\"').replace(/\n/gu, '\\n');
}
