/**
 * Probability distributions as plain data, sampled with one uniform number each.
 *
 * Every sampler is its inverse CDF, so a draw is a function of its uniform alone: nothing is kept between draws, a snapshot needs only
 * counters, and two runs that share a uniform share the draw (common random numbers, exactly). Units are those of the quantity
 * described; the kernel does not look at them. Left out on purpose: rejection methods, and normal samplers that keep a spare value.
 */
import { exp, ln, normalCdf, normalQuantile } from './numeric.ts';

/** A distribution. Values are immutable: limits of truncated samplers are remembered by identity. */
export type Sampler =
  | { readonly kind: 'constant'; readonly value: number }
  /** Evenly spread over low < high. */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  /** exp of a normal with mean ln(median) and standard deviation sigma [of the logarithm]. */
  | { readonly kind: 'logNormal'; readonly median: number; readonly sigma: number }
  /** `of` on condition that it lies in [low, high]: tails are cut off and the rest scaled up; nothing piles up at the ends. */
  | { readonly kind: 'truncated'; readonly of: Sampler; readonly low: number; readonly high: number }
  /** 1 with the given probability, else 0. */
  | { readonly kind: 'bernoulli'; readonly probability: number }
  /** One of the parts, chosen in proportion to its weight. */
  | { readonly kind: 'mixture'; readonly parts: readonly MixturePart[] }
  /** `of` plus a constant. */
  | { readonly kind: 'shifted'; readonly by: number; readonly of: Sampler };

/** A part of a mixture: weights need not sum to 1. */
interface MixturePart {
  readonly weight: number;
  readonly of: Sampler;
}

/** A truncation that keeps less than this share of its distribution is a mistake in the figures, and numerically coarse. */
const SMALLEST_KEPT_SHARE = 1e-6;

/** Halvings after which the interval of a mixture's quantile is as narrow as doubles allow. */
const MIXTURE_HALVINGS = 200;

/**
 * The value below which a share `u` of the distribution lies, for u in (0, 1): one draw when u is uniform. Non-decreasing in u.
 * Cost: 10–60 ns; a mixture with overlapping parts some microseconds, as it searches.
 */
export function sample(sampler: Sampler, u: number): number {
  switch (sampler.kind) {
    case 'constant':
      return sampler.value;
    case 'uniform':
      return sampler.low + u * (sampler.high - sampler.low);
    case 'exponential':
      // 1 - u, not u, keeps the draw increasing in u.
      return -sampler.mean * ln(1 - u);
    case 'logNormal':
      return sampler.median * exp(sampler.sigma * normalQuantile(u));
    case 'truncated':
      return sampleTruncated(sampler, u);
    case 'bernoulli':
      return u > 1 - sampler.probability ? 1 : 0;
    case 'mixture':
      return sampleMixture(sampler.parts, u);
    case 'shifted':
      return sampler.by + sample(sampler.of, u);
  }
}

/** Probability of a value at or below x. */
export function cdf(sampler: Sampler, x: number): number {
  return probability(sampler, x, 'upTo');
}

/** Expected value, in closed form. */
export function meanOf(sampler: Sampler): number {
  return partialMean(sampler, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
}

/** Everything that is wrong with a sampler, as `path: rule` lines; empty when it is sound. */
export function validateSampler(sampler: Sampler): string[] {
  return complaints(sampler, '');
}

/** P(X <= x) or P(X < x); they differ where a value has a probability of its own. */
function probability(sampler: Sampler, x: number, side: 'upTo' | 'below'): number {
  switch (sampler.kind) {
    case 'constant':
      return isReached(sampler.value, x, side) ? 1 : 0;
    case 'uniform':
      return clamp((x - sampler.low) / (sampler.high - sampler.low), 0, 1);
    case 'exponential':
      return x <= 0 ? 0 : 1 - exp(-x / sampler.mean);
    case 'logNormal':
      return x <= 0 ? 0 : normalCdf(ln(x / sampler.median) / sampler.sigma);
    case 'truncated': {
      if (!isReached(sampler.low, x, side)) return 0;
      if (x >= sampler.high && side === 'upTo') return 1;
      const { start, kept } = truncation(sampler);
      return clamp((probability(sampler.of, Math.min(x, sampler.high), x > sampler.high ? 'upTo' : side) - start) / kept, 0, 1);
    }
    case 'bernoulli':
      return isReached(1, x, side) ? 1 : isReached(0, x, side) ? 1 - sampler.probability : 0;
    case 'mixture': {
      let sum = 0;
      for (const { weight, of } of sampler.parts) sum += weight * probability(of, x, side);
      return sum / totalWeight(sampler.parts);
    }
    case 'shifted':
      return probability(sampler.of, x - sampler.by, side);
  }
}

/** E[X; low <= X <= high]: the mean's share from that interval. */
function partialMean(sampler: Sampler, low: number, high: number): number {
  if (low > high) return 0;
  switch (sampler.kind) {
    case 'constant':
      return low <= sampler.value && sampler.value <= high ? sampler.value : 0;
    case 'uniform': {
      const from = clamp(low, sampler.low, sampler.high);
      const to = clamp(high, sampler.low, sampler.high);
      return ((to - from) * (to + from)) / (2 * (sampler.high - sampler.low));
    }
    case 'exponential':
      return exponentialExcess(sampler.mean, Math.max(low, 0)) - exponentialExcess(sampler.mean, Math.max(high, 0));
    case 'logNormal': {
      const { median, sigma } = sampler;
      const below = (x: number): number => (x <= 0 ? 0 : normalCdf(ln(x / median) / sigma - sigma));
      return median * exp((sigma * sigma) / 2) * (below(high) - below(low));
    }
    case 'truncated':
      return partialMean(sampler.of, Math.max(low, sampler.low), Math.min(high, sampler.high)) / truncation(sampler).kept;
    case 'bernoulli':
      return low <= 1 && 1 <= high ? sampler.probability : 0;
    case 'mixture': {
      let sum = 0;
      for (const { weight, of } of sampler.parts) sum += weight * partialMean(of, low, high);
      return sum / totalWeight(sampler.parts);
    }
    case 'shifted': {
      const { by, of } = sampler;
      const share = probability(of, high - by, 'upTo') - probability(of, low - by, 'below');
      return partialMean(of, low - by, high - by) + by * share;
    }
  }
}

/** E[X; X > a] of an exponential. */
function exponentialExcess(mean: number, a: number): number {
  return a === Number.POSITIVE_INFINITY ? 0 : (a + mean) * exp(-a / mean);
}

interface Truncation {
  /** P(of < low). */
  readonly start: number;
  /** P(low <= of <= high). */
  readonly kept: number;
}

/** Computed once per sampler object: the two CDF values would be most of the cost of a draw. A cache of a pure function. */
const truncations = new WeakMap<Sampler, Truncation>();

function truncation(sampler: Extract<Sampler, { kind: 'truncated' }>): Truncation {
  const known = truncations.get(sampler);
  if (known !== undefined) return known;
  const start = probability(sampler.of, sampler.low, 'below');
  const fresh = { start, kept: probability(sampler.of, sampler.high, 'upTo') - start };
  truncations.set(sampler, fresh);
  return fresh;
}

function sampleTruncated(sampler: Extract<Sampler, { kind: 'truncated' }>, u: number): number {
  const { start, kept } = truncation(sampler);
  const p = start + u * kept;
  // Rounding may put p on 0 or 1, or the value a last bit outside.
  if (p <= 0) return sampler.low;
  if (p >= 1) return sampler.high;
  return clamp(sample(sampler.of, p), sampler.low, sampler.high);
}

/** The smallest x whose CDF reaches u. It lies between the parts' own quantiles; halving that interval finds it to the last bit. */
function sampleMixture(parts: readonly MixturePart[], u: number): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { weight, of } of parts) {
    if (weight === 0) continue;
    const x = sample(of, u);
    if (x < low) low = x;
    if (x > high) high = x;
  }
  const total = totalWeight(parts);
  if (low === high || reaches(parts, low, u * total)) return low;
  for (let halving = 0; halving < MIXTURE_HALVINGS; halving += 1) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (reaches(parts, middle, u * total)) high = middle;
    else low = middle;
  }
  return high;
}

