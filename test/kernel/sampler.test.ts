/** Samplers against their closed forms. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Randomness, cdf, meanOf, sample, validateSampler } from '../../src/kernel/random.ts';
import type { Sampler } from '../../src/kernel/random.ts';

const exponential: Sampler = { kind: 'exponential', mean: 2 };
const logNormal: Sampler = { kind: 'logNormal', median: 3, sigma: 0.5 };
const uniform: Sampler = { kind: 'uniform', low: -1, high: 3 };

interface Case {
  readonly name: string;
  readonly sampler: Sampler;
  /** Closed forms. */
  readonly mean: number;
  readonly variance: number;
}

const CASES: readonly Case[] = [
  { name: 'uniform -1..3', sampler: uniform, mean: 1, variance: 16 / 12 },
  { name: 'exponential, mean 2', sampler: exponential, mean: 2, variance: 4 },
  {
    name: 'log-normal, median 3, sigma 0.5',
    sampler: logNormal,
    mean: 3 * Math.exp(0.125),
    variance: 9 * Math.exp(0.25) * (Math.exp(0.25) - 1),
  },
  { name: 'exponential shifted by 5', sampler: { kind: 'shifted', by: 5, of: exponential }, mean: 7, variance: 4 },
  { name: 'uniform cut to 0..2', sampler: { kind: 'truncated', of: uniform, low: 0, high: 2 }, mean: 1, variance: 4 / 12 },
  {
    name: 'uniform shifted by 5, cut to 5..7',
    sampler: { kind: 'truncated', of: { kind: 'shifted', by: 5, of: uniform }, low: 5, high: 7 },
    mean: 6,
    variance: 4 / 12,
  },
  // An exponential has no memory: cut off below 1 it is itself, shifted by 1.
  { name: 'exponential cut off below 1', sampler: { kind: 'truncated', of: exponential, low: 1, high: Infinity }, mean: 3, variance: 4 },
  {
    name: 'mixture 3:1 of uniform 0..1 and uniform 0..4',
    sampler: {
      kind: 'mixture',
      parts: [
        { weight: 3, of: { kind: 'uniform', low: 0, high: 1 } },
        { weight: 1, of: { kind: 'uniform', low: 0, high: 4 } },
      ],
    },
    mean: 0.875,
    variance: 0.75 * (1 / 3) + 0.25 * (16 / 3) - 0.875 ** 2,
  },
];

const N = 40_000;

function drawn(sampler: Sampler): number[] {
  const random = new Randomness('samplers');
  return Array.from({ length: N }, () => sample(sampler, random.uniform('s', 'x')));
}

describe.each(CASES)('$name', ({ sampler, mean, variance }) => {
  const values = drawn(sampler);

  it('has the mean and variance of its closed form over 40000 draws', () => {
    const average = values.reduce((sum, value) => sum + value, 0) / N;
    const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / N;
    expect(Math.abs(average - mean) / Math.sqrt(variance / N)).toBeLessThan(4);
    expect(Math.abs(spread / variance - 1)).toBeLessThan(0.06);
    expect(meanOf(sampler)).toBeCloseTo(mean, 12);
  });

  it('follows its CDF: Kolmogorov-Smirnov distance below 1.95 / sqrt n', () => {
    const sorted = [...values].sort((a, b) => a - b);
    const distance = Math.max(...sorted.map((value, i) => Math.max(cdf(sampler, value) - i / N, (i + 1) / N - cdf(sampler, value))));
    expect(distance).toBeLessThan(1.95 / Math.sqrt(N));
  });

  // Claim: the CDF undoes the quantile, which does not fall; by random probabilities.
  it('has a quantile that its CDF undoes', () => {
    const probability = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
    fc.assert(
      fc.property(probability, probability, (p, q) => {
        expect(Math.abs(cdf(sampler, sample(sampler, p)) - p)).toBeLessThan(1e-12);
        expect(sample(sampler, Math.max(p, q))).toBeGreaterThanOrEqual(sample(sampler, Math.min(p, q)));
      }),
    );
  });
});

