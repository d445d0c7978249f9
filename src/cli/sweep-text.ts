/** A sweep as text for people: verdicts, expectations, then one line a measure. */
import type { MetricSummary, SweepPlan, SweepSummary } from '../experiments/sweep.ts';
import { humanMoment, narrowDuration } from '../report/duration-text.ts';
import { Page } from '../report/terminal/page.ts';
import { humanValue } from '../report/value-text.ts';
import { folded } from './folded.ts';
import type { Host } from './host.ts';

/** What the text of a sweep needs beside its numbers. */
export interface SweepLook {
  readonly plan: SweepPlan;
  readonly host: Pick<Host, 'color' | 'columns'>;
  /** `plain` leaves out what the chief measures imply, and measures that were zero under every seed. */
  readonly detail: 'plain' | 'verbose';
  /** Command that runs one seed again. */
  readonly commandOf: (index: number) => string;
  /** Command of the whole sweep. */
  readonly command: string;
}

/** A sweep as text. */
export function sweepText(summary: SweepSummary, { plan, host, detail, commandOf, command }: SweepLook): string {
  const page = new Page({ columns: host.columns, colour: host.color === 'none' ? 0 : 1, verbose: detail === 'verbose' });
  const { holds, fell, inconclusive } = summary.verdicts;
  const last = summary.shards - 1;
  page.line(
    `${signOf({ fell, undecided: inconclusive })} ${page.ink.bold(plan.scenario.name)}: ${String(summary.shards)} seeds, ${plan.seed}/0 to ${plan.seed}/${String(last)}: ${String(holds)} hold, ${String(fell)} fell, ${String(inconclusive)} undecided`,
  );
  page.paragraph(plan.scenario.question);
  writeExpectations(page, summary, commandOf);
  writeMeasures(page, summary);
  writeEndStates(page, summary, commandOf);
  page.line();
  page.line(page.ink.dim(`again: ${command}`));
  return page.text;
}

function signOf({ fell, undecided }: { readonly fell: number; readonly undecided: number }): string {
  return fell > 0 ? '✗' : undecided > 0 ? '?' : '✓';
}

function writeExpectations(page: Page, { expectations }: SweepSummary, commandOf: (index: number) => string): void {
  if (expectations.length === 0) return;
  const { green, red, yellow } = page.ink;
  page.table(
    [{ head: '' }, { head: '' }, ...['held', 'fell', 'undecided'].map((head) => ({ head, align: 'right' as const }))],
    expectations.map((one) => [signOf(one), one.text, ...[one.held, one.fell, one.undecided].map(String)]),
    {
      title: 'Expectations',
      flexible: 1,
      overflow: 'wrap',
      marks: (cell) => (cell === '✓' ? green(cell) : cell === '✗' ? red(cell) : yellow(cell)),
    },
  );
  // Not wrapped: they are to be copied.
  for (const { text, firstFall } of expectations)
    if (firstFall !== undefined) {
      for (const line of folded(`  ✗ ${text}`, page.columns)) page.line(line);
      page.line(`    first fall: ${commandOf(firstFall)}`);
    }
}

/** What people ask first; the rest is how it came about, or the same at other percentiles. */
const CHIEF = new RegExp(
  [
    ...[
      '^tokens[.](?:first|later)[.](?:count|p50|p95|max)$',
      '^tokens[.](?:failed|gaveUp|denied)[.]',
      '^exposure[.]time$',
      '^outage[.]time$',
    ],
    ...[
      '^cleanup[.](?:incomplete[.]|left[.]|time[.]max)',
      '[.]left[.]count$',
      '^races[.].*[.]count$',
      '^arm[.]patches[.]',
      '^services[.]denied[.]',
    ],
    '[.]throttled[.]count$',
  ].join('|'),
  'u',
);

/** A line a measure: those that an expectation names, and the chief ones. */
function writeMeasures(page: Page, { metrics, expectations }: SweepSummary): void {
  const isExpected = (metric: string): boolean => expectations.some(({ text }) => text.startsWith(`${metric} `));
  const shown = page.isVerbose
    ? metrics
    : metrics.filter(({ metric, min, max }) => isExpected(metric) || (CHIEF.test(metric) && (min !== 0 || max !== 0)));
  if (shown.length === 0) return;
  const isComplete = shown.every(({ withoutSamples }) => withoutSamples === 0);
  const heads = ['mean', '95 %', 'least', 'median', 'most', ...(isComplete ? [] : ['none in'])];
  page.table(
    [{ head: '' }, ...heads.map((head) => ({ head, align: 'right' as const }))],
    shown.map((metric) => [metric.metric, ...cellsOf(metric).slice(0, heads.length)]),
    { title: 'Measures', flexible: 0, overflow: 'wrap' },
  );
  page.legend(
    '95 %: of the mean (Student t), each seed giving one value; percentiles: nearest rank' +
      (isComplete ? '' : '; none in: seeds without a sample') +
      (page.isVerbose ? '' : `; ${String(metrics.length - shown.length)} more with --verbose`),
  );
}

/** Where the runs ended up: how often, and where the rarer ends part from the usual one. Nothing where all ended alike. */
function writeEndStates(page: Page, { endStates, shards }: SweepSummary, commandOf: (index: number) => string): void {
  if (endStates.length < 2) return;
  page.heading('End states');
  for (const [place, { text, seeds, first, parts }] of endStates.entries()) {
    for (const line of folded(`  ${String(seeds)} of ${String(shards)}: ${text}`, page.columns)) page.line(line);
    if (place === 0) continue;
    const parting =
      parts === null
        ? 'nothing that was followed tells it from the usual one'
        : `parts at ${humanMoment(parts.atUs)}: ${parts.what}: ${parts.here}, usually ${parts.usually}`;
    for (const line of folded(`    ${parting}`, page.columns)) page.line(line);
    page.line(`    first: ${commandOf(first)}`);
  }
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
