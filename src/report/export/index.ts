/**
 * Everything a run can be handed over as: one list of files with what each is and what opens it. The command line writes them into a
 * folder; a page could offer them for download.
 */
import type { Report } from '../document/index.ts';
import { ComponentMetrics } from '../component-metrics/index.ts';
import { openMetricsText } from '../component-metrics/open-metrics.ts';
import { chromeTrace } from './chrome-trace.ts';
import { componentLogs } from './component-logs.ts';
import type { ExportedFile } from './exported-file.ts';
import { indexPage } from './index-page.ts';
import { junitXml } from './junit.ts';
import { markdownSummary } from './markdown.ts';
import { mermaidDiagram } from './mermaid.ts';
import { otlpTraces } from './otlp.ts';
import type { RunJournal } from './run-journal.ts';
import { measuresCsv, tokensCsv } from './tabular.ts';

export type { ExportedFile } from './exported-file.ts';
export { mermaidDiagram } from './mermaid.ts';
export type { DiagramSlice } from './mermaid.ts';
export { RunJournal } from './run-journal.ts';

/** All files of a run but the trace, which is written while it happens, and the text report, which needs a terminal's width. */
export function exportedFiles(journal: RunJournal, report: Report): readonly ExportedFile[] {
  const run = { seed: report.provenance.seed, scenario: report.provenance.scenario.name };
  return [
    file('report.json', `${JSON.stringify(report, null, 2)}\n`, 'the whole report as data', 'schema/report.schema.json says what is in it'),
    file('summary.md', markdownSummary(report), 'the report in Markdown, short', 'summary page of a CI run, pull requests'),
    file('junit.xml', junitXml(report), 'expectations as test cases', 'CI systems'),
    file(
      'perfetto.json',
      `${JSON.stringify(chromeTrace(journal, run))}\n`,
      'timeline of tokens, cycles, operations and messages',
      'ui.perfetto.dev, chrome://tracing',
    ),
    file(
      'otlp.json',
      `${JSON.stringify(otlpTraces(journal, run))}\n`,
      'one trace for each token request',
      'Jaeger and other OTLP back ends',
    ),
    file('sequence.mmd', mermaidDiagram(journal), 'who said what to whom, from the start', 'Mermaid; `idflow diagram` draws any slice'),
    file('tokens.csv', tokensCsv(journal), 'each token with what it waited for, in microseconds', 'spreadsheets'),
    file('measures.csv', measuresCsv(report), 'every measure a scenario may set a bound for', 'spreadsheets'),
    ...metricsFiles(journal),
    ...[...componentLogs(journal.facts)].map(([actor, text]) =>
      file(`logs/${actor.replaceAll('/', '_')}.log`, text, `log of ${actor}`, 'grep'),
    ),
  ];
}

/** What a scrape of each MIC and NMI process would give at the end of the run. */
function metricsFiles({ facts }: RunJournal): readonly ExportedFile[] {
  const metrics = new ComponentMetrics();
  for (const stamped of facts) metrics.onFact(stamped);
  return metrics.processes.map((actor) =>
    file(`metrics/${actor.replaceAll('/', '_')}.prom`, openMetricsText(metrics.of(actor)), `/metrics of ${actor} at the end`, 'Prometheus'),
  );
}

/** The page that lists the files of a folder. */
export function indexFile(report: Report, files: readonly Omit<ExportedFile, 'text'>[]): ExportedFile {
  return file('index.html', indexPage(report, files), 'this list', 'a browser');
}

function file(path: string, text: string, what: string, opens: string): ExportedFile {
  return { path, text, what, opens };
}
