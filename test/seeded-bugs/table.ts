/** The table of docs/PROOFS.md that says which tests caught which seeded bug. */

/** What the suites said about one bug. */
export interface Catch {
  readonly bug: string;
  /** File in which it was planted, below `src`. */
  readonly file: string;
  /** Tests that failed, by their full names, with their files. */
  readonly failed: readonly { readonly file: string; readonly test: string }[];
}

const BEGIN = '<!-- seeded bugs: made by npm run seeded-bugs -->';
const END = '<!-- end of seeded bugs -->';
/** Tests named in a row. */
const SHOWN = 3;

/** Puts the table between its two marks. */
export function withTable(document: string, catches: readonly Catch[]): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the document has no place between "${BEGIN}" and "${END}"`);
  return `${document.slice(0, from)}${BEGIN}\n\n${tableOf(catches)}\n\n${document.slice(to)}`;
}

function tableOf(catches: readonly Catch[]): string {
  const rows = catches.map(({ bug, file, failed }) => {
    const shown = failed.slice(0, SHOWN).map((one) => `${one.test} (\`${one.file}\`)`);
    const rest = failed.length > SHOWN ? [`and ${String(failed.length - SHOWN)} more`] : [];
    return `| ${bug} | \`${file}\` | ${String(failed.length)} | ${[...shown, ...rest].join('<br>') || 'nobody'} |`.replaceAll('\n', ' ');
  });
  return ['| bug | planted in | tests that failed | which |', '| --- | --- | ---: | --- |', ...rows].join('\n');
}