function reaches(parts: readonly MixturePart[], x: number, weight: number): boolean {
  let sum = 0;
  for (const part of parts) sum += part.weight * probability(part.of, x, 'upTo');
  return sum >= weight;
}

function totalWeight(parts: readonly MixturePart[]): number {
  let total = 0;
  for (const { weight } of parts) total += weight;
  return total;
}

function isReached(value: number, x: number, side: 'upTo' | 'below'): boolean {
  return side === 'upTo' ? value <= x : value < x;
}

function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}

function complaints(sampler: Sampler, path: string): string[] {
  const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
  switch (sampler.kind) {
    case 'constant':
      return broken([Number.isFinite(sampler.value), at('value'), 'must be finite']);
    case 'uniform':
      return [
        ...broken([Number.isFinite(sampler.low), at('low'), 'must be finite']),
        ...broken([Number.isFinite(sampler.high), at('high'), 'must be finite']),
        ...broken([sampler.low < sampler.high, at('low'), 'must be below high']),
      ];
    case 'exponential':
      return broken([isPositive(sampler.mean), at('mean'), 'must be positive and finite']);
    case 'logNormal':
      return [
        ...broken([isPositive(sampler.median), at('median'), 'must be positive and finite']),
        ...broken([isPositive(sampler.sigma), at('sigma'), 'must be positive and finite']),
      ];
    case 'truncated':
      return truncationComplaints(sampler, at);
    case 'bernoulli':
      return broken([sampler.probability >= 0 && sampler.probability <= 1, at('probability'), 'must lie between 0 and 1']);
    case 'mixture':
      return [
        ...broken([sampler.parts.length > 0, at('parts'), 'must not be empty']),
        ...broken([
          sampler.parts.length === 0 || isPositive(totalWeight(sampler.parts)),
          at('parts'),
          'weights must have a positive, finite sum',
        ]),
        ...sampler.parts.flatMap(({ weight, of }, index) => [
          ...broken([weight >= 0, at(`parts[${String(index)}].weight`), 'must not be negative']),
          ...complaints(of, at(`parts[${String(index)}].of`)),
        ]),
      ];
    case 'shifted':
      return [...broken([Number.isFinite(sampler.by), at('by'), 'must be finite']), ...complaints(sampler.of, at('of'))];
  }
}

function truncationComplaints(sampler: Extract<Sampler, { kind: 'truncated' }>, at: (field: string) => string): string[] {
  // Infinite limits are allowed: they cut off one tail only.
  const found = [...broken([sampler.low < sampler.high, at('low'), 'must be below high']), ...complaints(sampler.of, at('of'))];
  if (found.length > 0) return found;
  return broken([
    truncation(sampler).kept >= SMALLEST_KEPT_SHARE,
    at('of'),
    'has less than a millionth of its values between low and high',
  ]);
}

/** The line that a rule leaves when it does not hold: [holds, path, text]. */
function broken([holds, path, text]: readonly [boolean, string, string]): string[] {
  return holds ? [] : [`${path}: ${text}`];
}

function isPositive(x: number): boolean {
  return x > 0 && x < Number.POSITIVE_INFINITY;
}
