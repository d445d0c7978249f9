/** The verdict and the expectations: the first thing a reader sees. */
import type { JudgedExpectation, Report } from '../document/index.ts';
import type { Page } from './page.ts';

const SIGNS = { held: '✓ held', fell: '✗ fell', undecided: '? undecided' } as const;
const RESULTS = { holds: '✓ HOLDS', fell: '✗ FELL', inconclusive: '? INCONCLUSIVE' } as const;

/** Scenario, question, verdict, expectations. */
export function writeVerdict(page: Page, { verdict, expectations, provenance }: Report): void {
  const { name, question } = provenance.scenario;
  const ink = { holds: page.ink.green, fell: page.ink.red, inconclusive: page.ink.yellow }[verdict.result];
  page.line(`${ink.bold(RESULTS[verdict.result])}  ${page.ink.bold(name)}: ${verdict.why}`);
  if (question !== '') page.paragraph(question);
  if (expectations.length === 0) return;
  page.heading('Expectations');
  page.table(
    [{ head: 'verdict' }, { head: 'expected' }, { head: 'bound' }, { head: 'observed' }],
    expectations.map(({ verdict: judged, kind, text, bound, observed }) => [
      SIGNS[judged],
      kind === 'measure' ? nameOf(text) : text,
      bound,
      observed,
    ]),
    { flexible: 1, marks: (cell) => inkOf(page, cell)(cell) },
  );
  for (const one of expectations) if (one.verdict !== 'held' || page.isVerbose) writeWhy(page, one);
}

function writeWhy(page: Page, { verdict, text, why, line }: JudgedExpectation): void {
  page.paragraph(`${SIGNS[verdict]} ${text}: ${why} [${line}]`);
}

/** The measure without its bound, which has a column of its own. */
function nameOf(text: string): string {
  return text.split(' ')[0] ?? text;
}

function inkOf(page: Page, cell: string): (text: string) => string {
  if (cell === SIGNS.held) return page.ink.green;
  return cell === SIGNS.fell ? page.ink.red : page.ink.yellow;
}
