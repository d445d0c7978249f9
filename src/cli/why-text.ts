/** An answer to «why» as text: the answer first, then where the time went, then the causes, newest last. */
import { sourceLegend } from '../model/calibration/index.ts';
import type { Explanation } from '../report/why/index.ts';
import { humanDuration, humanMoment } from '../report/duration-text.ts';
import type { Style } from './style.ts';
import { wrapped } from './text-layout.ts';

type Link = Explanation['chain'][number];

/** Links that are always told; of a longer chain the middle is left out unless `detail` is `verbose`. */
const SHOWN = { first: 6, last: 24 };

/** Lines of an answer. */
export function whyLines(
  explanation: Explanation,
  how: { readonly style: Style; readonly columns: number; readonly detail: 'plain' | 'verbose'; readonly again: string },
): readonly string[] {
  const { style, columns, detail } = how;
  const { answer, because, parts, chain, standing, found } = explanation;
  const lineStyle: LineStyle = { style, columns, isPlain: detail === 'plain', told: new Set() };
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', style.strong(title), ...lines];
  return [
    ...wrapped(style.strong(`${answer}.`), columns),
    ...section(
      found === 'notYet' ? 'Why not yet, oldest cause first' : 'Because, oldest cause first',
      because.flatMap((one) => matterLines(one, lineStyle)),
    ),
    ...section('Where the time went', partLines(parts)),
    ...section(found === 'notYet' ? 'How far it came, newest last' : 'How it came about, newest last', chainLines(chain, lineStyle)),
    ...section(
      found === 'notYet' ? 'How things stand' : 'How things stood then',
      standing.flatMap((one) => matterLines(one, lineStyle)),
    ),
    ...section('Sources', sourceLines(explanation, lineStyle)),
    '',
    style.faint(`again: ${how.again}`),
  ];
}

/** The chain; where it is long, without its middle unless all is wanted. */
function chainLines(chain: readonly Link[], how: LineStyle): readonly string[] {
  const runs = how.isPlain ? runsOf(chain) : chain.map((link) => ({ link, more: 0, last: link }));
  const left = runs.length - SHOWN.first - SHOWN.last;
  const isCut = how.isPlain && left > 0;
  const told = isCut ? [...runs.slice(0, SHOWN.first), ...runs.slice(-SHOWN.last)] : runs;
  return told.flatMap((run, n) => [
    ...(isCut && n === SHOWN.first ? [how.style.faint(`  … ${String(left)} links in between; --verbose shows them`)] : []),
    ...runLines(run, how),
  ]);
}

/** The keys that sources are quoted by, spelled out. */
function sourceLines({ because, chain, standing }: Explanation, { style, columns }: LineStyle): readonly string[] {
  const quoted = [
    ...because.flatMap(({ rules }) => rules),
    ...chain.flatMap(({ rules, waited }) => [...rules, ...waited.flatMap(({ sources }) => sources)]),
    ...standing.flatMap(({ rules }) => rules),
  ].join('\n');
  return sourceLegend(quoted).flatMap((line) => indented(line, columns).map((part) => style.faint(part)));
}

function partLines(parts: Explanation['parts']): readonly string[] {
  if (parts.length === 0) return [];
  const shown = parts.slice(0, 6);
  const width = Math.max(...shown.map(({ part }) => part.length));
  return shown.map(
    ({ part, tookUs, share }) => `  ${part.padEnd(width)}  ${humanDuration(tookUs).padStart(8)}  ${(share * 100).toFixed(1).padStart(5)} %`,
  );
}

/** Links that say the same one after another: the first, how many more, and the last of them. */
interface LinkRun {
  readonly link: Link;
  readonly more: number;
  readonly last: Link;
}

function runsOf(chain: readonly Link[]): readonly LinkRun[] {
  const runs: LinkRun[] = [];
  for (const link of chain) {
    const open = runs.at(-1);
    if (open !== undefined && isSame(open.last, link)) runs[runs.length - 1] = { ...open, more: open.more + 1, last: link };
    else runs.push({ link, more: 0, last: link });
  }
  return runs;
}

function isSame(before: Link, link: Link): boolean {
  const part = ({ waited }: Link): string => waited.map((wait) => wait.part).join();
  return (
    link.stated.length === 0 &&
    before.stated.length === 0 &&
    before.actor === link.actor &&
    before.sentence === link.sentence &&
    part(before) === part(link)
  );
}

interface LineStyle {
  readonly style: Style;
  readonly columns: number;
  /** Short waits stand beside what came after them, and those of less than 5 ms are left out. */
  readonly isPlain: boolean;
  /** Rules and sources told so far: each is told once, unless all is wanted. */
  readonly told: Set<string>;
}

/** A wait that gets a line of its own [µs]. */
const OWN_LINE = 1_000_000;
/** A wait that is told at all [µs]. */
const TOLD = 5_000;

function runLines({ link: { event, atUs, sentence, stated, rules, waited }, more, last }: LinkRun, how: LineStyle): readonly string[] {
  const { style, columns, isPlain } = how;
  const long = waited.filter(({ tookUs }) => !isPlain || tookUs >= OWN_LINE);
  const short = waited.filter((wait) => !long.includes(wait) && wait.tookUs >= TOLD);
  const beside = short.map(({ part, tookUs }) => ` +${humanDuration(tookUs)} ${part}`).join('');
  const again = more === 0 ? [] : [`and ${String(more)} ${more === 1 ? 'time' : 'times'} more, the last at ${humanMoment(last.atUs)}`];
  return [
    ...long.flatMap((wait) => indented(waitText(wait, how), columns, '      ')).map((line) => style.faint(line)),
    ...indented(`${humanMoment(atUs)}  ${sentence} ${style.faint(`#${String(event)}${beside}`)}`, columns),
    ...[...stated.map((text) => `· ${text}`), ...again].flatMap((text) => indented(text, columns, '              ')),
    ...rules.flatMap((rule) => ruleLines(rule, how)),
  ];
}

/** A wait; its source where that is new. */
function waitText({ tookUs, meaning, sources }: Link['waited'][number], { isPlain, told }: LineStyle): string {
  const fresh = sources.slice(0, 2).filter((source) => !isPlain || !told.has(source));
  for (const source of fresh) told.add(source);
  return `waited ${humanDuration(tookUs)}: ${meaning}${fresh.length === 0 ? '' : `; ${fresh.join(', ')}`}`;
}

function matterLines({ text, rules }: Explanation['standing'][number], how: LineStyle): readonly string[] {
  // A rule that stands alone is told with that.
  how.told.add(text.replace(/^rule: /u, ''));
  return [...indented(`- ${text}`, how.columns), ...rules.flatMap((rule) => ruleLines(rule, how))];
}

function ruleLines(rule: string, { style, columns, isPlain, told }: LineStyle): readonly string[] {
  if (isPlain && told.has(rule)) return [];
  told.add(rule);
  return indented(`rule: ${rule}`, columns, '              ').map((line) => style.faint(line));
}

function indented(text: string, columns: number, by = '  '): readonly string[] {
  return wrapped(text, Math.max(40, columns - by.length - 2)).map((line, n) => `${by}${n === 0 ? '' : '  '}${line}`);
}
