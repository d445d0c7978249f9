/**
 * Who follows which table, how late each change reaches whom, and which streams are frozen.
 *
 * A watch that wakes its owner costs one event per change that matters to it; one that collects, or an informer that is only read,
 * costs none. All three agree on the arrival of an entry, because all compute it from the same stateless draw.
 */
import type { WatchOptions } from './actor.ts';
import type { ActorId, Vocabulary } from './vocabulary.ts';
import type { Instance } from './instance.ts';
import type { Stall } from './informer.ts';
import { hashString, mix } from './random.ts';
import type { Table } from './table.ts';
import type { JournalEntry } from './revision.ts';
import type { Moment } from './time.ts';

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

/** A change that shall wake somebody. */
export interface WakeUp<V extends Vocabulary> {
  readonly watch: Watch<V>;
  readonly entry: JournalEntry<unknown>;
  readonly arrival: Moment;
}

/** Lag of one entry for one watcher [µs]: (watcher hash, entry hash) to a draw. */
export type LagOf = (watcher: number, entry: number) => number;

/** All watches and stalls of a simulation. */
export class Watches<V extends Vocabulary> {
  #byTable = new Map<string, Watch<V>[]>();
  #stalls = new Map<string, Stall[]>();
  readonly #lagOf: LagOf;

  constructor(lagOf: LagOf) {
    this.#lagOf = lagOf;
  }

  /** Starts a watch; the same owner, table and mode again replaces it. */
  add(owner: Instance<V>, table: string, options: WatchOptions): void {
    const others = (this.#byTable.get(table) ?? []).filter((watch) => watch.owner !== owner || modeOf(watch.options) !== modeOf(options));
    others.push({ owner, table, options, lastArrival: 0, held: [], collected: [] });
    // The order of watchers decides nothing that is drawn, but ids keep it independent of who came first.
    others.sort((a, b) => (a.owner.id < b.owner.id ? -1 : a.owner.id > b.owner.id ? 1 : 0));
    this.#byTable.set(table, others);
  }

  /** Ends all watches of an actor. */
  removeOwner(owner: Instance<V>): void {
    for (const [table, watches] of this.#byTable) {
      if (watches.some((watch) => watch.owner === owner)) {
        this.#byTable.set(
          table,
          watches.filter((watch) => watch.owner !== owner),
        );
      }
    }
  }

  /** Takes note of a write and answers whom it wakes, and when. */
  offer(table: Table<unknown>, entry: JournalEntry<unknown>): readonly WakeUp<V>[] {
    const wakeUps: WakeUp<V>[] = [];
    for (const watch of this.#byTable.get(table.name) ?? []) {
      if (!isInPartition(table, entry, watch.options)) continue;
      const arrival = Math.max(watch.lastArrival, this.arrivalOf(watch.owner.id, table, entry));
      if (arrival === Infinity) {
        watch.held.push(entry);
        continue;
      }
      watch.lastArrival = arrival;
      const wakeUp = this.#route(watch, table, entry, arrival as Moment);
      if (wakeUp !== undefined) wakeUps.push(wakeUp);
    }
    return wakeUps;
  }

  /** Freezes or thaws a stream; thawing answers whom it wakes now. */
  setStall(change: { readonly watcher: ActorId; readonly table: Table<unknown>; readonly state: 'frozen' | 'flowing'; readonly now: Moment }): readonly WakeUp<V>[] {
    const { watcher, table, state, now } = change;
    const id = stallId(watcher, table.name);
    const stalls = this.#stalls.get(id) ?? [];
    const last = stalls.at(-1);
    const isOpen = last !== undefined && last.until === undefined;
    if (state === 'frozen') {
      if (!isOpen) this.#stalls.set(id, [...stalls, { from: now, until: undefined }]);
      return [];
    }
    if (!isOpen) return [];
    this.#stalls.set(id, [...stalls.slice(0, -1), { from: last.from, until: now }]);
    const wakeUps: WakeUp<V>[] = [];
    for (const watch of this.#byTable.get(table.name) ?? []) {
      if (watch.owner.id !== watcher) continue;
      for (const entry of watch.held.splice(0)) {
        watch.lastArrival = Math.max(watch.lastArrival, this.arrivalOf(watcher, table, entry), now);
        const wakeUp = this.#route(watch, table, entry, watch.lastArrival as Moment);
        if (wakeUp !== undefined) wakeUps.push(wakeUp);
      }
    }
    return wakeUps;
  }

