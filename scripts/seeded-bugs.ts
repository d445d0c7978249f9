/**
 * Plants each seeded bug in a copy of the sources, one at a time, runs the suites that look at MIC, prints which tests caught it, and
 * writes the table of docs/PROOFS.md. Ends with 1 if a bug survived. `npm run seeded-bugs`; takes some minutes.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { SEEDED_BUGS } from '../test/seeded-bugs/bugs.ts';
import { withTable } from '../test/seeded-bugs/table.ts';
import type { Catch } from '../test/seeded-bugs/table.ts';
import { mutatedText } from '../test/support/mutant.ts';

const ROOT = join(import.meta.dirname, '..');
/** Suites by cost: a bug that one catches is not shown to the next. */
const SUITES = [['test/actors/mic', 'test/model/mic'], ['test/properties/naive-mic.test.ts'], ['test/conformance/differential']];
/** Failed tests after which a run ends: enough to tell. */
const ENOUGH = '4';
const COPIED = ['src', 'test', 'scenarios', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const folder = mkdtempSync(join(tmpdir(), 'idflow-bugs-'));
try {
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const [cheapest = []] = SUITES;
  const sound = failuresIn(folder, cheapest);
  if (sound.length > 0) throw new Error(`the suites fail without any bug: ${sound.map(({ test }) => test).join('; ')}`);
  const catches = SEEDED_BUGS.map((bug): Catch => {
    const path = join(folder, 'src', bug.file);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, mutatedText(bug));
    let failed: Catch['failed'] = [];
    for (const suite of SUITES) if (failed.length === 0) failed = failuresIn(folder, suite);
    writeFileSync(path, original);
    process.stdout.write(`${failed.length === 0 ? 'SURVIVED' : `caught by ${String(failed.length)}`}: ${bug.name}\n`);
    for (const { file, test } of failed) process.stdout.write(`    ${file}: ${test}\n`);
    return { bug: bug.name, file: bug.file, failed };
  });
  const page = join(ROOT, 'docs/PROOFS.md');
  const text = withTable(readFileSync(page, 'utf8'), catches);
  writeFileSync(page, await format(text, { ...(await resolveConfig(page)), filepath: page }));
  process.exitCode = catches.some(({ failed }) => failed.length === 0) ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}

function failuresIn(copy: string, suite: readonly string[]): Catch['failed'] {
  const out = join(copy, 'report.json');
  spawnSync('npx', ['vitest', 'run', '--testTimeout=600000', `--bail=${ENOUGH}`, '--reporter=json', `--outputFile=${out}`, ...suite], {
    cwd: copy,
    stdio: 'ignore',
  });
  const report = JSON.parse(readFileSync(out, 'utf8')) as Report;
  rmSync(out);
  return report.testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(copy, name);
    const failed = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => ({ file, test: fullName.trim() }));
    return failed.length === 0 && message !== '' ? [{ file, test: 'does not load' }] : failed;
  });
}
