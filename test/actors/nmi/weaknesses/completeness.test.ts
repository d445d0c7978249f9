/** Every weakness of NMI is tested under its number or says why not; at most two say so. */
import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { UNTESTED } from './untested.ts';

const NUMBERS = Array.from({ length: 33 }, (_, n) => `W${String(n + 1)}`);

/** Numbers that begin the title of a test. */
function tested(): ReadonlySet<string> {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
  const text = files.map((name) => readFileSync(`${import.meta.dirname}/${name}`, 'utf8')).join('\n');
  return new Set([...text.matchAll(/(?:\bit|\)|\bconst\))\(\s*['"](W\d+): /gu)].flatMap(([, number]) => number ?? []));
}

it('each of W1 to W33 is either the name of a test or listed with a reason', () => {
  const names = tested();
  expect(NUMBERS.filter((number) => names.has(number) === Object.hasOwn(UNTESTED, number))).toEqual([]);
  expect([...names, ...Object.keys(UNTESTED)].filter((number) => !NUMBERS.includes(number))).toEqual([]);
  expect(Object.keys(UNTESTED).length).toBeLessThanOrEqual(2);
});
