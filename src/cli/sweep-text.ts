/** A sweep as text for people: verdicts, expectations, then one line a measure. */
import type { MetricSummary, SweepPlan, SweepSummary } from '../experiments/sweep.ts';
import { formatDuration, micros } from '../kernel/time.ts';
import type { Host } from './host.ts';
import { styleFor } from './style.ts';
import { columns } from './text-layout.ts';

/** Lines of a sweep. */
export function sweepText(
  summary: SweepSummary,
  { plan, host, commandOf }: { readonly plan: SweepPlan; readonly host: Host; readonly commandOf: (index: number) => string },
): string {
  const style = styleFor(host);
  const { holds, fell, inconclusive } = summary.verdicts;
  const head = [
    style.strong(plan.scenario.question),
    `${String(summary.shards)} seeds, ${plan.seed}/0 to ${plan.seed}/${String(summary.shards - 1)}: ${String(holds)} hold, ${String(fell)} fell, ${String(inconclusive)} undecided`,
  ];
  const expectations = summary.expectations.flatMap((expectation) => {
    const mark = expectation.fell > 0 ? style.bad('✗') : expectation.undecided > 0 ? style.doubtful('?') : style.good('✓');
    const counts = `held ${String(expectation.held)}, fell ${String(expectation.fell)}, undecided ${String(expectation.undecided)}`;
    const again = expectation.firstFall === undefined ? [] : [style.faint(`    first fall: ${commandOf(expectation.firstFall)}`)];
    return [`  ${mark} ${expectation.text}  ${style.faint(counts)}`, ...again];
  });
  const rows = summary.metrics.map((metric) => cellsOf(metric));
  const [title = '', ...lines] = columns(
    [['measure', 'mean', '95 % interval', 'least', 'median', 'most', 'no sample in'], ...rows],
    ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
  );
  const foot = 'Each seed gives one value of each measure; the interval is that of their mean (Student t). Percentiles by nearest rank.';
  return [...head, '', ...expectations, ...(expectations.length > 0 ? [''] : []), style.strong(title), ...lines, '', style.faint(foot), ''].join('\n');
}

function cellsOf({ metric, unit, interval, min, median, max, withoutSamples }: MetricSummary): readonly string[] {
  const show = (value: number): string => valueText(value, unit);
  const width = interval.halfWidth === undefined ? 'one seed' : `± ${show(interval.halfWidth)}`;
  return [metric, show(interval.mean), width, show(min), show(median), show(max), withoutSamples === 0 ? '' : String(withoutSamples)];
}

function valueText(value: number, unit: MetricSummary['unit']): string {
  switch (unit) {
    case 'duration':
      return formatDuration(micros(rounded(value)));
    case 'share':
      return `${(value * 100).toFixed(2)} %`;
    case 'count':
      return Number.isInteger(value) ? String(value) : value.toFixed(2);
  }
}

/** Four significant digits are more than a simulation knows. */
function rounded(us: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(us)))) - 3);
  return Math.round(us / step) * step;
}
