/** When things of many kinds happened over a run: counts in slices of equal length that grow with the run, so that few numbers are kept. */
import type { Moment } from '../../kernel/time.ts';

/** Shortest slice [µs]: a sixteenth of a quarter of a minute, so that doubling meets 15 s, 30 s, 1 min, 2 min … */
const SHORTEST_US = 937_500;
/** Most slices of a run. */
const SLICES_MAX = 24;

/** Counts by kind and slice. Every kind has the same slices. */
export class OverTime<K> {
  #sliceUs = SHORTEST_US;
  readonly #counts = new Map<K, number[]>();

  /** Counts one of that kind; moments need not come in order. */
  note(kind: K, at: Moment): void {
    this.#reach(at);
    const slices = this.#counts.get(kind) ?? [];
    const slice = Math.floor(at / this.#sliceUs);
    while (slices.length <= slice) slices.push(0);
    slices[slice] = (slices[slice] ?? 0) + 1;
    this.#counts.set(kind, slices);
  }

  /** Length of a slice [µs] and the counts of each kind from the start of the run to `end`, at most 24 slices. */
  until(end: Moment): { readonly sliceUs: number; of(kind: K): readonly number[] } {
    this.#reach(end);
    const sliceUs = this.#sliceUs;
    const length = Math.floor(end / sliceUs) + 1;
    return {
      sliceUs,
      of: (kind) => Array.from({ length }, (_, slice) => this.#counts.get(kind)?.[slice] ?? 0),
    };
  }

  #reach(at: Moment): void {
    while (at >= this.#sliceUs * SLICES_MAX) {
      this.#sliceUs *= 2;
      for (const [kind, slices] of this.#counts) {
        this.#counts.set(
          kind,
          Array.from({ length: Math.ceil(slices.length / 2) }, (_, slice) => (slices[2 * slice] ?? 0) + (slices[2 * slice + 1] ?? 0)),
        );
      }
    }
  }
}
