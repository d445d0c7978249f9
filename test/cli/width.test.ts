/** Text of the commands on a page of 80 columns: no line is wider, but for the commands that one may copy. */
import { expect, test } from 'vitest';
import { commandLine, folderWith, smallScenario } from '../support/command-line.ts';

const idflow = commandLine();

const COLUMNS = 80;

/** Lines that hold a command with a token in it: broken, nobody could copy them. */
const COPIED = /\b(?:again|first fall|why): /u;

const STEPS = 'f token-answered\nw\ny\ng end\na\nt\nt pods\nhelp\n';

test.each<readonly [string, string]>([
  ['sweep small.yaml -n 2', ''],
  ['sweep aks-sql-token -n 2 --verbose', ''],
  ['incidents', ''],
  ['incidents INC-35 INC-37 --run', ''],
  ['knobs', ''],
  ['knobs vmss.patch.duration', ''],
  ['knobs mic.* --verbose', ''],
  ['list', ''],
  ['list --verbose', ''],
  ['step aks-sql-token', STEPS],
  ['--help', ''],
])('%s', async (line, input) => {
  const long = 'measure: max(token-try-ended[status=200,servedBy=imds,pod=app-vm/*,request=*,attempt=1].took) < 1us';
  const cwd = folderWith({
    'small.yaml': smallScenario('sometimes: tokenAnswered', long).replace('How soon', `How soon ${'or how late '.repeat(10)}`),
  });
  const { stdout, code } = await idflow(line.split(' '), { cwd, input, env: { COLUMNS: String(COLUMNS) } });
  expect(code).toBeLessThan(2);
  expect(stdout.length).toBeGreaterThan(100);
  expect(stdout.split('\n').filter((one) => one.length > COLUMNS && !COPIED.test(one))).toEqual([]);
});
