/**
 * One value of one index: the keys that have it, by creation, and those that left it so recently that a watcher may not know yet.
 */
import type { JournalEntry } from './revision.ts';
import type { Moment } from './time.ts';

interface Member {
  readonly key: string;
  readonly created: number;
}

/** Members of an index value, with a short memory. */
export class Bucket<Row> {
  readonly #members: Member[] = [];
  readonly #created = new Map<string, number>();
  #departed: JournalEntry<Row>[] = [];
  #recent: JournalEntry<Row>[] = [];

  /** Number of present members. */
  get size(): number {
    return this.#members.length;
  }

  /** Whether nothing is left to remember. */
  get isEmpty(): boolean {
    return this.#members.length === 0 && this.#departed.length === 0 && this.#recent.length === 0;
  }

  /** Present members, by creation. */
  keys(): readonly string[] {
    return this.#members.map((member) => member.key);
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

  enter(key: string, created: number): void {
    const old = this.#created.get(key);
    if (old !== undefined) this.#drop(key, old);
    this.#created.set(key, created);
    this.#members.splice(this.#position(created), 0, { key, created });
  }

  leave(entry: JournalEntry<Row>): void {
    const created = this.#created.get(entry.key);
    if (created === undefined) return;
    this.#drop(entry.key, created);
    if (entry.cause >= 0) this.#departed.push(entry);
  }

  /** Puts a departure back into memory (after a restore). */
  remember(entry: JournalEntry<Row>): void {
    this.#departed.push(entry);
  }

  note(entry: JournalEntry<Row>): void {
    this.#recent.push(entry);
  }

  /** Drops what happened before the horizon. */
  forget(horizon: Moment): void {
    if ((this.#recent[0]?.at ?? Infinity) < horizon) this.#recent = this.#recent.filter((entry) => entry.at >= horizon);
    if ((this.#departed[0]?.at ?? Infinity) < horizon) this.#departed = this.#departed.filter((entry) => entry.at >= horizon);
  }

  #drop(key: string, created: number): void {
    this.#created.delete(key);
    this.#members.splice(this.#position(created), 1);
  }

  /** First place whose member was created at or after `created`. */
  #position(created: number): number {
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#members[middle]?.created ?? Infinity) < created) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
