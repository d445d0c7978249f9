/** The first page of a run's folder: verdict, expectations, and what each file is. Plain HTML, nothing loaded from elsewhere. */
import type { Report } from '../document/index.ts';
import type { ExportedFile } from './exported-file.ts';

const MARKS = { held: '✓ held', fell: '✗ fell', undecided: '? undecided' } as const;

/** The page. */
export function indexPage(report: Report, files: readonly Omit<ExportedFile, 'text'>[]): string {
  const { scenario, seed, fingerprint, command, events } = report.provenance;
  const rows = report.expectations.map(
    ({ verdict, text, bound, observed }) =>
      `<tr class="${verdict}"><td>${MARKS[verdict]}<td>${escaped(text)}<td>${escaped(bound)}<td>${escaped(observed)}`,
  );
  const list = files.map(
    ({ path, what, opens }) => `<tr><td><a href="${escaped(path)}">${escaped(path)}</a><td>${escaped(what)}<td>${escaped(opens)}`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>idflow: ${escaped(scenario.name)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
  .held td:first-child { color: #176b2c; } .fell td:first-child { color: #a4161a; font-weight: bold; } .undecided td:first-child { color: #7a5c00; }
  footer { color: #666; font-size: .9rem; }
</style>
<h1>${escaped(scenario.name)}: ${escaped(report.verdict.result)}</h1>
<p>${escaped(scenario.question)}</p>
<table><tr><th>verdict<th>expected<th>bound<th>observed
${rows.join('\n')}
</table>
<h2>Files</h2>
<table><tr><th>file<th>what it is<th>opens in
${list.join('\n')}
</table>
<footer>Seed ${escaped(seed)}, fingerprint ${escaped(fingerprint)}, ${String(events)} events. Again: <code>${escaped(command)}</code></footer>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
