/** The verdict and the expectations: the first thing a reader sees. */
import type { JudgedExpectation, Report } from '../document/index.ts';
import type { Page } from './page.ts';

const SIGNS = { held: '✓', fell: '✗', undecided: '?' } as const;
const WORDS = { held: 'held', fell: 'fell', undecided: 'undecided' } as const;
const RESULTS = { holds: '✓ HOLDS', fell: '✗ FELL', inconclusive: '? INCONCLUSIVE' } as const;

/** Expectations that did not hold stand first. */
const ORDER = { fell: 0, undecided: 1, held: 2 } as const;
/** Invariants that held are one row on one screen, from so many on. */
const FOLDED_FROM = 2;
const ALWAYS = /^always: /u;
/** What a measure is compared with, at the end of its text. */
const BOUND = /\s*(?:[<>]=?|[=!]=)[^<>=!]*$/u;

/** Scenario, question, verdict, expectations. */
export function writeVerdict(page: Page, { verdict, expectations, provenance }: Report): void {
  const { name, question } = provenance.scenario;
  const ink = { holds: page.ink.green, fell: page.ink.red, inconclusive: page.ink.yellow }[verdict.result];
  page.line(`${ink.bold(RESULTS[verdict.result])}  ${page.ink.bold(name)}: ${verdict.why}`);
  if (question !== '') page.paragraph(question);
  if (expectations.length === 0) return;
  const always = expectations.filter(({ kind, verdict: judged }) => kind === 'always' && judged === 'held');
  const folded = page.isVerbose || always.length < FOLDED_FROM ? [] : always;
  const shown = expectations.filter((one) => !folded.includes(one)).sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict]);
  page.table(
    [{ head: '' }, { head: '' }, { head: 'bound' }, { head: 'observed' }],
    [...shown.map(rowOf), ...(folded.length === 0 ? [] : [rowOfAll(folded)])],
    { title: 'Expectations', flexible: 1, overflow: 'wrap', marks: (cell) => inkOf(page, cell)(cell) },
  );
  for (const one of expectations) if (one.verdict !== 'held' || page.isVerbose) writeWhy(page, one);
}

function rowOf({ verdict, kind, text, bound, observed }: JudgedExpectation): readonly string[] {
  return [SIGNS[verdict], kind === 'measure' ? nameOf(text) : text, bound, observed];
}

/** Invariants that held, in one row. */
function rowOfAll(held: readonly JudgedExpectation[]): readonly string[] {
  const [first, ...others] = held.map(({ text }) => text.replace(ALWAYS, ''));
  return [SIGNS.held, `always: ${first ?? ''} + ${String(others.length)}`, 'no breach', `0 in ${String(held.length)}`];
}

function writeWhy(page: Page, { verdict, text, why, line }: JudgedExpectation): void {
  page.paragraph(`${SIGNS[verdict]} ${WORDS[verdict]} ${text}: ${why} [${line}]`);
}

/** The measure without its bound, which has a column of its own. */
function nameOf(text: string): string {
  return text.replace(BOUND, '');
}

function inkOf(page: Page, cell: string): (text: string) => string {
  if (cell === SIGNS.held) return page.ink.green;
  return cell === SIGNS.fell ? page.ink.red : page.ink.yellow;
}
