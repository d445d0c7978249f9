/** `npm run conformance -- DIR`: runs every case in the YAML files of a folder. Exit code 1 if a case fails, 2 if a file cannot be read. */
import { existsSync } from 'node:fs';
import { readCaseFiles } from './case-files.ts';
import type { ConformanceCase } from './case.ts';
import { runCase } from './case-run.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npm run conformance -- DIR');
  process.exitCode = 2;
} else {
  process.exitCode = runAll(folder);
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs all cases; answers the exit code: 0, 1 where a case fails, 2 where a file cannot be read. */
function runAll(from: string): number {
  if (!existsSync(from)) {
    console.error(`${from}: no such folder`);
    return 2;
  }
  const { files, problems } = readCaseFiles(from);
  for (const problem of problems) console.error(problem);
  const total = newCount();
  const observed = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, cases } of files) {
    const count = newCount();
    for (const one of cases) {
      for (const line of run(one, count, observed)) console.log(line);
    }
    console.log(`${name}: ${textOf(count)}`);
    for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += count[key];
  }
  console.log(`observed, of cases that ran: ${textOf(observed)}`);
  console.log(textOf(total));
  if (problems.length > 0) return 2;
  return total.failed === 0 ? 0 : 1;
}

function run(one: ConformanceCase, count: Count, observed: Count): readonly string[] {
  const result = runSafely(one);
  count[result.verdict] += 1;
  if (result.verdict === 'skipped') return [`skipped ${one.id}: ${result.reason}`];
  observed.passed += result.observed.passed;
  observed.failed += result.observed.failures.length;
  observed.skipped += result.observed.unseen.length;
  const lines = result.observed.failures.map((text) => `observed ${one.id}: ${text}`);
  return result.verdict === 'failed' ? [`failed ${one.id}: ${result.text}`, ...lines] : lines;
}

/** A throw inside a case is a failure of that case, and of no other. */
function runSafely(one: ConformanceCase): ReturnType<typeof runCase> {
  try {
    return runCase(one);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { verdict: 'failed', text: `broke off: ${text}`, observed: { passed: 0, failures: [], unseen: [] } };
  }
}

function newCount(): Count {
  return { passed: 0, failed: 0, skipped: 0 };
}

function textOf({ passed, failed, skipped }: Count): string {
  return `${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`;
}
