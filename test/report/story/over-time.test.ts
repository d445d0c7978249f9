/** Counts over time: nothing is lost when slices grow, and the slices cover the run from its start to its end. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../../src/kernel/time.ts';
import { OverTime } from '../../../src/report/story/over-time.ts';

const S = 1_000_000;

describe('counts over time', () => {
  test('lie in slices of a quarter of a minute for a run of six minutes, and double with the run', () => {
    const counts = new OverTime<'a' | 'b'>();
    for (const at of [0, 14.9 * S, 15 * S, 359 * S]) counts.note('a', at as Moment);
    const six = counts.until((359 * S) as Moment);
    expect(six.sliceUs).toBe(15 * S);
    expect(six.of('a')).toEqual([2, 1, ...Array.from({ length: 21 }, () => 0), 1]);
    expect(six.of('b')).toEqual(Array.from({ length: 24 }, () => 0));

    const seven = counts.until((420 * S) as Moment);
    expect(seven.sliceUs).toBe(30 * S);
    expect(seven.of('a')).toEqual([3, ...Array.from({ length: 10 }, () => 0), 1, 0, 0, 0]);
  });

  property.prop([fc.array(fc.integer({ min: 0, max: 30 * 86_400 * S }), { maxLength: 50 }), fc.integer({ min: 0, max: 30 * 86_400 * S })])(
    'keep every one, each in the slice of its moment, in at most 24 slices',
    (moments, more) => {
      const counts = new OverTime<string>();
      for (const at of moments) counts.note('it', at as Moment);
      const end = Math.max(more, ...moments) as Moment;
      const until = counts.until(end);
      const slices = until.of('it');
      expect(slices.length).toBe(Math.floor(end / until.sliceUs) + 1);
      expect(slices.length).toBeLessThanOrEqual(24);
      expect(slices).toEqual(slices.map((_, slice) => moments.filter((at) => Math.floor(at / until.sliceUs) === slice).length));
    },
  );
});
