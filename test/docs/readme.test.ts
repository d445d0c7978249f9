/** README: every command in it runs, every file it names exists, and what it shows of the output is what comes out. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLine } from '../support/command-line.ts';
import { repositoryRoot } from '../support/repository.ts';

const readme = readFileSync(path.join(repositoryRoot, 'README.md'), 'utf8');
const idflow = commandLine();

/** Lines of all shell blocks but the two that install everything. */
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap((block) => (block[1] ?? '').trim().split('\n'))
  .filter((line) => !line.startsWith('npm ci'));

/** Runs a line of shell in which `npx idflow` is the program built for this test. */
function shell(line: string, program: string): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', line.replaceAll('npx idflow', program)], {
      cwd: repositoryRoot,
      env: { ...process.env, NO_COLOR: '1' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
    child.stdin.end();
  });
}

describe('commands', () => {
  let folder = '';
  let program = '';

  beforeAll(() => {
    mkdirSync(path.join(repositoryRoot, '.tmp'), { recursive: true });
    folder = mkdtempSync(path.join(repositoryRoot, '.tmp', 'readme-'));
    program = path.join(folder, 'idflow');
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" --import tsx "${path.join(repositoryRoot, 'src/cli/main.ts')}" "$@"\n`, {
      mode: 0o755,
    });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('there are eight or more', () => {
    expect(commands.length).toBeGreaterThanOrEqual(8);
  });

  test.each(commands)(
    '%s',
    async (line) => {
      const { code, stdout, stderr } = await shell(line, program);
      expect(stderr).not.toMatch(/mistake in the simulator|no packaged scenario|unknown knob/);
      // What a scenario expects may fall under another knob or seed: that is an answer, too.
      expect([0, 1, 3]).toContain(code);
      expect(stdout.length).toBeGreaterThan(40);
    },
    240_000,
  );
});

test('every line of shown output is a line of the output of npm start (else: npx tsx scripts/readme-output.ts)', async () => {
  const shown =
    /^```text\n([\s\S]*?)^```/m
      .exec(readme)?.[1]
      ?.trim()
      .split('\n')
      .filter((line) => line !== '') ?? [];
  const { stdout } = await idflow(['run', 'aks-sql-token']);
  const printed = stdout.split('\n').map((line) => line.trimEnd());
  expect(shown.length).toBeGreaterThan(4);
  expect(shown.filter((line) => !printed.includes(line.trimEnd()))).toEqual([]);
});

test('every file and folder it links to exists', () => {
  const targets = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
  expect(targets.length).toBeGreaterThan(8);
  expect(targets.filter((target) => !existsSync(path.join(repositoryRoot, target)))).toEqual([]);
});

test('its table of exit codes is the one of the program', async () => {
  const { EXIT } = await import('../../src/cli/exit-code.ts');
  const listed = [...readme.matchAll(/^\| (\d+) +\|/gm)].map((match) => Number(match[1]));
  expect(listed).toEqual(Object.values(EXIT).sort((a, b) => a - b));
});
