/** An answer to «why» as text: the answer first, then where the time went, then the causes, newest last. */
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
  const { answer, parts, chain, standing, found } = explanation;
  const runs = detail === 'plain' ? runsOf(chain) : chain.map((link) => ({ link, more: 0, last: link }));
  const left = runs.length - SHOWN.first - SHOWN.last;
  const isCut = detail === 'plain' && left > 0;
  const told = isCut ? [...runs.slice(0, SHOWN.first), ...runs.slice(-SHOWN.last)] : runs;
  const lineStyle: LineStyle = { style, columns, isPlain: detail === 'plain', told: new Set() };
  const lines = told.flatMap((run, n) => [
    ...(isCut && n === SHOWN.first ? [style.faint(`  … ${String(left)} links in between; --verbose shows them`)] : []),
    ...runLines(run, lineStyle),
  ]);
  return [
    ...wrapped(style.strong(`${answer}.`), columns),
    ...(parts.length === 0 ? [] : ['', 'Where the time went', ...partLines(parts)]),
    ...(chain.length === 0 ? [] : ['', 'How it came about, newest last', ...lines]),
    ...(standing.length === 0
      ? []
      : ['', found === 'notYet' ? 'Why not yet' : 'How things stood then', ...standing.flatMap((one) => matterLines(one, lineStyle))]),
    '',
    style.faint(`again: ${how.again}`),
  ];
}

function partLines(parts: Explanation['parts']): readonly string[] {
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
  /** Waits of less than 5 ms are left out. */
  readonly isPlain: boolean;
  /** Rules told so far: each is told once, unless all is wanted. */
  readonly told: Set<string>;
}

function runLines({ link: { event, atUs, sentence, stated, rules, waited }, more, last }: LinkRun, how: LineStyle): readonly string[] {
  const { style, columns, isPlain } = how;
  const waits = waited
    .filter(({ tookUs }) => !isPlain || tookUs >= 5000)
    .map(({ tookUs, meaning, sources }) => {
      const source = sources.length === 0 ? '' : `; ${sources.slice(0, 2).join(', ')}`;
      return `waited ${humanDuration(tookUs)}: ${meaning}${source}`;
    });
  const again = more === 0 ? [] : [`and ${String(more)} ${more === 1 ? 'time' : 'times'} more, the last at ${humanMoment(last.atUs)}`];
  return [
    ...waits.flatMap((text) => indented(text, columns, '      ')).map((line) => style.faint(line)),
    ...indented(`${humanMoment(atUs)}  ${sentence} ${style.faint(`#${String(event)}`)}`, columns),
    ...[...stated.map((text) => `· ${text}`), ...again].flatMap((text) => indented(text, columns, '              ')),
    ...rules.flatMap((rule) => ruleLines(rule, how)),
  ];
}

function matterLines({ text, rules }: Explanation['standing'][number], how: LineStyle): readonly string[] {
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
