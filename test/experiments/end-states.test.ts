/** Claim: runs of a sweep are grouped by what they leave, and the place where two kinds of runs part is the earliest that tells them apart. */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sweepText } from '../../src/cli/sweep-text.ts';
import { endStatesOf, partingOf } from '../../src/experiments/end-states.ts';
import type { Ending, PathStep } from '../../src/experiments/end-states.ts';
import { merge, NO_SHARDS, resultOf, runShard, summarize } from '../../src/experiments/sweep.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { described } from '../scenarios/loading.ts';

const step = (at: number, what: string, state: string): PathStep => ({ at: at as Moment, what, state });
const ending = (text: string, ...path: readonly PathStep[]): Ending => ({ text, path });

describe('where paths part', () => {
  const usual = [step(1, 'a', 'Created'), step(2, 'b', 'Created'), step(5, 'a', 'gone')];

  test('is nowhere where only the order and the times of independent things differ', () => {
    expect(partingOf(usual, [step(1, 'b', 'Created'), step(3, 'a', 'Created'), step(9, 'a', 'gone')])).toBeUndefined();
  });

  test('is the earliest of all differences, also where one path just ends', () => {
    const here = [step(1, 'a', 'Created'), step(3, 'b', 'Failed'), step(4, 'c', 'Created')];
    expect(partingOf(usual, here)).toEqual({ atUs: 2, what: 'b', usually: 'Created', here: 'Failed' });
    expect(partingOf(usual, usual.slice(0, 2))).toEqual({ atUs: 5, what: 'a', usually: 'gone', here: 'no change' });
  });
});

test('end states come with how often they occur, the most common first, whatever the order of the runs', () => {
  const runs = [
    { index: 2, ending: ending('clean', step(1, 'a', 'gone')) },
    { index: 0, ending: ending('left', step(1, 'a', 'stays')) },
    { index: 1, ending: ending('clean', step(2, 'a', 'gone')) },
  ];
  expect(endStatesOf(runs)).toEqual([
    { text: 'clean', seeds: 2, first: 2, parts: null },
    { text: 'left', seeds: 1, first: 0, parts: { atUs: 1, what: 'a', usually: 'gone', here: 'stays' } },
  ]);
});

/** ARM fails half of all operations on machines. */
const text = stringify({
  question: 'Is the identity on the scale set in the end?',
  group: 'deletion',
  horizon: '5m',
  world: {
    identities: [{ name: 'app-id' }],
    scaleSets: [{ name: 'app', instances: 1 }],
    parameters: { 'vmss.operation.failProb': 'Bern(0.5)' },
  },
  story: [{ at: '1m', assignIdentity: { identity: 'app-id', to: 'vmss:app' } }],
  expect: [{ measure: 'identities.left.count >= 0' }],
});

test('a sweep tells apart the seeds under which ARM fails', () => {
  const plan = { scenario: described(text), overrides: {}, seed: 's', replications: 6 };
  const shards = Array.from({ length: 6 }, (_, index) => runShard(plan, index));
  const { endStates } = summarize(shards.map(resultOf).reduce(merge, NO_SHARDS));
  const attached = shards.filter(({ ending: { path } }) =>
    path.some(({ what, state }) => what === 'app-id on app' && state === 'attached'),
  );
  expect(attached.length).toBeGreaterThan(0);
  expect(attached.length).toBeLessThan(6);
  expect(Object.fromEntries(endStates.map(({ text, seeds }) => [text, seeds]))).toEqual({
    'identities on machines: 1': attached.length,
    'nothing is there': 6 - attached.length,
  });
  const [usual, other] = endStates;
  expect(usual?.parts).toBeNull();
  expect(other?.parts).toMatchObject({ what: 'app-id on app' });
  expect(other?.parts?.atUs).toBeGreaterThan(60_000_000);
  const look = { plan, host: { color: 'none' as const, columns: 100 }, detail: 'plain' as const, commandOf: String };
  const lines = sweepText(summarize(shards.map(resultOf).reduce(merge, NO_SHARDS)), look).split('\n');
  const at = lines.indexOf('End states');
  expect(lines[at + 1]).toBe(`  ${String(usual?.seeds)} of 6: ${usual?.text ?? ''}`);
  expect(lines[at + 3]).toMatch(/^ {4}parts at 00:0\d:[\d.]+: app-id on app: \w+.*, usually \w+/u);
});
