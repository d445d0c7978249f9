/** A packaged scenario run to its end with a journal, once for all tests of a file. */
import { beginRun } from '../../../src/experiments/run.ts';
import type { Report } from '../../../src/report/document/index.ts';
import { RunJournal } from '../../../src/report/export/index.ts';
import { packaged } from '../../support/packaged.ts';

/** Journal and report of a run. */
export interface Journalled {
  readonly journal: RunJournal;
  readonly report: Report;
}

/** Runs a packaged scenario. */
export function journalOf(name: string): Journalled {
  const run = beginRun({ scenario: packaged(name), replay: { token: 't', command: `idflow run ${name}` } });
  const journal = new RunJournal(run.simulation);
  run.simulation.observe(journal);
  run.advance(Infinity);
  return { journal, report: run.finish().report };
}
