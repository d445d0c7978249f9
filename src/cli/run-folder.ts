/** Writes the folder of a run: `idflow run NAME --out DIR`. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../report/document/index.ts';
import { exportedFiles, indexFile } from '../report/export/index.ts';
import type { ExportedFile, RunJournal } from '../report/export/index.ts';
import { InputFailure } from './failure.ts';

/** Name of the trace in the folder. */
export const TRACE_NAME = 'trace.ndjson';

/** A folder without this file is not one of ours, and is left alone. */
const OURS = 'report.json';

/**
 * Makes the folder ready; what an earlier run wrote there goes.
 *
 * @throws InputFailure if it holds anything else, or cannot be made
 */
export function prepareRunFolder(folder: string): void {
  try {
    if (existsSync(folder)) {
      const names = readdirSync(folder);
      if (names.length > 0 && !names.includes(OURS)) {
        throw new InputFailure([`--out ${folder}: is not empty and holds no earlier run; choose another folder`]);
      }
      for (const name of names) rmSync(path.join(folder, name), { recursive: true });
    }
    makeFolders(folder);
  } catch (error) {
    if (error instanceof InputFailure) throw error;
    throw unwritable(folder, error);
  }
}

/**
 * Makes a folder and those above it that are missing, one at a time: the recursive form of Node 20 tries for ever where the system
 * answers that a folder which is there is not (below `/proc`).
 */
function makeFolders(folder: string): void {
  const absolute = path.resolve(folder);
  if (existsSync(absolute)) return;
  makeFolders(path.dirname(absolute));
  mkdirSync(absolute);
}

function unwritable(folder: string, error: unknown): InputFailure {
  const reason = error instanceof Error ? error.message.replace(/^\w+: (.*), \w+ '.*'$/u, '$1') : String(error);
  return new InputFailure([`--out ${folder}: cannot be written: ${reason}`]);
}

/**
 * Writes everything but the trace, which is there already, and the list of it all.
 *
 * @throws InputFailure if the disk does not take it
 */
export function writeRunFolder(
  folder: string,
  run: { readonly journal: RunJournal; readonly report: Report; readonly text: string },
): void {
  const trace = {
    path: TRACE_NAME,
    what: 'every delivery, fact and write: the source of all the rest',
    opens: 'jq; docs/TRACE.md, schema/trace.schema.json',
  };
  const report: ExportedFile = { path: 'report.txt', text: run.text, what: 'the report as the terminal shows it', opens: 'anything' };
  const files = [report, ...exportedFiles(run.journal, run.report)];
  try {
    for (const file of [indexFile(run.report, [...files, trace]), ...files]) {
      const target = path.join(folder, file.path);
      makeFolders(path.dirname(target));
      writeFileSync(target, file.text);
    }
  } catch (error) {
    throw unwritable(folder, error);
  }
}
