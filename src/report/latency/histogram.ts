/** Counts of durations in fixed classes of 1, 2, 5 times a power of ten, for a picture of how waits are spread. */
const SECOND = 1_000_000;

/** Upper ends of the classes [µs], ascending; the last class has none. */
export const CLASS_ENDS: readonly number[] = [
  ...[1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000],
  // First tokens mostly lie between seconds and minutes: finer there.
  ...[1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 600, 1_800, 3_600, 10_800].map((s) => s * SECOND),
];

/** One class. */
export interface HistogramClass {
  readonly fromUs: number;
  /** null: no upper end. */
  readonly belowUs: number | null;
  readonly count: number;
}

/** Durations by class. */
export class ClassCounts {
  readonly #counts = new Array<number>(CLASS_ENDS.length + 1).fill(0);

  add(us: number): void {
    const at = CLASS_ENDS.findIndex((end) => us < end);
    const index = at < 0 ? CLASS_ENDS.length : at;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  /** Classes from the first to the last that is not empty. */
  classes(): readonly HistogramClass[] {
    const first = this.#counts.findIndex((count) => count > 0);
    const last = this.#counts.findLastIndex((count) => count > 0);
    if (first < 0) return [];
    return this.#counts.slice(first, last + 1).map((count, offset) => ({
      fromUs: CLASS_ENDS[first + offset - 1] ?? 0,
      belowUs: CLASS_ENDS[first + offset] ?? null,
      count,
    }));
  }
}
