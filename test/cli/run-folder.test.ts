/** `idflow run --out` and `idflow diagram` as processes: the folder is whole, its trace fits its schema, and bad wishes are refused whole. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { traceJsonSchema } from '../../src/report/document/trace-line.ts';
import { commandLine, folderWith, smallScenario } from '../support/command-line.ts';

const idflow = commandLine();
const HOLDS = '{ eventually: tokenAnswered, within: 5m }';
const schemaFile = new URL('../../schema/trace.schema.json', import.meta.url);

describe('run --out', () => {
  test('writes the report, the trace and every export, and an index that links each of them', async () => {
    const cwd = folderWith({ 'small.yaml': smallScenario(HOLDS) });
    const ended = await idflow(['run', 'small.yaml', '--out', 'out'], { cwd });
    expect(ended).toMatchObject({ code: 0, stderr: `wrote ${path.join('out', 'index.html')}\n` });
    const names = readdirSync(path.join(cwd, 'out'));
    for (const name of [
      'report.txt',
      'report.json',
      'trace.ndjson',
      'perfetto.json',
      'otlp.json',
      'sequence.mmd',
      'junit.xml',
      'summary.md',
    ]) {
      expect(names).toContain(name);
    }
    const index = readFileSync(path.join(cwd, 'out', 'index.html'), 'utf8');
    const linked = [...index.matchAll(/href="([^"]+)"/gu)].map(([, link = '']) => link);
    for (const link of linked) expect(existsSync(path.join(cwd, 'out', link))).toBe(true);
    expect(linked).toHaveLength(names.filter((name) => name !== 'index.html').length);
  });

  test('writes a trace each line of which fits the published schema', async () => {
    const cwd = folderWith({ 'small.yaml': smallScenario(HOLDS) });
    await idflow(['run', 'small.yaml', '--out', 'out'], { cwd });
    const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as object;
    expect(schema).toEqual(JSON.parse(JSON.stringify(traceJsonSchema())));
    const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);
    const lines = readFileSync(path.join(cwd, 'out', 'trace.ndjson'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect({ line, valid: validate(JSON.parse(line)) }).toEqual({ line, valid: true });
    expect(validate({ line: 'fact', event: 1, at: 1.5, actor: 'x', fact: { type: 'y' } })).toBe(false);
  });

  test('replaces an earlier run, and leaves a folder alone that holds anything else', async () => {
    const cwd = folderWith({ 'small.yaml': smallScenario(HOLDS), 'mine/letter.txt': 'dear' });
    await idflow(['run', 'small.yaml', '--out', 'out'], { cwd });
    writeFileSync(path.join(cwd, 'out', 'report.txt'), 'old');
    await idflow(['run', 'small.yaml', '--out', 'out'], { cwd });
    expect(readFileSync(path.join(cwd, 'out', 'report.txt'), 'utf8')).toContain('HOLDS');
    const refused = await idflow(['run', 'small.yaml', '--out', 'mine'], { cwd });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('--out mine: is not empty and holds no earlier run');
    expect(readdirSync(path.join(cwd, 'mine'))).toEqual(['letter.txt']);
  });
});

// Below /proc the recursive mkdir of Node 20 never comes back.
test.each(['mine/letter.txt/out', ...(existsSync('/proc/self') ? ['/proc/idflow/out'] : [])])(
  'a folder that cannot be made is refused: %s',
  async (out) => {
    const cwd = folderWith({ 'small.yaml': smallScenario(HOLDS), 'mine/letter.txt': 'dear' });
    const ended = await idflow(['run', 'small.yaml', '--out', out], { cwd });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^--out \S+: cannot be written: [a-z ]+\n$/u);
  },
);

describe('diagram', () => {
  test('knows no pod and no actor that the run never had, and says which were meant', async () => {
    const ended = await idflow(['diagram', 'aks-sql-token', '--pod', 'shop/ordrs', '--actors', 'imds,nmy']);
    expect(ended).toEqual({
      code: 2,
      stdout: '',
      stderr:
        '--actors nmy: nobody of that name said anything in this run; did you mean nmi?\n' +
        '--pod shop/ordrs: there was no such pod in this run; did you mean shop/orders?\n',
    });
    expect((await idflow(['diagram', 'aks-sql-token', '--pod', 'nowhere'])).stderr).toMatch(/; there were: mic-/u);
    expect((await idflow(['diagram', 'vm-system-assigned', '--pod', 'nowhere'])).stderr).toMatch(/; there were: \w+/u);
  });

  test('prints a slice on stdout', async () => {
    const ended = await idflow(['diagram', 'aks-sql-token', '--pod', 'shop/orders', '--from', '2m', '--to', '3m']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^%%\{init: .*\}%%\nsequenceDiagram\n {2}participant/u);
    expect(ended.stdout).toContain('PATCH aks-pool1-vmss +1 -0');
  });

  test('tells all that is wrong with a slice at once', async () => {
    const ended = await idflow(['diagram', 'aks-sql-token', '--from', 'soon', '--to', '5']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('--from soon');
    expect(ended.stderr).toContain('--to 5');
    expect((await idflow(['diagram', 'aks-sql-token', '--from', '3m', '--to', '2m'])).stderr).toBe('--from lies after --to\n');
  });
});
