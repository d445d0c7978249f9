/**
 * Tables: keyed collections of frozen revisions, with indexes and a short memory of what changed.
 *
 * A write replaces a value by a new revision. The table remembers superseded revisions only as long as some watcher may still see
 * them (see `informer.ts`), so a view of the past costs no copy. Iteration is by creation, whatever the indexes did in between.
 */
import type { Bucket } from './bucket.ts';
import { hashString, mix } from './random.ts';
import type { JournalEntry, Partition, Revision, TableDefinition } from './revision.ts';
import { TableIndex } from './table-index.ts';
import type { Moment } from './time.ts';
import type { EventId } from './vocabulary.ts';

interface Slot<Row> {
  current: Revision<Row>;
  /** Superseded revisions that some watcher may still see, oldest first; undefined where there is none, as in most rows. */
  past: Revision<Row>[] | undefined;
}

/** Content of a table as a snapshot keeps it. */
export interface TableSnapshot<Row> {
  readonly slots: readonly (readonly [string, Revision<Row>, readonly Revision<Row>[]])[];
  readonly recent: readonly JournalEntry<Row>[];
  readonly writes: number;
  readonly versions: readonly (readonly [string, number])[];
}

/** The authoritative collection. Only the kernel writes to it, at the end of turns. */
export class Table<Row> {
  readonly name: string;
  readonly definition: TableDefinition<Row>;
  #slots = new Map<string, Slot<Row>>();
  #live = 0;
  #writes = 0;
  /** Version counts of keys that are gone, so that a re-created key draws other lags. */
  #versions = new Map<string, number>();
  #recent: JournalEntry<Row>[] = [];
  readonly #indexes: readonly TableIndex<Row>[];
  readonly #indexByName: ReadonlyMap<string, TableIndex<Row>>;
  readonly #nameHash: number;
  #reads = 0;

