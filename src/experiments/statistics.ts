/**
 * Statistics over replications: running mean and variance, Student's t, and confidence intervals of a mean.
 *
 * Mean and variance after Welford (Technometrics 4, 1962). The distribution function of Student's t is the finite trigonometric sum for
 * whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4); its quantile is found by halving an interval.
 */

/** Mean and variance of values that come one by one. */
export class RunningMoments {
  #count = 0;
  #mean = 0;
  #squares = 0;

  /** Values so far. */
  get count(): number {
    return this.#count;
  }

  /** Arithmetic mean; 0 without values. */
  get mean(): number {
    return this.#mean;
  }

  /** Unbiased sample variance; 0 with fewer than two values. */
  get variance(): number {
    return this.#count < 2 ? 0 : this.#squares / (this.#count - 1);
  }

  add(value: number): void {
    this.#count += 1;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
  }
}

/** A mean and how well it is known. */
export interface Interval {
  readonly mean: number;
  /** Half the width of the interval; undefined with fewer than two values, of which nothing can be said. */
  readonly halfWidth: number | undefined;
  /** Values it was made from. */
  readonly count: number;
}

/**
 * Two-sided confidence interval of a mean from independent replications.
 *
 * @param confidence - between 0 and 1, such as 0.95
 */
export function meanInterval(values: readonly number[], confidence: number): Interval {
  const moments = new RunningMoments();
  for (const value of values) moments.add(value);
  const { count, mean, variance } = moments;
  if (count < 2) return { mean, halfWidth: undefined, count };
  return { mean, halfWidth: studentQuantile((1 + confidence) / 2, count - 1) * Math.sqrt(variance / count), count };
}

/** Probability that Student's t with `freedom` (whole, from 1) degrees of freedom is at most `t`. */
export function studentCdf(t: number, freedom: number): number {
  const angle = Math.atan(Math.abs(t) / Math.sqrt(freedom));
  const cosine = Math.cos(angle);
  const isOdd = freedom % 2 === 1;
  // The sum runs over even powers of the cosine for even degrees of freedom, over odd ones for odd.
  let term = isOdd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = isOdd ? 2 : 1; k <= freedom - 3; k += 2) {
    term *= (k / (k + 1)) * cosine * cosine;
    sum += term;
  }
  const within = isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return t < 0 ? (1 - within) / 2 : (1 + within) / 2;
}

/**
 * The t below which Student's distribution has probability `p`.
 *
 * @param p - between 0 and 1, both excluded
 * @param freedom - degrees of freedom, whole, from 1
 * @throws RangeError outside these
 */
export function studentQuantile(p: number, freedom: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`a probability lies between 0 and 1, got ${String(p)}`);
  if (!(Number.isInteger(freedom) && freedom >= 1))
    throw new RangeError(`degrees of freedom are whole and at least 1, got ${String(freedom)}`);
  if (p < 0.5) return -studentQuantile(1 - p, freedom);
  let high = 1;
  while (studentCdf(high, freedom) < p) high *= 2;
  let low = 0;
  for (let round = 0; round < 100; round += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentCdf(middle, freedom) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** The value of nearest rank among any number of values: the ⌈p·n/100⌉-th smallest. Undefined without values. */
export function percentileOf(values: readonly number[], percentile: number): number | undefined {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.max(1, Math.ceil((percentile * ascending.length) / 100)) - 1];
}