  /** When an entry reaches a watcher, order not considered [µs]; Infinity while its stream is frozen. */
  arrivalOf(watcher: ActorId, table: Table<unknown>, entry: JournalEntry<unknown>): number {
    const lag = table.definition.lag === 'none' ? 0 : this.#lagOf(hashString(watcher), entry.hash);
    let arrival = entry.at + lag;
    for (const stall of this.#stalls.get(stallId(watcher, table.name)) ?? []) {
      if (arrival >= stall.from && arrival < (stall.until ?? Infinity)) arrival = stall.until ?? Infinity;
    }
    return arrival;
  }

  /** Whether that watcher's stream ever stood still. */
  hasStalled(watcher: ActorId, table: string): boolean {
    return this.#stalls.has(stallId(watcher, table));
  }

  /** Start of the oldest stall that still lasts, or undefined: the memory of tables must reach back to it. */
  oldestStall(): Moment | undefined {
    let oldest: Moment | undefined;
    for (const stalls of this.#stalls.values()) {
      const last = stalls.at(-1);
      if (last?.until === undefined && last !== undefined && (oldest === undefined || last.from < oldest)) oldest = last.from;
    }
    return oldest;
  }

  /** Keys that a collecting watch has received by now. */
  drain(watcher: ActorId, table: string, now: Moment): readonly string[] {
    const watch = this.#byTable.get(table)?.find((other) => other.owner.id === watcher && modeOf(other.options) === 'collect');
    if (watch === undefined) throw new Error(`${watcher} drains ${table} without collecting it`);
    const arrived = watch.collected.filter((item) => item.arrival <= now);
    if (arrived.length === 0) return [];
    watch.collected = watch.collected.filter((item) => item.arrival > now);
    return [...new Set(arrived.map((item) => item.key))];
  }

  #route(watch: Watch<V>, table: Table<unknown>, entry: JournalEntry<unknown>, arrival: Moment): WakeUp<V> | undefined {
    if (!isSignificant(table, entry, watch.options)) return undefined;
    if (modeOf(watch.options) === 'wake') return { watch, entry, arrival };
    watch.collected.push({ key: entry.key, arrival });
    return undefined;
  }

  snapshot(): () => void {
    const byTable = [...this.#byTable].map(([table, watches]) => [table, watches.map(copyOf)] as const);
    const stalls = [...this.#stalls];
    return () => {
      this.#byTable = new Map(byTable.map(([table, watches]) => [table, watches.map(copyOf)]));
      this.#stalls = new Map(stalls);
    };
  }
}

function copyOf<V extends Vocabulary>(watch: Watch<V>): Watch<V> {
  return { ...watch, held: [...watch.held], collected: [...watch.collected] };
}

function modeOf(options: WatchOptions): 'wake' | 'collect' {
  return options.mode ?? 'wake';
}

function stallId(watcher: ActorId, table: string): string {
  return `${watcher}|${table}`;
}

function isInPartition(table: Table<unknown>, entry: JournalEntry<unknown>, options: WatchOptions): boolean {
  const { partition } = options;
  if (partition === undefined) return true;
  const was = entry.before !== undefined && table.valuesOf(partition.index, entry.before, entry.key).includes(partition.value);
  return was || (entry.after !== undefined && table.valuesOf(partition.index, entry.after, entry.key).includes(partition.value));
}

function isSignificant(table: Table<unknown>, entry: JournalEntry<unknown>, options: WatchOptions): boolean {
  if (options.projection === undefined || entry.before === undefined || entry.after === undefined) return true;
  const project = table.definition.projections?.[options.projection];
  if (project === undefined) throw new Error(`table ${table.name} has no projection ${options.projection}`);
  return project(entry.before) !== project(entry.after);
}

/** Hash for which the lag of (watcher, entry) is drawn. */
export function lagSubject(watcher: number, entry: number): number {
  return mix(watcher, entry);
}
