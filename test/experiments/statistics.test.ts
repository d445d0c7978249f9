/** Statistics over replications agree with tables, with naive formulas, and cover what they promise. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanInterval, percentileOf, RunningMoments, studentCdf, studentQuantile } from '../../src/experiments/statistics.ts';
import { normalQuantile } from '../../src/kernel/numeric.ts';
import { Randomness } from '../../src/kernel/random.ts';

describe('Student', () => {
  // Claim: the finite sums are Student's distribution. Method: the printed table of Abramowitz and Stegun, 26.10.
  test.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 3, 3.182],
    [0.975, 4, 2.776],
    [0.975, 5, 2.571],
    [0.95, 10, 1.812],
    [0.995, 19, 2.861],
    [0.975, 30, 2.042],
    [0.975, 199, 1.972],
  ])('the %d quantile with %d degrees of freedom is %d', (p, freedom, tabled) => {
    expect(studentQuantile(p, freedom)).toBeCloseTo(tabled, 3);
    expect(studentQuantile(1 - p, freedom)).toBeCloseTo(-tabled, 3);
  });

  test('the quantile undoes the distribution function for 1 to 300 degrees of freedom', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 300 }), (p, freedom) => {
        expect(studentCdf(studentQuantile(p, freedom), freedom)).toBeCloseTo(p, 9);
      }),
    );
  });

  test('with 2,000 degrees of freedom it is the normal distribution to three digits', () => {
    expect(studentQuantile(0.975, 2_000)).toBeCloseTo(normalQuantile(0.975), 2);
  });

  test('probabilities of 0 and 1 and no degrees of freedom are refused', () => {
    expect(() => studentQuantile(0, 5)).toThrow(RangeError);
    expect(() => studentQuantile(1, 5)).toThrow(RangeError);
    expect(() => studentQuantile(0.9, 0)).toThrow(RangeError);
    expect(() => studentQuantile(0.9, 1.5)).toThrow(RangeError);
  });
});

test('running moments equal the two-pass formulas on any values', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 2, maxLength: 50 }), (values) => {
      const moments = new RunningMoments();
      for (const value of values) moments.add(value);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
      expect(moments.mean).toBeCloseTo(mean, 6);
      expect(Math.abs(moments.variance - variance)).toBeLessThanOrEqual(1e-9 * (1 + variance));
    }),
  );
});

test('five known values give the interval of the textbook, one value gives none', () => {
  // Mean 3, standard deviation 1.5811, t(0.975, 4) = 2.7764: 2.7764 * 1.5811 / sqrt(5) = 1.9632.
  const { mean, halfWidth, count } = meanInterval([1, 2, 3, 4, 5], 0.95);
  expect({ mean, count }).toEqual({ mean: 3, count: 5 });
  expect(halfWidth).toBeCloseTo(1.9632, 3);
  expect(meanInterval([7], 0.95)).toEqual({ mean: 7, halfWidth: undefined, count: 1 });
});

test('of 2,000 intervals at 95 % around ten normal values, 93 to 97 % hold the true mean', () => {
  const randomness = new Randomness('coverage');
  const root = { uniform: (n: number) => randomness.uniform('coverage', `value-${String(n)}`) };
  let covered = 0;
  for (let round = 0; round < 2_000; round += 1) {
    const values = Array.from({ length: 10 }, (_, n) => 5 + normalQuantile(root.uniform(round * 10 + n)));
    const { mean, halfWidth = 0 } = meanInterval(values, 0.95);
    if (Math.abs(mean - 5) <= halfWidth) covered += 1;
  }
  expect(covered / 2_000).toBeGreaterThan(0.93);
  expect(covered / 2_000).toBeLessThan(0.97);
});

test('percentiles are values that occurred, by nearest rank, whatever the order', () => {
  expect(percentileOf([], 50)).toBeUndefined();
  expect([0, 10, 50, 90, 100].map((p) => percentileOf([40, 10, 30, 20, 50], p))).toEqual([10, 10, 30, 50, 50]);
});
