/** Import direction between the rooms of src: no breach in the repository, and every kind of breach is caught when planted. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { repositoryRoot } from '../support/repository.ts';

/** A breach as `rule: from → to`. */
type Breach = string;

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { readonly name: string } }[];
    readonly totalCruised: number;
  };
}

/** Runs dependency-cruiser over `src` below a folder with the repository's own rules. */
async function cruise(folder: string): Promise<{ readonly breaches: readonly Breach[]; readonly modules: number }> {
  const cli = path.join(repositoryRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const stdout = await new Promise<string>((resolve, reject) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [cli, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'], options, (error, out, err) => {
      // The exit code counts the breaches; a run that could not work says nothing on stdout.
      if (out === '') reject(new Error(`dependency-cruiser said nothing: ${err}`, { cause: error }));
      else resolve(out);
    });
  });
  const { summary } = JSON.parse(stdout) as Report;
  const breaches = summary.violations.map(
    (violation) => `${violation.rule.name}: ${violation.from} → ${violation.to.replace(/^.*node_modules/, 'node_modules')}`,
  );
  return { breaches: breaches.sort(), modules: summary.totalCruised };
}

/** A repository with the real rules and these modules, each importing what it lists. */
function plantedRepository(modules: Record<string, readonly string[]>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'idflow-imports-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    cpSync(path.join(repositoryRoot, file), path.join(folder, file));
  }
  symlinkSync(path.join(repositoryRoot, 'node_modules'), path.join(folder, 'node_modules'));
  for (const [file, imports] of Object.entries(modules)) {
    const absolute = path.join(folder, 'src', file);
    mkdirSync(path.dirname(absolute), { recursive: true });
    writeFileSync(absolute, [...imports.map((from) => `import '${from}';`), 'export {};', ''].join('\n'));
  }
  return folder;
}

describe('imports between rooms', () => {
  test('src has no breach', async () => {
    const { breaches, modules } = await cruise(repositoryRoot);
    expect(breaches).toEqual([]);
    expect(modules).toBeGreaterThan(0);
  });

  test('imports that point right are allowed', async () => {
    const folder = plantedRepository({
      'cli/main.ts': ['../experiments/sweep.ts', 'node:fs', 'yargs'],
      'experiments/sweep.ts': ['../testing/invariants.ts', '../report/measures.ts'],
      'testing/invariants.ts': ['../report/measures.ts', 'fast-check'],
      'report/measures.ts': ['../scenarios/description.ts', '../scenarios/schema/story.ts', '../model/token.ts'],
      'scenarios/assemble.ts': ['../actors/nmi.ts', '../actors/mic/worker.ts'],
      'scenarios/description.ts': ['../model/token.ts'],
      'scenarios/schema/story.ts': ['../../model/token.ts', 'zod'],
      'actors/nmi.ts': ['../model/token.ts'],
      'actors/mic/worker.ts': ['./phases.ts', '../../kernel/time.ts'],
      'actors/mic/phases.ts': [],
      'model/token.ts': ['../kernel/time.ts'],
      'kernel/time.ts': ['immer'],
    });
    expect((await cruise(folder)).breaches).toEqual([]);
  });

  test('each planted breach is caught under its own name', async () => {
    const folder = plantedRepository({
      'index.ts': ['./cli/run.ts'],
      'cli/run.ts': ['../kernel/clock.ts'],
      'kernel/clock.ts': ['../model/token.ts', 'zod'],
      'model/token.ts': ['../actors/nmi/index.ts'],
      'actors/nmi/index.ts': ['./poll.ts', '../mic.ts'],
      'actors/nmi/poll.ts': ['../../scenarios/assemble.ts'],
      'actors/mic.ts': ['./micro.ts'],
      'actors/micro.ts': ['node:fs'],
      'scenarios/assemble.ts': ['../report/terminal/table.ts'],
      'report/terminal/table.ts': ['../../testing/kit.ts', 'cli-table3'],
      'report/measures.ts': ['../actors/mic.ts', '../scenarios/load.ts', './terminal/table.ts'],
      'scenarios/load.ts': ['./load-lines.ts'],
      'scenarios/load-lines.ts': ['./load.ts'],
      'testing/kit.ts': ['../experiments/sweep.ts', 'vitest'],
      'experiments/sweep.ts': ['../cli/run.ts', './missing.ts'],
      'experiments/alone.ts': [],
    });
    const { breaches } = await cruise(folder);
    expect(breaches.filter((breach) => !breach.startsWith('no-cycles'))).toEqual([
      'actors-not-to-actors: src/actors/mic.ts → src/actors/micro.ts',
      'actors-not-to-actors: src/actors/nmi/index.ts → src/actors/mic.ts',
      'actors-not-to-scenarios: src/actors/nmi/poll.ts → src/scenarios/assemble.ts',
      'core-entry: src/index.ts → src/cli/run.ts',
      'experiments-not-to-cli: src/experiments/sweep.ts → src/cli/run.ts',
      'kernel-not-to-model: src/kernel/clock.ts → src/model/token.ts',
      'kernel-packages: src/kernel/clock.ts → node_modules/zod/index.d.cts',
      'model-not-to-actors: src/model/token.ts → src/actors/nmi/index.ts',
      'no-development-packages: src/testing/kit.ts → node_modules/vitest/dist/index.d.ts',
      'no-orphans: src/experiments/alone.ts → src/experiments/alone.ts',
      'no-unresolvable: src/experiments/sweep.ts → ./missing.ts',
      'node-only-in-cli: src/actors/micro.ts → fs',
      'report-not-to-actors: src/report/measures.ts → src/actors/mic.ts',
      'report-not-to-assembly: src/report/measures.ts → src/scenarios/load.ts',
      'report-not-to-testing: src/report/terminal/table.ts → src/testing/kit.ts',
      'scenarios-not-to-report: src/scenarios/assemble.ts → src/report/terminal/table.ts',
      'terminal-only-for-cli: src/report/measures.ts → src/report/terminal/table.ts',
      'terminal-only-for-cli: src/scenarios/assemble.ts → src/report/terminal/table.ts',
      'testing-not-to-experiments: src/testing/kit.ts → src/experiments/sweep.ts',
    ]);
    expect(
      breaches.filter((breach) => /^no-cycles: src\/scenarios\/load(?:-lines)?[.]ts → src\/scenarios\/load/.test(breach)),
    ).toHaveLength(1);
  });
});
