/** A sweep as text for people: verdicts, expectations, then one line a measure. */
import type { MetricSummary, SweepPlan, SweepSummary } from '../experiments/sweep.ts';
import { humanValue } from '../report/value-text.ts';
import type { Host } from './host.ts';
import { styleFor } from './style.ts';
import { columns } from './text-layout.ts';

/** What the text of a sweep needs beside its numbers. */
export interface SweepLook {
  readonly plan: SweepPlan;
  readonly host: Pick<Host, 'color'>;
  /** `plain` leaves out the measures that were zero under every seed. */
  readonly detail: 'plain' | 'verbose';
  /** Command that runs one seed again. */
  readonly commandOf: (index: number) => string;
}

/** A sweep as text. */
export function sweepText(summary: SweepSummary, { plan, host, detail, commandOf }: SweepLook): string {
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
  const moving = summary.metrics.filter(({ min, max }) => min !== 0 || max !== 0);
  const rows = (detail === 'verbose' ? summary.metrics : moving).map((metric) => cellsOf(metric));
  const [title = '', ...lines] = columns(
    [['measure', 'mean', '95 % interval', 'least', 'median', 'most', 'no sample in'], ...rows],
    ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
  );
  const still = summary.metrics.length - moving.length;
  const hidden =
    still === 0 || detail === 'verbose'
      ? ''
      : ` ${String(still)} measures that were 0 under every seed are left out (--verbose shows them).`;
  const foot = 'Each seed gives one value of each measure; the interval is that of their mean (Student t). Percentiles by nearest rank.';
  return [
    ...head,
    '',
    ...expectations,
    ...(expectations.length > 0 ? [''] : []),
    style.strong(title),
    ...lines,
    '',
    style.faint(`${foot}${hidden}`),
    '',
  ].join('\n');
}

function cellsOf({ metric, unit, interval, min, median, max, withoutSamples }: MetricSummary): readonly string[] {
  const show = (value: number): string => valueText(value, unit);
  const width = interval.halfWidth === undefined ? 'one seed' : `± ${show(interval.halfWidth)}`;
  return [metric, show(interval.mean), width, show(min), show(median), show(max), withoutSamples === 0 ? '' : String(withoutSamples)];
}

/** A mean of counts has a fraction, which two digits tell well enough. */
function valueText(value: number, unit: MetricSummary['unit']): string {
  if (unit === 'count' && !Number.isInteger(value)) return value.toFixed(2);
  return humanValue(value, unit);
}
