/** One index of a table: which keys have which value, kept up to date with every write. Most rows have one value; that way costs no array. */
import { Bucket } from './bucket.ts';
import type { IndexOf, JournalEntry } from './revision.ts';
import type { Moment } from './time.ts';

/** When the row of an entry entered the table, after the write and before it: what tells members of buckets apart. */
export interface Incarnations {
  readonly created: number;
  readonly createdBefore: number;
}

/** Values of one index, with the keys that have them. */
export class TableIndex<Row> {
  readonly name: string;
  readonly #of: IndexOf<Row>;
  /** Whether watches may be limited to one of its values: then each value remembers what is under way. */
  readonly #isWatchable: boolean;
  readonly #buckets = new Map<string, Bucket<Row>>();

  constructor(name: string, definition: { readonly of: IndexOf<Row>; readonly watching: 'byValue' | 'none' }) {
    this.name = name;
    this.#of = definition.of;
    this.#isWatchable = definition.watching === 'byValue';
  }

  bucket(value: string): Bucket<Row> | undefined {
    return this.#buckets.get(value);
  }

  /** Values of a row. */
  valuesOf(row: Row, key: string): readonly string[] {
    const value = this.#of(row, key);
    if (value === undefined) return [];
    return typeof value === 'string' ? [value] : value;
  }

  /** Whether a row has a value. */
  isIn(row: Row, key: string, value: string): boolean {
    const own = this.#of(row, key);
    return typeof own === 'string' ? own === value : own?.includes(value) === true;
  }

  /** Takes in a write. What the world starts with is not remembered as a change. */
  change(entry: JournalEntry<Row>, of: Incarnations): void {
    const { before, after, key } = entry;
    const old = before === undefined ? undefined : this.#of(before, key);
    const now = after === undefined ? undefined : this.#of(after, key);
    if (typeof old === 'object' || typeof now === 'object') {
      this.#changeMany(entry, { old: listOf(old), now: listOf(now) }, of);
      return;
    }
    if (old !== now) {
      if (old !== undefined) this.#buckets.get(old)?.leave(entry, of.createdBefore);
      if (now !== undefined) this.#open(now).enter(key, of.created);
    }
    if (!this.#isWatchable || entry.cause < 0) return;
    if (old !== undefined) this.#buckets.get(old)?.note(entry);
    if (now !== undefined && now !== old) this.#buckets.get(now)?.note(entry);
  }

  #changeMany(
    entry: JournalEntry<Row>,
    { old, now }: { readonly old: readonly string[]; readonly now: readonly string[] },
    of: Incarnations,
  ): void {
    for (const value of old) if (!now.includes(value)) this.#buckets.get(value)?.leave(entry, of.createdBefore);
    for (const value of now) if (!old.includes(value)) this.#open(value).enter(entry.key, of.created);
    if (!this.#isWatchable || entry.cause < 0) return;
    for (const value of new Set([...old, ...now])) this.#buckets.get(value)?.note(entry);
  }

  /** Drops what every watcher has seen of the values that an old entry touched. */
  forget(entry: JournalEntry<Row>, horizon: Moment): void {
    const { before, after, key } = entry;
    const old = before === undefined ? undefined : this.#of(before, key);
    const now = after === undefined ? undefined : this.#of(after, key);
    if (typeof old === 'string') this.#forgetIn(old, horizon);
    else if (old !== undefined) for (const value of old) this.#forgetIn(value, horizon);
    if (now === old) return;
    if (typeof now === 'string') this.#forgetIn(now, horizon);
    else if (now !== undefined) for (const value of now) this.#forgetIn(value, horizon);
  }

  #forgetIn(value: string, horizon: Moment): void {
    const bucket = this.#buckets.get(value);
    if (bucket === undefined) return;
    bucket.forget(horizon);
    if (bucket.isEmpty) this.#buckets.delete(value);
  }

  /** Forgets everything (before a restore). */
  clear(): void {
    this.#buckets.clear();
  }

  /** Takes in a row that is there (in a restore). */
  enter(row: Row, key: string, created: number): void {
    for (const value of this.valuesOf(row, key)) this.#open(value).enter(key, created);
  }

  /** Lays a recent entry into the buckets of a restored table, as `change` had done. */
  remember(entry: JournalEntry<Row>): void {
    const old = entry.before === undefined ? [] : this.valuesOf(entry.before, entry.key);
    const now = entry.after === undefined ? [] : this.valuesOf(entry.after, entry.key);
    for (const value of new Set([...old, ...now])) {
      const bucket = this.#open(value);
      if (old.includes(value) && !now.includes(value)) bucket.remember(entry);
      if (this.#isWatchable) bucket.note(entry);
    }
  }

  #open(value: string): Bucket<Row> {
    let bucket = this.#buckets.get(value);
    if (bucket === undefined) this.#buckets.set(value, (bucket = new Bucket()));
    return bucket;
  }
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
