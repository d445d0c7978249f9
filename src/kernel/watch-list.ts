/** Who follows which table, found by what a write touches: the whole table, or one value of one index. */
import type { WatchOptions } from './actor.ts';
import type { Instance } from './instance.ts';
import type { JournalEntry } from './revision.ts';
import type { Table } from './table.ts';
import type { ActorId, Vocabulary } from './vocabulary.ts';

/** A watch as the kernel keeps it. */
export interface Watch<V extends Vocabulary> {
  readonly owner: Instance<V>;
  readonly table: string;
  readonly options: WatchOptions;
  /** Arrival of the newest entry of this stream: order is kept by never going below it. */
  lastArrival: number;
  /** Entries a frozen stream holds back, oldest first. */
  held: JournalEntry<unknown>[];
  /** Of a collecting watch: changed keys and when they arrive. */
  collected: { readonly key: string; readonly arrival: number }[];
}

/** What a watch does with a change. */
export function modeOf(options: WatchOptions): 'wake' | 'collect' {
  return options.mode ?? 'wake';
}

/** All watches of one table. */
export class WatchList<V extends Vocabulary> {
  /** Watches of the whole table, by owner id. */
  #whole: Watch<V>[] = [];
  /** Watches of parts, by index and value. */
  readonly #parts = new Map<string, Map<string, Watch<V>[]>>();

  /** Adds a watch; one of the same owner, mode and part is replaced. */
  add(watch: Watch<V>): void {
    const list = this.#listOf(watch.options);
    const at = list.findIndex((other) => other.owner === watch.owner && modeOf(other.options) === modeOf(watch.options));
    if (at >= 0) list.splice(at, 1);
    list.push(watch);
    // Ids keep the order of watchers independent of who came first.
    list.sort((a, b) => (a.owner.id < b.owner.id ? -1 : a.owner.id > b.owner.id ? 1 : 0));
  }

  /** Removes the watches that a test accepts. */
  remove(test: (watch: Watch<V>) => boolean): void {
    this.#whole = this.#whole.filter((watch) => !test(watch));
    for (const values of this.#parts.values()) {
      for (const [value, list] of values) {
        const kept = list.filter((watch) => !test(watch));
        if (kept.length === 0) values.delete(value);
        else if (kept.length < list.length) values.set(value, kept);
      }
    }
  }

  /** Watches that a change concerns: costs what it touches, not how many watch. */
  concernedBy(table: Table<unknown>, entry: JournalEntry<unknown>): readonly Watch<V>[] {
    const found = [...this.#whole];
    for (const [index, values] of this.#parts) {
      const touched = new Set<string>();
      if (entry.before !== undefined) for (const value of table.valuesOf(index, entry.before, entry.key)) touched.add(value);
      if (entry.after !== undefined) for (const value of table.valuesOf(index, entry.after, entry.key)) touched.add(value);
      for (const value of touched) found.push(...(values.get(value) ?? []));
    }
    return found;
  }

  /** The collecting watch of an actor. */
  collecting(owner: ActorId): Watch<V> | undefined {
    const isIt = (watch: Watch<V>): boolean => watch.owner.id === owner && modeOf(watch.options) === 'collect';
    return this.#whole.find(isIt) ?? this.all().find(isIt);
  }

  /** All watches. */
  all(): readonly Watch<V>[] {
    const found = [...this.#whole];
    for (const values of this.#parts.values()) for (const list of values.values()) found.push(...list);
    return found;
  }

  #listOf(options: WatchOptions): Watch<V>[] {
    const { partition } = options;
    if (partition === undefined) return this.#whole;
    let values = this.#parts.get(partition.index);
    if (values === undefined) this.#parts.set(partition.index, (values = new Map<string, Watch<V>[]>()));
    let list = values.get(partition.value);
    if (list === undefined) values.set(partition.value, (list = []));
    return list;
  }
}
