/** Statistics of durations against their naive definitions. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { humanDuration, humanMoment, humanShare, narrowDuration } from '../../src/report/duration-text.ts';
import { nearestRank, Sample } from '../../src/report/sample.ts';

const PERCENTILES = [50, 90, 95, 99] as const;
const durations = fc.array(fc.integer({ min: 0, max: 7_200_000_000 }), { minLength: 1, maxLength: 200 });

/** The smallest value that at least p percent of all values do not exceed. */
function naive(values: readonly number[], p: number): number {
  const reached = (limit: number): number => values.filter((value) => value <= limit).length;
  return Math.min(...values.filter((value) => reached(value) * 100 >= p * values.length));
}

function sampleOf(values: readonly number[], exact?: number): Sample {
  const sample = new Sample(exact);
  for (const value of values) sample.add(value);
  return sample;
}

describe('percentiles', () => {
  // Claim: nearest rank equals "the smallest value that p % do not exceed", by brute force.
  property.prop([durations])('equal the naive definition for any values', (values) => {
    const waits = sampleOf(values).waits();
    expect([waits?.p50Us, waits?.p90Us, waits?.p95Us, waits?.p99Us]).toEqual(PERCENTILES.map((p) => naive(values, p)));
    expect(waits).toMatchObject({ count: values.length, minUs: Math.min(...values), maxUs: Math.max(...values), precision: 'exact' });
    expect(waits?.totalUs).toBe(values.reduce((sum, value) => sum + value, 0));
  });

  // Claim: beyond the limit of exact samples percentiles stay within 0.1 % (3 significant digits), and count, sum and ends stay exact.
  property.prop([durations])('stay within three digits once a histogram takes over', (values) => {
    const sample = sampleOf(values, 5);
    for (const p of PERCENTILES) {
      const error = Math.abs((sample.percentile(p) ?? NaN) - naive(values, p));
      expect(error).toBeLessThanOrEqual(values.length > 5 ? naive(values, p) * 0.001 + 1 : 0);
    }
    expect([sample.count, sample.total, sample.min, sample.max]).toEqual([
      values.length,
      values.reduce((sum, value) => sum + value, 0),
      Math.min(...values),
      Math.max(...values),
    ]);
  });

  test('of 1 to 100 are p50 = 50, p90 = 90, p95 = 95, p99 = 99', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(PERCENTILES.map((p) => nearestRank(hundred, p))).toEqual([50, 90, 95, 99]);
    expect(nearestRank(hundred, 7)).toBe(7);
  });

  test('of nothing do not exist', () => {
    expect(new Sample().waits()).toBeNull();
    expect(new Sample().percentile(50)).toBeUndefined();
    expect(nearestRank([], 50)).toBeUndefined();
  });

  test('are asked for in between without disturbing what follows', () => {
    const sample = sampleOf([30, 10]);
    expect(sample.percentile(50)).toBe(10);
    sample.add(5);
    expect(sample.percentile(50)).toBe(10);
    expect(sample.percentile(99)).toBe(30);
  });

  test.each([
    ['exact', 100],
    ['3 digits', 2],
  ] as const)('that takes a value back is as if it had never been added (%s)', (precision, kept) => {
    const [less, never] = [new Sample(kept), new Sample(kept)];
    for (const value of [10, 40, 20, 40, 30]) less.add(value);
    less.remove(40);
    for (const value of [10, 20, 40, 30]) never.add(value);
    expect(less.waits()).toEqual(never.waits());
    expect(less.waits()?.precision).toBe(precision);
    less.remove(20);
    expect(less.waits()).toMatchObject({ count: 3, totalUs: 80, p50Us: 30, maxUs: 40 });
  });

  test('without its extremes has others, and knows what it does not hold', () => {
    const sample = new Sample();
    for (const value of [10, 20, 30]) sample.add(value);
    sample.remove(30);
    sample.remove(10);
    expect([sample.min, sample.max, sample.count]).toEqual([20, 20, 1]);
    expect(() => sample.remove(10)).toThrow('10 is not in the sample');
    sample.remove(20);
    expect([sample.min, sample.max, sample.waits()]).toEqual([undefined, undefined, null]);
  });
});

describe('durations for people', () => {
  test.each([
    [0, '0 s'],
    [250, '250 µs'],
    [999.4, '999 µs'],
    [3_100, '3.1 ms'],
    [99_949, '99.9 ms'],
    [150_000, '150 ms'],
    [999_499, '999 ms'],
    [999_500, '1.0 s'],
    [38_200_000, '38.2 s'],
    [119_949_999, '120 s'],
    [119_950_000, '2 min'],
    [125_000_000, '2 min 05 s'],
    [3_599_600_000, '1 h'],
    [5_400_000_000, '1 h 30 min'],
    [100 * 3_600_000_000, '4 d 04 h'],
    [-3_100, '-3.1 ms'],
  ])('%d µs reads %s', (us, text) => {
    expect(humanDuration(us)).toBe(text);
  });

  test.each([
    [41_100_000, '41.1 s'],
    [569_000_000, '9.5 min'],
    [3_600_000_000, '1.0 h'],
    [86_400_000_000, '1.0 d'],
  ])('gives %i µs in one unit as %s', (us, text) => {
    expect(narrowDuration(us)).toBe(text);
  });

  test('a moment shows tenths that have passed', () => {
    expect(humanMoment(723_290_000)).toBe('00:12:03.2');
  });

  test('a share never rounds to nothing or to everything', () => {
    expect([0, 0.0001, 0.125, 0.9999, 1].map(humanShare)).toEqual(['0.0 %', '<0.1 %', '12.5 %', '>99.9 %', '100.0 %']);
  });
});