  constructor(name: string, definition: TableDefinition<Row>) {
    this.name = name;
    this.definition = definition;
    this.#nameHash = hashString(name);
    this.#indexes = Object.entries(definition.indexes ?? {}).map(
      ([index, of]) => new TableIndex(index, { of, watching: definition.watchable?.includes(index) === true ? 'byValue' : 'none' }),
    );
    this.#indexByName = new Map(this.#indexes.map((index) => [index.name, index]));
  }

  get size(): number {
    return this.#live;
  }

  /** Rows looked up or listed since the start: the work of handlers, whatever the machine. */
  get reads(): number {
    return this.#reads;
  }

  /** The newest revision of a key, a deletion included; undefined if never seen or long gone. */
  newest(key: string): Revision<Row> | undefined {
    this.#reads += 1;
    return this.#slots.get(key)?.current;
  }

  get(key: string): Row | undefined {
    this.#reads += 1;
    return this.#slots.get(key)?.current.value;
  }

  /** The newest revision with a number up to `limit`. */
  asOf(key: string, limit: number): Revision<Row> | undefined {
    this.#reads += 1;
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    if (slot.current.revision <= limit) return slot.current;
    if (slot.past === undefined) return undefined;
    for (let at = slot.past.length - 1; at >= 0; at -= 1) {
      const revision = slot.past[at];
      if (revision !== undefined && revision.revision <= limit) return revision;
    }
    return undefined;
  }

  by(index: string, value: string): readonly Row[] {
    const rows: Row[] = [];
    for (const key of this.bucket(index, value)?.keys() ?? []) {
      const row = this.get(key);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** Members of an index value, with those that left it recently; undefined if there never was one. */
  bucket(index: string, value: string): Bucket<Row> | undefined {
    return this.#index(index).bucket(value);
  }

  /** Index values of a row. */
  valuesOf(index: string, row: Row, key: string): readonly string[] {
    return this.#index(index).valuesOf(row, key);
  }

  /** Whether a row has that index value. */
  isIn(index: string, value: string, { row, key }: { readonly row: Row; readonly key: string }): boolean {
    return this.#index(index).isIn(row, key, value);
  }

  #index(name: string): TableIndex<Row> {
    const index = this.#indexByName.get(name);
    if (index === undefined) throw new Error(`table ${this.name} has no index ${name}`);
    return index;
  }

  /** Every part of the table that a change touches. */
  partitionsOf(entry: JournalEntry<Row>): readonly Partition[] {
    const partitions: Partition[] = [];
    for (const index of this.#indexes) {
      const values = new Set<string>();
      if (entry.before !== undefined) for (const value of index.valuesOf(entry.before, entry.key)) values.add(value);
      if (entry.after !== undefined) for (const value of index.valuesOf(entry.after, entry.key)) values.add(value);
      for (const value of values) partitions.push({ index: index.name, value });
    }
    return partitions;
  }

  all(): readonly Row[] {
    const rows: Row[] = [];
    this.#reads += this.#slots.size;
    for (const { current } of this.#slots.values()) if (current.value !== undefined) rows.push(current.value);
    return rows;
  }

  /** Whether a row of an index value passes; rows after the first that does are not looked at. */
  some(index: string, value: string, test: (row: Row) => boolean): boolean {
    const bucket = this.bucket(index, value);
    return (
      bucket?.some((key) => {
        const row = this.get(key);
        return row !== undefined && test(row);
      }) === true
    );
  }

  /** Keys of present and remembered rows, by creation. */
  keys(): Iterable<string> {
    return this.#slots.keys();
  }

  /** Journal entries that some watcher may not have seen yet, oldest first. */
  get recent(): readonly JournalEntry<Row>[] {
    return this.#recent;
  }

  /** Writes one revision; undefined deletes. Deleting what is not there does nothing and answers undefined. */
  commit(key: string, value: Row | undefined, stamp: { readonly at: Moment; readonly cause: EventId }): JournalEntry<Row> | undefined {
    const slot = this.#slots.get(key);
    const before = slot?.current.value;
    if (value === undefined && before === undefined) return undefined;
    this.#writes += 1;
    const n = (slot?.current.n ?? this.#versions.get(key) ?? 0) + 1;
    const created = before === undefined || slot === undefined ? this.#writes : slot.current.created;
    const revision: Revision<Row> = { key, value, n, revision: this.#writes, created, at: stamp.at, cause: stamp.cause };
    const createdBefore = slot?.current.created ?? created;
    this.#replace(key, slot, revision);
    this.#live += (value === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    const hash = this.hashOf(key, n);
    const entry: JournalEntry<Row> = { key, before, after: value, revision: this.#writes, at: stamp.at, cause: stamp.cause, hash };
    const incarnations = { created, createdBefore };
    for (const index of this.#indexes) index.change(entry, incarnations);
    if (stamp.cause >= 0) this.#recent.push(entry);
    return entry;
  }

  /** Hash of one revision of one key: what its fate in a stream is drawn for. */
  hashOf(key: string, n: number): number {
    return mix(mix(this.#nameHash, hashString(key)), n);
  }

  #replace(key: string, slot: Slot<Row> | undefined, revision: Revision<Row>): void {
    if (slot === undefined) {
      this.#slots.set(key, { current: revision, past: undefined });
      return;
    }
    if (revision.cause >= 0) {
      if (slot.past === undefined) slot.past = [slot.current];
      else slot.past.push(slot.current);
    }
    const isReborn = slot.current.value === undefined;
    slot.current = revision;
    if (isReborn) {
      // Iteration is by creation: a re-created row goes to the end.
      this.#slots.delete(key);
      this.#slots.set(key, slot);
    }
  }

  /** Forgets what no watcher can still miss: everything written before `horizon`. */
  trim(horizon: Moment): void {
    let count = 0;
    for (const entry of this.#recent) {
      if (entry.at >= horizon) break;
      count += 1;
      this.#forget(entry, horizon);
    }
    if (count > 0) this.#recent.splice(0, count);
  }

  #forget(entry: JournalEntry<Row>, horizon: Moment): void {
    for (const index of this.#indexes) index.forget(entry, horizon);
    const slot = this.#slots.get(entry.key);
    if (slot === undefined) return;
    while (slot.past !== undefined && (slot.past[0]?.revision ?? Infinity) < entry.revision) {
      if (slot.past.length === 1) slot.past = undefined;
      else slot.past.shift();
    }
    if (slot.current.value === undefined && slot.current.revision === entry.revision) {
      this.#versions.set(entry.key, slot.current.n);
      this.#slots.delete(entry.key);
    }
  }

  snapshot(): TableSnapshot<Row> {
    return {
      slots: [...this.#slots].map(([key, slot]) => [key, slot.current, [...(slot.past ?? [])]]),
      recent: [...this.#recent],
      writes: this.#writes,
      versions: [...this.#versions],
    };
  }

  restore(snapshot: TableSnapshot<Row>): void {
    this.#slots = new Map(
      snapshot.slots.map(([key, current, past]) => [key, { current, past: past.length === 0 ? undefined : [...past] }]),
    );
    this.#recent = [...snapshot.recent];
    this.#writes = snapshot.writes;
    this.#versions = new Map(snapshot.versions);
    this.#live = 0;
    for (const index of this.#indexes) index.clear();
    for (const { current } of this.#slots.values()) {
      if (current.value === undefined) continue;
      this.#live += 1;
      for (const index of this.#indexes) index.enter(current.value, current.key, current.created);
    }
    for (const entry of this.#recent) for (const index of this.#indexes) index.remember(entry);
  }
}
