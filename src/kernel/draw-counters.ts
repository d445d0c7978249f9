/**
 * How many draws were made, by the 64-bit key of (stream, subject): a hash table in two typed arrays.
 *
 * A run of a big cluster draws for half a million subjects. Their names are not kept: the key already is what the cipher is keyed by, so two
 * names of one key would draw the same numbers anyway; among a million keys that happens once in some 10^7 runs.
 */

/** Counters as they stood; plain data. */
export interface DrawCountersSnapshot {
  readonly keys: Uint32Array;
  readonly counts: Uint32Array;
  readonly size: number;
}

const FIRST_CAPACITY = 256;
/** Share of the table that is filled before it grows: beyond that, looking for a key takes many steps. */
const MOST_FILLED = 0.6;
const LAST = 0xffff_ffff;

/** Counters by key, with linear probing. */
export class DrawCounters {
  /** Pairs of words. */
  #keys: Uint32Array = new Uint32Array(2 * FIRST_CAPACITY);
  /** Draws made; 0 where no key is. */
  #counts: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  #size = 0;

  /** Counts one more draw of a key and answers how many came before. Throws RangeError after 2^32 - 1. */
  next(low: number, high: number): number {
    const at = this.#placeOf(low >>> 0, high >>> 0);
    const count = this.#counts[at] ?? 0;
    if (count === LAST) throw new RangeError('a subject has drawn 2^32 - 1 times from one stream: it is exhausted');
    this.#counts[at] = count + 1;
    if (count > 0) return count;
    this.#keys[2 * at] = low;
    this.#keys[2 * at + 1] = high;
    this.#size += 1;
    if (this.#size > MOST_FILLED * this.#counts.length) this.#grow();
    return 0;
  }

  snapshot(): DrawCountersSnapshot {
    return { keys: this.#keys.slice(), counts: this.#counts.slice(), size: this.#size };
  }

  restore(snapshot: DrawCountersSnapshot): void {
    this.#keys = snapshot.keys.slice();
    this.#counts = snapshot.counts.slice();
    this.#size = snapshot.size;
  }

  /** Where a key is, or the free place where it belongs. */
  #placeOf(low: number, high: number): number {
    const keys = this.#keys;
    const counts = this.#counts;
    const mask = counts.length - 1;
    let at = low & mask;
    while (counts[at] !== 0 && (keys[2 * at] !== low || keys[2 * at + 1] !== high)) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const keys = this.#keys;
    const counts = this.#counts;
    this.#keys = new Uint32Array(2 * keys.length);
    this.#counts = new Uint32Array(2 * counts.length);
    for (let from = 0; from < counts.length; from += 1) {
      if (counts[from] === 0) continue;
      const low = keys[2 * from] ?? 0;
      const high = keys[2 * from + 1] ?? 0;
      const at = this.#placeOf(low, high);
      this.#keys[2 * at] = low;
      this.#keys[2 * at + 1] = high;
      this.#counts[at] = counts[from] ?? 0;
    }
  }
}
