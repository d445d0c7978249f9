/** A report in Markdown, short enough for the summary page of a CI run or a comment on a pull request. */
import { exposuresFound, outagesFound } from '../access/found.ts';
import type { Report } from '../document/index.ts';
import { humanDuration } from '../duration-text.ts';

/** Verdict, expectations, first tokens, what they waited for, races, cleanup, exposure and outage. */
export function markdownSummary(report: Report): string {
  const { verdict, provenance } = report;
  const mark = { holds: '✅ holds', fell: '❌ fell', inconclusive: '❔ inconclusive' }[verdict.result];
  return [
    `# ${provenance.scenario.name}: ${mark}`,
    '',
    `> ${provenance.scenario.question}`,
    '',
    ...table(
      ['', 'expected', 'bound', 'observed'],
      report.expectations.map(({ verdict: one, kind, text, bound, observed }) => [
        { held: '✅', fell: '❌', undecided: '❔' }[one],
        kind === 'measure' ? unboundText(text) : text,
        bound,
        observed,
      ]),
    ),
    ...waits(report),
    ...races(report),
    ...cleanup(report),
    ...access(report),
    `Seed \`${provenance.seed}\`, fingerprint \`${provenance.fingerprint}\`, ${String(provenance.events)} events. Again: \`${provenance.command}\``,
    '',
  ].join('\n');
}

/** A measure without its bound, which has a column of its own. */
function unboundText(text: string): string {
  return text.replace(/ (?:<=|>=|==|<|>) \S+(?: \(2 %\))?$/u, '');
}

function waits({ tokens }: Report): readonly string[] {
  const { waits: first, parts } = tokens.first;
  if (first === null) return [];
  const shares = [...parts].sort((a, b) => b.share - a.share).slice(0, 5);
  return [
    `First tokens: ${String(first.count)}, median ${humanDuration(first.p50Us)}, 99th percentile ${humanDuration(first.p99Us)}, longest ${humanDuration(first.maxUs)}.`,
    '',
    ...table(
      ['waited for', 'mean', 'share', 'meaning'],
      shares.map(({ part, meanUs, share, meaning }) => [`\`${part}\``, humanDuration(meanUs), `${(share * 100).toFixed(1)} %`, meaning]),
    ),
  ];
}

function races({ races: all }: Report): readonly string[] {
  return table(
    ['race', 'count', 'of', 'first'],
    all
      .filter(({ count }) => count > 0)
      .map(({ race, count, examined, first }) => [`\`${race}\``, String(count), String(examined), first?.text ?? '']),
  );
}

function cleanup({ cleanup: { kinds, left: counts } }: Report): readonly string[] {
  const left = Object.entries(counts).filter(([, count]) => count > 0);
  return [
    ...table(
      ['deleted', 'count', 'complete', 'by design', 'incomplete'],
      kinds.map(({ kind, deletions, complete, lingersByDesign, incomplete }) => [
        `\`${kind}\``,
        ...[deletions, complete, lingersByDesign, incomplete].map(String),
      ]),
    ),
    ...(left.length === 0 ? [] : [`Left at the end: ${left.map(([what, count]) => `${String(count)} ${what}`).join(', ')}.`, '']),
  ];
}

function access({ access: found }: Report): readonly string[] {
  const rows = [
    ...exposuresFound(found).map(({ cause, us, pods, tokens }) => ['exposure', cause, us, pods, tokens] as const),
    ...outagesFound(found).map(({ cause, us, pods, failed }) => ['outage', cause, us, pods, failed] as const),
  ];
  return table(
    ['', 'cause', 'time', 'pods', 'tokens got, or asked for in vain'],
    rows.map(([what, cause, us, pods, tokens]) => [what, `\`${cause}\``, humanDuration(us), String(pods), String(tokens)]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}
