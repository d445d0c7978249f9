/** A sweep as text for people: verdicts, expectations, then one line a measure. */
import type { MetricSummary, SweepPlan, SweepSummary } from '../experiments/sweep.ts';
import { humanMoment, narrowDuration } from '../report/duration-text.ts';
import { humanValue } from '../report/value-text.ts';
import { folded } from './folded.ts';
import type { Host } from './host.ts';
import { styleFor } from './style.ts';
import { columns, wrapped } from './text-layout.ts';

/** What the text of a sweep needs beside its numbers. */
export interface SweepLook {
  readonly plan: SweepPlan;
  readonly host: Pick<Host, 'color' | 'columns'>;
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
    ...wrapped(plan.scenario.question, host.columns).map((line) => style.strong(line)),
    ...wrapped(
      `${String(summary.shards)} seeds, ${plan.seed}/0 to ${plan.seed}/${String(summary.shards - 1)}: ${String(holds)} hold, ${String(fell)} fell, ${String(inconclusive)} undecided`,
      host.columns,
    ),
  ];
  const expectations = summary.expectations.flatMap((expectation) => {
    const mark = expectation.fell > 0 ? style.bad('✗') : expectation.undecided > 0 ? style.doubtful('?') : style.good('✓');
    const counts = `held ${String(expectation.held)}, fell ${String(expectation.fell)}, undecided ${String(expectation.undecided)}`;
    const again = expectation.firstFall === undefined ? [] : [style.faint(`    first fall: ${commandOf(expectation.firstFall)}`)];
    const text = folded(`  ${mark} ${expectation.text}`, host.columns);
    const last = text.at(-1) ?? '';
    // Of the mark only one character is seen, whatever colours it.
    const isRoom = last.replace(/\u001b\[\d+m/gu, '').length + 2 + counts.length <= host.columns;
    const withCounts = isRoom ? [...text.slice(0, -1), `${last}  ${style.faint(counts)}`] : [...text, `      ${style.faint(counts)}`];
    return [...withCounts, ...again];
  });
  const moving = summary.metrics.filter(({ min, max }) => min !== 0 || max !== 0);
  const [title = '', ...lines] = tableLines(detail === 'verbose' ? summary.metrics : moving, host.columns);
  const still = summary.metrics.length - moving.length;
  const hidden =
    still === 0 || detail === 'verbose'
      ? ''
      : ` ${String(still)} measures that were 0 under every seed are left out (--verbose shows them).`;
  const foot =
    'Each seed gives one value of each measure; the interval of 95 % is that of their mean (Student t). Percentiles by nearest rank. “none in”: seeds under which there was no sample.';
  return [
    ...head,
    '',
    ...expectations,
    ...(expectations.length > 0 ? [''] : []),
    style.strong(title),
    ...lines,
    '',
    ...endStateLines(summary, host.columns, commandOf),
    ...wrapped(`${foot}${hidden}`, host.columns).map((line) => style.faint(line)),
    '',
  ].join('\n');
}

/** Where the runs ended up: how often, and where the rarer ends part from the usual one. Nothing where all ended alike. */
function endStateLines({ endStates, shards }: SweepSummary, width: number, commandOf: (index: number) => string): readonly string[] {
  if (endStates.length < 2) return [];
  const lines = endStates.flatMap(({ text, seeds, first, parts }, place) => {
    const parting =
      parts === null
        ? 'nothing that was followed tells it from the usual one'
        : `parts at ${humanMoment(parts.atUs)}: ${parts.what}: ${parts.here}, usually ${parts.usually}`;
    const told = place === 0 ? [] : [...folded(`    ${parting}`, width), `    first: ${commandOf(first)}`];
    return [...folded(`  ${String(seeds)} of ${String(shards)}: ${text}`, width), ...told];
  });
  return ['End states', ...lines, ''];
}

/** A line a measure under a head. A name that leaves no room for its figures stands on a line of its own. */
function tableLines(metrics: readonly MetricSummary[], width: number): readonly string[] {
  const isComplete = metrics.every(({ withoutSamples }) => withoutSamples === 0);
  const head = ['mean', '95 %', 'least', 'median', 'most', ...(isComplete ? [] : ['none in'])];
  const figures = columns(
    [head, ...metrics.map((metric) => cellsOf(metric).slice(0, head.length))],
    head.map(() => 'right'),
  );
  const names = ['measure', ...metrics.map(({ metric }) => metric)];
  const most = width - Math.max(...figures.map((line) => line.length)) - 2;
  const room = Math.max(10, Math.min(most, Math.max(...names.map((name) => name.length))));
  return names.flatMap((name, index) => {
    const line = figures[index] ?? '';
    return name.length <= room ? [`${name.padEnd(room)}  ${line}`] : [name, `${' '.repeat(room)}  ${line}`];
  });
}

/** Figures of a measure: mean, half width of its interval, least, median and most value, seeds without a sample. */
function cellsOf({ unit, interval, min, median, max, withoutSamples }: MetricSummary): readonly string[] {
  const show = (value: number): string => valueText(value, unit);
  const width = interval.halfWidth === undefined ? 'one seed' : `± ${show(interval.halfWidth)}`;
  return [show(interval.mean), width, show(min), show(median), show(max), withoutSamples === 0 ? '' : String(withoutSamples)];
}

/** A mean of counts has a fraction, which two digits tell well enough. */
function valueText(value: number, unit: MetricSummary['unit']): string {
  if (unit === 'count' && !Number.isInteger(value)) return value.toFixed(2);
  return unit === 'duration' ? narrowDuration(value) : humanValue(value, unit);
}
