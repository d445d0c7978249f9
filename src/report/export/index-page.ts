/** The first page of a run's folder: verdict, expectations, and what each file is. Plain HTML, nothing loaded from elsewhere. */
import type { Report } from '../document/index.ts';
import type { ExportedFile } from './exported-file.ts';
import { escapedMarkup } from './markup.ts';

const MARKS = { held: '✓ held', fell: '✗ fell', undecided: '? undecided' } as const;

/** The page. */
export function indexPage(report: Report, files: readonly Omit<ExportedFile, 'text'>[]): string {
  const { scenario, seed, fingerprint, command, events } = report.provenance;
  const rows = report.expectations.map(
    ({ verdict, text, bound, observed }) =>
      `<tr class="${verdict}"><td>${MARKS[verdict]}<td>${escapedMarkup(text)}<td>${escapedMarkup(bound)}<td>${escapedMarkup(observed)}`,
  );
  const list = files.map(
    ({ path, what, opens }) =>
      `<tr><td><a href="${escapedMarkup(path)}">${escapedMarkup(path)}</a><td>${escapedMarkup(what)}<td>${escapedMarkup(opens)}`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>idflow: ${escapedMarkup(scenario.name)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
  .held td:first-child { color: #176b2c; } .fell td:first-child { color: #a4161a; font-weight: bold; } .undecided td:first-child { color: #7a5c00; }
  footer { color: #666; font-size: .9rem; }
</style>
<h1>${escapedMarkup(scenario.name)}: ${escapedMarkup(report.verdict.result)}</h1>
<p>${escapedMarkup(scenario.question)}</p>
<table><tr><th>verdict<th>expected<th>bound<th>observed
${rows.join('\n')}
</table>
<h2>Files</h2>
<table><tr><th>file<th>what it is<th>opens in
${list.join('\n')}
</table>
<footer>Seed ${escapedMarkup(seed)}, fingerprint ${escapedMarkup(fingerprint)}, ${String(events)} events. Again: <code>${escapedMarkup(command)}</code></footer>
</html>
`;
}
