/**
 * The short notation in which the catalogue writes its distributions, and arithmetic on them.
 *
 * Follows the notation of the published default table: `LN(m, σ)` is log-normal with *median* m,
 * `Exp(mean)`, `U(a, b)`, `Bern(p)`, `trunc`, `mix`. The samplers themselves are the kernel's.
 */
import type { Sampler } from '../../kernel/random.ts';

/** Always `value` [unit of the knob]. */
export function constant(value: number): Sampler {
  return { kind: 'constant', value };
}

/** Uniform between `low` and `high` [unit of the knob]. */
export function U(low: number, high: number): Sampler {
  return { kind: 'uniform', low, high };
}

/** Log-normal with median `median` [unit of the knob] and log-standard-deviation `sigma` [1]. */
export function LN(median: number, sigma: number): Sampler {
  return { kind: 'logNormal', median, sigma };
}

/** Exponential with mean `mean` [unit of the knob]. */
export function Exp(mean: number): Sampler {
  return { kind: 'exponential', mean };
}

/** One with `probability` [0..1], else zero. */
export function Bern(probability: number): Sampler {
  return { kind: 'bernoulli', probability };
}

/** `of` on condition that it lies between `low` and `high` [unit of the knob]. */
export function trunc(of: Sampler, low: number, high: number): Sampler {
  return { kind: 'truncated', of, low, high };
}

/** One of several distributions, each with its weight. Weights add up to one. */
export function mix(...parts: readonly (readonly [weight: number, of: Sampler])[]): Sampler {
  return { kind: 'mixture', parts: parts.map(([weight, of]) => ({ weight, of })) };
}

/** `of` plus `by` [unit of the knob]. */
export function shift(of: Sampler, by: number): Sampler {
  return { kind: 'shifted', of, by };
}

/** The distribution of `factor` times the draw. A probability is scaled itself and held at one. */
export function scaled(sampler: Sampler, factor: number): Sampler {
  switch (sampler.kind) {
    case 'constant':
      return constant(tidy(sampler.value * factor));
    case 'uniform':
      return U(tidy(sampler.low * factor), tidy(sampler.high * factor));
    case 'exponential':
      return Exp(tidy(sampler.mean * factor));
    case 'logNormal':
      return LN(tidy(sampler.median * factor), sampler.sigma);
    case 'truncated':
      return trunc(scaled(sampler.of, factor), tidy(sampler.low * factor), tidy(sampler.high * factor));
    case 'bernoulli':
      return Bern(Math.min(1, tidy(sampler.probability * factor)));
    case 'mixture':
      return mix(...sampler.parts.map((part) => [part.weight, scaled(part.of, factor)] as const));
    case 'shifted':
      return shift(scaled(sampler.of, factor), tidy(sampler.by * factor));
  }
}

/** The distribution with its ends moved into [low, high] [unit of the knob], where it has ends of its own. */
export function heldIn(sampler: Sampler, low: number, high: number): Sampler {
  const held = (value: number): number => Math.min(high, Math.max(low, value));
  if (sampler.kind === 'constant') return constant(held(sampler.value));
  if (sampler.kind !== 'uniform') return sampler;
  const ends = { low: held(sampler.low), high: held(sampler.high) };
  return ends.low < ends.high ? U(ends.low, ends.high) : constant(ends.low);
}

/**
 * The one number by which a reader would quote the distribution: the value of a constant, the median
 * of a log-normal or uniform, the *mean* of an exponential, the probability of a coin, the centre of
 * the inner distribution held in the bounds of a truncated one, the centre of the heaviest part of a
 * mixture (the first of equals). Same unit as the distribution.
 */
export function centreOf(sampler: Sampler): number {
  switch (sampler.kind) {
    case 'constant':
      return sampler.value;
    case 'uniform':
      return (sampler.low + sampler.high) / 2;
    case 'exponential':
      return sampler.mean;
    case 'logNormal':
      return sampler.median;
    case 'truncated':
      return Math.min(sampler.high, Math.max(sampler.low, centreOf(sampler.of)));
    case 'bernoulli':
      return sampler.probability;
    case 'mixture': {
      let heaviest = sampler.parts[0];
      for (const part of sampler.parts) {
        if (heaviest === undefined || part.weight > heaviest.weight) heaviest = part;
      }
      return heaviest === undefined ? 0 : centreOf(heaviest.of);
    }
    case 'shifted':
      return sampler.by + centreOf(sampler.of);
  }
}

/** The smallest and largest value the distribution can give; `Infinity` where it has no upper end. */
export function supportOf(sampler: Sampler): { readonly low: number; readonly high: number } {
  switch (sampler.kind) {
    case 'constant':
      return { low: sampler.value, high: sampler.value };
    case 'uniform':
    case 'truncated':
      return { low: sampler.low, high: sampler.high };
    case 'exponential':
    case 'logNormal':
      return { low: 0, high: Infinity };
    case 'bernoulli':
      return { low: 0, high: 1 };
    case 'mixture': {
      const supports = sampler.parts.map((part) => supportOf(part.of));
      return {
        low: Math.min(...supports.map((support) => support.low)),
        high: Math.max(...supports.map((support) => support.high)),
      };
    }
    case 'shifted': {
      const { low, high } = supportOf(sampler.of);
      return { low: low + sampler.by, high: high + sampler.by };
    }
  }
}

/**
 * Twelve significant digits: scaling by a ratio of two decimals must not leave 0.30000000000000004 in
 * a table that people read. The change is a millionth of the least precise source.
 */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
