/** The report as text: one golden page, its width, its colours, and that it keeps nothing from the reader. */
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../../src/kernel/time.ts';
import { wrap } from '../../../src/report/text-width.ts';
import { bar, cut, Page, sparkline } from '../../../src/report/terminal/page.ts';
import { renderText } from '../../../src/report/terminal/index.ts';
import { fact } from '../objects.ts';
import { scriptedRun, states } from '../scripted-run.ts';
import { wholeRun } from '../whole-run.ts';

const report = wholeRun().report();
const escape = '\u001b';

describe('the page', () => {
  test('of the hand-made run', async () => {
    await expect(renderText(report)).toMatchFileSnapshot('./whole-run.out');
  });

  test('of the hand-made run, verbose', async () => {
    await expect(renderText(report, { verbose: true })).toMatchFileSnapshot('./whole-run-verbose.out');
  });

  test('begins with the verdict and ends with what reproduces the run', () => {
    const lines = renderText(report).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^✗ FELL {2}hand-made: /);
    expect(lines.slice(-2)).toEqual(['  again: idflow run hand-made --seed hand-made', '  token: idf1:hand-made']);
    const played = renderText({ ...report, provenance: { ...report.provenance, command: 'idflow replay idf1:hand-made' } });
    expect(played.trimEnd().split('\n').at(-1)).toBe('  again: idflow replay idf1:hand-made');
  });

  test.each([80, 120])('is at most %d columns wide, also verbose', (columns) => {
    for (const verbose of [false, true]) {
      const lines = renderText(report, { columns, verbose }).split('\n');
      expect(lines.filter((line) => Array.from(line).length > columns)).toEqual([]);
    }
  });

  test('says the same with colour and without: colour is never the only carrier', () => {
    const coloured = renderText(report, { colour: 1 });
    expect(coloured).toContain(escape);
    expect(renderText(report)).not.toContain(escape);

    expect(coloured.replace(/\u001b\[\d+m/g, '').replace(/ +$/gm, '')).toBe(renderText(report));
  });

  test('leaves out what did not happen', () => {
    const text = renderText(scriptedRun([states(1)]).report());
    expect(text).not.toMatch(/Tokens|Cleanup|Audit|Load|races/);
    expect(text).toContain('✓ HOLDS');
  });
});

describe('a wide spread', () => {
  const waits = [1.5, 150, 1.7];
  const steps = waits.flatMap((wait, n) => [
    states(0, fact.asked(`r${n}`, { pod: `default/p${n}` })),
    states(
      wait,
      fact.answered(`r${n}`, { pod: `default/p${n}`, since: (waits.slice(0, n).reduce((sum, one) => sum + one, 0) * 1_000_000) as Moment }),
    ),
  ]);

  test('shows a run of empty classes as one row', () => {
    const text = renderText(scriptedRun(steps).report(), { verbose: true });
    const rows = text.slice(text.indexOf('How first tokens')).split('\n').slice(1, 5);
    expect(rows.map((line) => line.trim().replace(/ {2,}/g, ' | '))).toEqual([
      'from | below | count',
      '1.0 s | 2.0 s | 2 | ████████████████████',
      '2.0 s | 2 min 30 s | 0',
      '2 min 30 s | 3 min 20 s | 1 | ██████████',
    ]);
  });
});

describe('laying out', () => {
  test('cuts with an ellipsis and breaks at blanks', () => {
    expect([cut('abcdef', 6), cut('abcdefg', 6)]).toEqual(['abcdef', 'abcde…']);
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('unbreakable word', 4)).toEqual(['unbreakable', 'word']);
  });

  test('lets a long cell go on in the next line, broken at blanks, then behind commas and brackets', () => {
    const page = new Page({});
    const long = `count(${'a'.repeat(30)}[b=c,${'d'.repeat(40)}]) after burst`;
    page.table([{ head: 'one' }, { head: 'two' }], [['x', long]], { flexible: 1, overflow: 'wrap' });
    const pieces = page.text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().replace(/^x +/u, ''));
    expect(pieces).toEqual([`count(${'a'.repeat(30)}[b=c,`, `${'d'.repeat(40)}])`, 'after burst']);
    expect(page.text).not.toContain('…');
  });

  test('draws how numbers run relative to the largest, and a dot for none', () => {
    expect([sparkline([0, 1, 8, 4]), sparkline([0, 0]), sparkline([3])]).toEqual(['·▁█▄', '··', '█']);
  });

  test('draws bars in eighths, never nothing for something', () => {
    expect([bar(1, 4), bar(0.5, 4), bar(0.03125, 4), bar(0.0001, 4), bar(0, 4)]).toEqual(['████', '██', '▏', '▏', '']);
  });
});
