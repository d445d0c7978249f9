/**
 * A set of durations and its statistics: percentiles by nearest rank, exact up to a limit, from an HDR histogram beyond it.
 *
 * Nearest rank: the p-th percentile of n values is the ⌈p·n/100⌉-th smallest, so it is always a value that occurred.
 */
// Not the package's index: it loads a WebAssembly twin that asks for `window`, which workers do not have, and takes long to start.
import { constructorFromBucketSize } from 'hdr-histogram-js/dist/JsHistogramFactory.js';
import type { Waits } from './document/index.ts';

/** Counts as floats: 2^53 of them fit. */
const Histogram = constructorFromBucketSize(64);

/** Durations kept one by one; beyond that, percentiles have 3 significant digits. */
const EXACT_SAMPLES = 100_000;

/** How percentiles are computed, for legends. */
export const PERCENTILE_METHOD = `nearest rank; exact up to ${String(EXACT_SAMPLES)} samples, beyond that HDR histogram with 3 significant digits`;

/** The value of nearest rank among ascending values; undefined if there is none. */
export function nearestRank(ascending: readonly number[], percentile: number): number | undefined {
  // p * n / 100 in this order: 0.07 * 100 is 7.000000000000001, 7 * 100 / 100 is 7.
  const rank = Math.max(1, Math.ceil((percentile * ascending.length) / 100));
  return ascending[rank - 1];
}

/** Durations [µs, integers from 0] that come one by one. */
export class Sample {
  readonly #exactSamples: number;
  #values: number[] = [];
  #isSorted = true;
  #histogram: InstanceType<typeof Histogram> | undefined;
  #count = 0;
  #total = 0;
  #min = Infinity;
  #max = 0;

  /** `exactSamples`: how many values are kept one by one [1] -- constant. */
  constructor(exactSamples = EXACT_SAMPLES) {
    this.#exactSamples = exactSamples;
  }

  get count(): number {
    return this.#count;
  }

  /** Sum of all values [µs]. */
  get total(): number {
    return this.#total;
  }

  add(us: number): void {
    this.#count += 1;
    this.#total += us;
    this.#min = Math.min(this.#min, us);
    this.#max = Math.max(this.#max, us);
    if (this.#histogram !== undefined) {
      this.#histogram.recordValue(us);
      return;
    }
    this.#values.push(us);
    this.#isSorted = false;
    if (this.#values.length > this.#exactSamples) this.#changeOver();
  }

  /** Takes out one value that was added [µs]. Where values are not kept one by one, the extremes stay. */
  remove(us: number): void {
    const index = this.#values.indexOf(us);
    if (this.#histogram === undefined && index < 0) throw new Error(`${String(us)} is not in the sample`);
    this.#count -= 1;
    this.#total -= us;
    if (this.#histogram !== undefined) {
      this.#histogram.recordValueWithCount(us, -1);
      return;
    }
    this.#values.splice(index, 1);
    if (us > this.#min && us < this.#max) return;
    this.#min = Infinity;
    this.#max = 0;
    for (const value of this.#values) {
      this.#min = Math.min(this.#min, value);
      this.#max = Math.max(this.#max, value);
    }
  }

  /** The percentile by nearest rank [µs]; undefined without samples. */
  percentile(p: number): number | undefined {
    if (this.#count === 0) return undefined;
    if (this.#histogram !== undefined) return Math.min(this.#max, Math.max(this.#min, this.#histogram.getValueAtPercentile(p)));
    if (!this.#isSorted) {
      this.#values.sort((a, b) => a - b);
      this.#isSorted = true;
    }
    return nearestRank(this.#values, p);
  }

  get min(): number | undefined {
    return this.#count === 0 ? undefined : this.#min;
  }

  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#max;
  }

  /** Mean, rounded to a whole microsecond; undefined without samples. */
  get mean(): number | undefined {
    return this.#count === 0 ? undefined : Math.round(this.#total / this.#count);
  }

  /** All statistics; null without samples. */
  waits(): Waits | null {
    if (this.#count === 0) return null;
    return {
      count: this.#count,
      totalUs: this.#total,
      minUs: this.#min,
      meanUs: Math.round(this.#total / this.#count),
      p50Us: this.percentile(50) ?? 0,
      p90Us: this.percentile(90) ?? 0,
      p95Us: this.percentile(95) ?? 0,
      p99Us: this.percentile(99) ?? 0,
      maxUs: this.#max,
      precision: this.#histogram === undefined ? 'exact' : '3 digits',
    };
  }

  #changeOver(): void {
    // The upper end grows by itself; it only sets how much is allocated at first.
    this.#histogram = new Histogram(1, 3_600_000_000, 3);
    this.#histogram.autoResize = true;
    for (const value of this.#values) this.#histogram.recordValue(value);
    this.#values = [];
  }
}
