/**
 * One value of one index: the keys that have it, by creation, and those that left it so recently that a watcher may not know yet.
 *
 * Most indexes of a big table have about as many values as rows (a pod's address, an assignment's name), so a bucket of one costs little:
 * two arrays of the length they need, and no memory of changes before there is one. A few values have thousands of rows (a namespace):
 * there a member that leaves only leaves a gap, and gaps are closed together, so a departure does not cost the size of the bucket.
 */
import type { JournalEntry } from './revision.ts';
import type { Moment } from './time.ts';

const NONE: readonly never[] = [];
/** Up to this many members, closing a gap at once is the cheapest. */
const FEW = 32;

/** Members of an index value, with a short memory. */
export class Bucket<Row> {
  /** Present members, by creation, and gaps; beside them, the number of the write that created each. */
  #keys: (string | undefined)[] = [];
  #created: number[] = [];
  #gaps = 0;
  #departed: readonly JournalEntry<Row>[] = NONE;
  #recent: readonly JournalEntry<Row>[] = NONE;

  /** Number of present members. */
  get size(): number {
    return this.#keys.length - this.#gaps;
  }

  /** Whether nothing is left to remember. */
  get isEmpty(): boolean {
    return this.size === 0 && this.#departed.length === 0 && this.#recent.length === 0;
  }

  /** Present members, by creation. Read it before the next write. */
  keys(): readonly string[] {
    if (this.#gaps > 0) this.#closeGaps();
    return this.#keys as string[];
  }

  /** Whether a member passes; none is asked after the first that does, and gaps stay open. */
  some(test: (key: string) => boolean): boolean {
    return this.#keys.some((key) => key !== undefined && test(key));
  }

  /** Present members and those that left within the memory: every key a lagging watcher may still see here. */
  candidates(): readonly string[] {
    if (this.#departed.length === 0) return this.keys();
    return [...new Set([...this.keys(), ...this.#departed.map((entry) => entry.key)])];
  }

  /** Journal entries that touched this value and may still be under way to some watcher, oldest first. */
  get recent(): readonly JournalEntry<Row>[] {
    return this.#recent;
  }

  /** Takes in a member; once, however often its row names the value. `created` tells members apart. */
  enter(key: string, created: number): void {
    if (this.#keys.length === 0) {
      this.#keys = [key];
      this.#created = [created];
      return;
    }
    const at = this.#position(created);
    if (this.#created[at] === created) {
      if (this.#keys[at] === undefined) this.#gaps -= 1;
      this.#keys[at] = key;
      return;
    }
    if (at === this.#keys.length) {
      this.#keys.push(key);
      this.#created.push(created);
      return;
    }
    this.#keys.splice(at, 0, key);
    this.#created.splice(at, 0, created);
  }

  /** Lets a member go and remembers it for those who do not know yet. `created` is the number it entered with. */
  leave(entry: JournalEntry<Row>, created: number): void {
    const at = this.#position(created);
    if (this.#created[at] !== created || this.#keys[at] === undefined) return;
    if (this.#keys.length <= FEW) {
      this.#keys.splice(at, 1);
      this.#created.splice(at, 1);
    } else {
      this.#keys[at] = undefined;
      this.#gaps += 1;
      if (2 * this.#gaps > this.#keys.length) this.#closeGaps();
    }
    if (entry.cause >= 0) this.remember(entry);
  }

  #closeGaps(): void {
    this.#created = this.#created.filter((_, at) => this.#keys[at] !== undefined);
    this.#keys = this.#keys.filter((key) => key !== undefined);
    this.#gaps = 0;
  }

  /** Puts a departure into memory. */
  remember(entry: JournalEntry<Row>): void {
    if (this.#departed.length === 0) this.#departed = [entry];
    else (this.#departed as JournalEntry<Row>[]).push(entry);
  }

  note(entry: JournalEntry<Row>): void {
    if (this.#recent.length === 0) this.#recent = [entry];
    else (this.#recent as JournalEntry<Row>[]).push(entry);
  }

  /** Drops what happened before the horizon. */
  forget(horizon: Moment): void {
    this.#recent = since(this.#recent, horizon);
    this.#departed = since(this.#departed, horizon);
  }

  /** First place whose member was created at or after `created`. */
  #position(created: number): number {
    let low = 0;
    let high = this.#created.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#created[middle] ?? Infinity) < created) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function since<Row>(entries: readonly JournalEntry<Row>[], horizon: Moment): readonly JournalEntry<Row>[] {
  if ((entries[0]?.at ?? Infinity) >= horizon) return entries;
  const kept = entries.filter((entry) => entry.at >= horizon);
  return kept.length === 0 ? NONE : kept;
}