describe('truncation', () => {
  const cut: Sampler = { kind: 'truncated', of: logNormal, low: 2, high: 5 };

  it('is conditional: no draw outside 2..5, and none piled up at the ends', () => {
    const values = drawn(cut);
    expect(values.filter((value) => value < 2 || value > 5)).toEqual([]);
    expect(values.filter((value) => value === 2 || value === 5)).toEqual([]);
    expect([cdf(cut, 1.9), cdf(cut, 2), cdf(cut, 5), cdf(cut, 6)]).toEqual([0, 0, 1, 1]);
  });

  it('has the mean that integrating its quantile gives', () => {
    const steps = 20_000;
    const integral = Array.from({ length: steps }, (_, i) => sample(cut, (i + 0.5) / steps)).reduce((sum, value) => sum + value, 0) / steps;
    expect(meanOf(cut)).toBeCloseTo(integral, 6);
  });

  it('of a mixture keeps the weights that lie inside: 1 of 4 values at 10 becomes 1 of 2 when half of the rest is cut', () => {
    const mixture: Sampler = {
      kind: 'mixture',
      parts: [
        { weight: 1, of: { kind: 'constant', value: 10 } },
        { weight: 2, of: { kind: 'uniform', low: 0, high: 2 } },
      ],
    };
    const half: Sampler = { kind: 'truncated', of: mixture, low: 1, high: 10 };
    expect(meanOf(half)).toBeCloseTo(0.5 * 10 + 0.5 * 1.5, 12);
    expect([sample(half, 0.25), sample(half, 0.499), sample(half, 0.501)]).toEqual([expect.closeTo(1.5, 9), expect.closeTo(1.998, 9), 10]);
  });
});

describe('discrete distributions', () => {
  it('give 1 for the upper 30 % of the uniforms of a coin of 0.3, and have its CDF and mean', () => {
    const coin: Sampler = { kind: 'bernoulli', probability: 0.3 };
    expect([sample(coin, 0.69), sample(coin, 0.71), cdf(coin, -0.1), cdf(coin, 0), cdf(coin, 1), meanOf(coin)]).toEqual([
      0, 1, 0, 0.7, 1, 0.3,
    ]);
    expect(drawn(coin).filter((value) => value === 1).length / N).toBeCloseTo(0.3, 1);
    expect([sample({ kind: 'bernoulli', probability: 0 }, 1 - 1e-16), sample({ kind: 'bernoulli', probability: 1 }, 1e-16)]).toEqual([
      0, 1,
    ]);
  });

  it('give a constant its value, and a mixture of constants 2 and 30 at 9:1 exactly those, changing at 0.9', () => {
    const mixture: Sampler = {
      kind: 'mixture',
      parts: [
        { weight: 9, of: { kind: 'constant', value: 2 } },
        { weight: 1, of: { kind: 'constant', value: 30 } },
      ],
    };
    expect([sample(mixture, 0.001), sample(mixture, 0.899), sample(mixture, 0.901), sample(mixture, 0.999)]).toEqual([2, 2, 30, 30]);
    expect(meanOf(mixture)).toBeCloseTo(4.8, 12);
    expect(sample({ kind: 'constant', value: 4 }, 0.3)).toBe(4);
  });
});

describe('validateSampler', () => {
  it('finds nothing wrong with any of the cases', () => {
    expect(CASES.flatMap(({ sampler }) => validateSampler(sampler))).toEqual([]);
  });

  it.each<readonly [Sampler, readonly string[]]>([
    [{ kind: 'constant', value: Number.NaN }, ['value: must be finite']],
    [{ kind: 'uniform', low: 2, high: 2 }, ['low: must be below high']],
    [{ kind: 'exponential', mean: 0 }, ['mean: must be positive and finite']],
    [{ kind: 'logNormal', median: -1, sigma: 0 }, ['median: must be positive and finite', 'sigma: must be positive and finite']],
    [{ kind: 'bernoulli', probability: 1.1 }, ['probability: must lie between 0 and 1']],
    [{ kind: 'mixture', parts: [] }, ['parts: must not be empty']],
    [
      { kind: 'mixture', parts: [{ weight: -1, of: { kind: 'exponential', mean: -1 } }] },
      [
        'parts: weights must have a positive, finite sum',
        'parts[0].weight: must not be negative',
        'parts[0].of.mean: must be positive and finite',
      ],
    ],
    [{ kind: 'truncated', of: uniform, low: 5, high: 9 }, ['of: has less than a millionth of its values between low and high']],
    [{ kind: 'truncated', of: exponential, low: 3, high: 3 }, ['low: must be below high']],
    [
      { kind: 'shifted', by: Infinity, of: { kind: 'exponential', mean: 0 } },
      ['by: must be finite', 'of.mean: must be positive and finite'],
    ],
  ])('names path and rule for %j', (sampler, complaints) => {
    expect(validateSampler(sampler)).toEqual(complaints);
  });
});
