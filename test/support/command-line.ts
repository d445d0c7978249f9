/** The command line as users run it: bundled once, started as a process of its own. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { repositoryRoot } from './repository.ts';

/** How a command ended. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How it is started. */
interface StartOptions {
  readonly cwd?: string;
  /** Text on stdin; default: none. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program to start. */
export type CommandLine = (args: readonly string[], options?: StartOptions) => Promise<Ended>;

/** Bundles the command line before the tests of a file and takes the bundle away after them. It lies inside the repository, or it would not find its scenarios. */
export function commandLine(): CommandLine {
  let folder = '';
  beforeAll(async () => {
    mkdirSync(path.join(repositoryRoot, '.tmp'), { recursive: true });
    folder = mkdtempSync(path.join(repositoryRoot, '.tmp', 'cli-'));
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/bundle.ts', folder], { cwd: repositoryRoot });
  }, 240_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return (args, options) => start(path.join(folder, 'main.js'), args, options);
}

function start(
  program: string,
  args: readonly string[],
  { cwd = repositoryRoot, input = '', env = {} }: StartOptions = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...process.env, NO_COLOR: '1', COLUMNS: '80', ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** A folder with these files, gone after the test; answers its path. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'idflow-cli-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** A small scenario (one VM, one identity, ten minutes) with these lines of `expect:`. */
export function smallScenario(...expectations: readonly string[]): string {
  return [
    'question: How soon can a VM use an identity that it has had from the start?',
    'group: basics',
    'horizon: 10m',
    'world:',
    '  identities: [{ name: app-id }]',
    '  services: [{ name: app-vault, kind: keyVault }]',
    '  roles: [{ to: app-id, role: Key Vault Secrets User, on: app-vault }]',
    '  virtualMachines:',
    '    - name: app-vm',
    '      identities: [app-id]',
    '      workloads: [{ name: app, client: goLatest, identity: app-id, uses: app-vault, every: 30s }]',
    'expect:',
    ...expectations.map((line) => `  - ${line}`),
    '',
  ].join('\n');
}
