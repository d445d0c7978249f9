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
  const { answer, parts, chain, open } = explanation;
  const left = chain.length - SHOWN.first - SHOWN.last;
  const isCut = detail === 'plain' && left > 0;
  const told = isCut ? [...chain.slice(0, SHOWN.first), ...chain.slice(-SHOWN.last)] : chain;
  const lines = told.flatMap((link, n) => [
    ...(isCut && n === SHOWN.first ? [style.faint(`  … ${String(left)} links in between; --verbose shows them`)] : []),
    ...linkLines(link, style, columns),
  ]);
  return [
    ...wrapped(style.strong(`${answer}.`), columns),
    ...(parts.length === 0 ? [] : ['', 'Where the time went', ...partLines(parts)]),
    ...(chain.length === 0 ? [] : ['', 'How it came about, newest last', ...lines]),
    ...(open.length === 0 ? [] : ['', 'Why not yet', ...open.flatMap((one) => indented(`- ${one}`, columns))]),
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

function linkLines({ event, atUs, sentence, stated, waited }: Link, style: Style, columns: number): readonly string[] {
  const waits = waited.map(({ tookUs, meaning, sources }) => {
    const source = sources.length === 0 ? '' : `; ${sources.slice(0, 2).join(', ')}`;
    return `waited ${humanDuration(tookUs)}: ${meaning}${source}`;
  });
  return [
    ...waits.flatMap((text) => indented(text, columns, '      ')).map((line) => style.faint(line)),
    ...indented(`${humanMoment(atUs)}  ${sentence} ${style.faint(`#${String(event)}`)}`, columns),
    ...stated.flatMap((text) => indented(`· ${text}`, columns, '              ')),
  ];
}

function indented(text: string, columns: number, by = '  '): readonly string[] {
  return wrapped(text, Math.max(40, columns - by.length - 2)).map((line, n) => `${by}${n === 0 ? '' : '  '}${line}`);
}
