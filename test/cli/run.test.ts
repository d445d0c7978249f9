/** `idflow run` as a process: exit codes, one JSON document, traces, and problems told whole. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/report/document/index.ts';
import { commandLine, folderWith, smallScenario } from '../support/command-line.ts';

const idflow = commandLine();

interface Provenance {
  readonly provenance: { readonly fingerprint: string; readonly seed: string; readonly replayToken: string; readonly events: number };
}

function provenanceOf(stdout: string): Provenance['provenance'] {
  return (JSON.parse(stdout) as Provenance).provenance;
}

describe('exit codes', () => {
  test.each([
    [0, 'holds', '{ eventually: tokenAnswered, within: 5m }'],
    [1, 'falls', 'measure: tokens.first.max < 1us'],
    [3, 'has nothing to measure', 'measure: cleanup.time.p99 < 1h'],
  ])('%i where the only expectation %s', async (code, _, expectation) => {
    const cwd = folderWith({ 'small.yaml': smallScenario(expectation) });
    const ended = await idflow(['run', './small.yaml'], { cwd });
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(code);
    expect(ended.stdout).toContain('idflow replay idf1.');
  });

  test('2 for usage, with one sentence on stderr and nothing on stdout', async () => {
    expect(await idflow([])).toEqual({ code: 2, stdout: '', stderr: 'idflow: a command is missing; idflow --help lists them\n' });
    expect(await idflow(['rnu', 'x'])).toEqual({ code: 2, stdout: '', stderr: 'idflow: no command "rnu"; did you mean run?\n' });
    expect(await idflow(['run', 'nosuch'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('bad input', () => {
  test('all problems of a scenario at once, each with file, line, column and rule; exit 2, no stack trace', async () => {
    const text = smallScenario('measure: tokens.frist.p99 < 1s')
      .replace('horizon: 10m', 'horizon: 10 parsecs')
      .replace('group: basics', 'gruop: basics');
    const ended = await idflow(['run', 'bad.yaml'], { cwd: folderWith({ 'bad.yaml': text }) });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    const lines = ended.stderr.trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines) expect(line).toMatch(/^bad[.]yaml:\d+:\d+ /);
    expect(ended.stderr).toContain('bad.yaml:3:10 horizon:');
    expect(ended.stderr).not.toMatch(/^ +at /m);
  });

  test.each([
    ['an empty file', ''],
    ['YAML that cannot be read', 'question: [\n'],
  ])('%s: exit 2 with a place', async (_, text) => {
    const ended = await idflow(['run', 'bad.yaml'], { cwd: folderWith({ 'bad.yaml': text }) });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^bad[.]yaml:\d+:\d+ /);
  });

  test('all problems of --set at once', async () => {
    const ended = await idflow([
      'run',
      'vm-system-assigned',
      '--set',
      'nonsense',
      '--set',
      'nmi.lokup.interval=5s',
      '--set',
      'nmi.lookup.interval=5',
    ]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr.trim().split('\n')).toEqual([
      '--set nonsense: an override is knob=value, not "nonsense"',
      expect.stringMatching(/^--set nmi[.]lokup[.]interval: unknown knob; did you mean nmi[.]lookup[.]interval/),
      expect.stringMatching(/^--set nmi[.]lookup[.]interval: /),
    ]);
  });

  test('a trace that cannot be written', async () => {
    const ended = await idflow(['run', 'vm-system-assigned', '--trace', 'no/such/folder/trace.ndjson']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('--trace no/such/folder/trace.ndjson: cannot be written');
  });
});

describe('one run', () => {
  test('--json prints one document of the published form', async () => {
    const ended = await idflow(['run', 'vm-system-assigned', '--json']);
    expect(reportSchema.safeParse(JSON.parse(ended.stdout)).error).toBeUndefined();
  });

  test('fast, recorded and traced runs of a seed have one fingerprint, another seed has another', async () => {
    const cwd = folderWith({ 'small.yaml': smallScenario('sometimes: tokenAnswered') });
    const run = async (...options: readonly string[]): Promise<string> =>
      provenanceOf((await idflow(['run', 'small.yaml', '--json', ...options], { cwd })).stdout).fingerprint;
    const [fast, recorded, traced, other] = await Promise.all([
      run('--fast'),
      run('--recorded'),
      run('--trace', 'trace.ndjson'),
      run('--seed', '007'),
    ]);
    expect(recorded).toBe(fast);
    expect(traced).toBe(fast);
    expect(other).not.toBe(fast);
  });

  test('a trace has a header, every event once in order, and an end with the fingerprint', async () => {
    const cwd = folderWith({ 'small.yaml': smallScenario('sometimes: tokenAnswered') });
    const ended = await idflow(['run', 'small.yaml', '--json', '--trace', 'trace.ndjson'], { cwd });
    const lines = readFileSync(path.join(cwd, 'trace.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { fingerprint, events, replayToken } = provenanceOf(ended.stdout);
    expect(lines[0]).toEqual({ line: 'header', format: 'idflow.trace/1', scenario: 'small.yaml', seed: 'idflow', replay: replayToken });
    expect(lines.at(-1)).toMatchObject({ line: 'end', fingerprint, events });
    expect(lines.filter(({ line }) => line === 'delivery').map(({ event }) => event)).toEqual(
      Array.from({ length: events }, (_, event) => event),
    );
    expect(lines.some(({ line, fact }) => line === 'fact' && (fact as { readonly type: string }).type === 'token-answered')).toBe(true);
  });

  test('a reader that goes away does not disturb', async () => {
    const { spawnSync } = await import('node:child_process');
    const piped = spawnSync(
      'bash',
      [
        '-c',
        'set -o pipefail; "$0" --import tsx src/cli/main.ts run vm-system-assigned --json | head -c 10; echo " ${PIPESTATUS[0]}"',
        process.execPath,
      ],
      { encoding: 'utf8' },
    );
    expect(piped.stderr).not.toContain('EPIPE');
    expect(piped.stdout).toMatch(/^\{\n {2}"forma? [0-3]\n$/);
  });
});

describe('replay', () => {
  test('a token brings back the run: same fingerprint, knobs and seed included', async () => {
    const cwd = folderWith({ 'small.yaml': smallScenario('sometimes: tokenAnswered') });
    const first = provenanceOf(
      (await idflow(['run', 'small.yaml', '--json', '--seed', '42', '--set', 'imds.latency.cacheHit=9ms', '--ties', 'shuffled'], { cwd }))
        .stdout,
    );
    const again = await idflow(['replay', first.replayToken, '--json'], { cwd });
    expect(again.stderr).toBe('');
    expect(provenanceOf(again.stdout)).toEqual(first);
  });

  test('it says when the file is no longer the same, and refuses what is no token', async () => {
    const text = smallScenario('sometimes: tokenAnswered');
    const cwd = folderWith({ 'small.yaml': text });
    const { replayToken } = provenanceOf((await idflow(['run', 'small.yaml', '--json'], { cwd })).stdout);
    const changed = folderWith({ 'small.yaml': text.replace('10m', '11m') });
    const again = await idflow(['replay', replayToken], { cwd: changed });
    expect(again.code).toBe(0);
    expect(again.stderr).toBe('warning: small.yaml or one of its manifests changed since this token was made: the run may differ\n');
    expect(await idflow(['replay', `${replayToken}0`])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'the checksum does not match: a character was lost or changed\n',
    });
  });
});
