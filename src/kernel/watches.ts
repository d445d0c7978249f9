/**
 * Who follows which table, how late each change reaches whom, and which streams are frozen.
 *
 * A watch that wakes its owner costs one event per change that matters to it; one that collects, or an informer that is only read,
 * costs none. All three agree on the arrival of an entry, because all compute it from the same stateless draw.
 */
import type { WatchOptions } from './actor.ts';
import { LaggingView, StreamCursor } from './informer.ts';
import type { Stall } from './informer.ts';
import type { Instance } from './instance.ts';
import { hashString, mix } from './random.ts';
import type { Silences, StreamPlace } from './silences.ts';
import type { JournalEntry, Partition } from './revision.ts';
import type { Table } from './table.ts';
import type { Moment } from './time.ts';
import type { ActorId, Vocabulary } from './vocabulary.ts';
import { WatchList, modeOf } from './watch-list.ts';
import type { Watch } from './watch-list.ts';

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
  #byTable = new Map<string, WatchList<V>>();
  /** Tables that an actor watches: ending one that watches nothing costs one look. */
  #tablesOf = new Map<Instance<V>, Set<string>>();
  #stalls = new Map<string, Stall[]>();
  /** How far each reader has got in each stream; only saves looking at what arrived before. */
  #cursors = new Map<ActorId, Map<string, StreamCursor>>();
  readonly #lagOf: LagOf;
  readonly #silences: Silences;

  constructor(lagOf: LagOf, silences: Silences) {
    this.#lagOf = lagOf;
    this.#silences = silences;
  }

  /** A process that begins anew opens its streams anew: what was frozen for its forerunner flows. */
  begin(watcher: ActorId, now: Moment): void {
    if (this.#stalls.size === 0) return;
    for (const [id, stalls] of this.#stalls) {
      const last = stalls.at(-1);
      if (!id.startsWith(`${watcher}|`) || last === undefined || last.until !== undefined) continue;
      this.#stalls.set(id, [...stalls.slice(0, -1), { from: last.from, until: now }]);
    }
  }

  /** Starts a watch; the same owner, table, part and mode again replaces it. */
  add(owner: Instance<V>, table: string, options: WatchOptions): void {
    this.#adopt({ owner, table, options, lastArrival: 0, held: [], collected: [] });
  }

  #adopt(watch: Watch<V>): void {
    let list = this.#byTable.get(watch.table);
    if (list === undefined) this.#byTable.set(watch.table, (list = new WatchList<V>()));
    list.add(watch);
    const tables = this.#tablesOf.get(watch.owner) ?? new Set<string>();
    this.#tablesOf.set(watch.owner, tables.add(watch.table));
  }

  /** Ends all watches of an actor. */
  removeOwner(owner: Instance<V>): void {
    for (const table of this.#tablesOf.get(owner) ?? []) this.#byTable.get(table)?.remove((watch) => watch.owner === owner);
    this.#tablesOf.delete(owner);
    this.#cursors.delete(owner.id);
  }

  /** The place of a reader in a stream. */
  #cursor(watcher: ActorId, table: string, partition: Partition | undefined): StreamCursor {
    let cursors = this.#cursors.get(watcher);
    if (cursors === undefined) this.#cursors.set(watcher, (cursors = new Map<string, StreamCursor>()));
    const stream = partName(table, partition);
    let cursor = cursors.get(stream);
    if (cursor === undefined) cursors.set(stream, (cursor = new StreamCursor()));
    return cursor;
  }

  /** What a reader can see of a table, or a part of it, by now. */
  view(of: {
    readonly owner: Reader;
    readonly table: Table<unknown>;
    readonly partition: Partition | undefined;
    readonly now: Moment;
    readonly lag: 'none' | 'drawn';
  }): LaggingView<unknown> {
    const { owner, table, partition, now, lag } = of;
    const isUntroubled = this.#silences.isNone && (this.#stalls.size === 0 || !this.#stalls.has(stallId(owner.id, table.name)));
    return new LaggingView(table, {
      arrivalOf: (entry) =>
        this.#healedAt(owner, table, entry, partition) === undefined ? this.#arrivalOf(owner, table, entry, partition) : entry.at,
      isMissing: this.#silences.isNone
        ? undefined
        : (key, n, at) => (this.#healedAt(owner, table, { hash: table.hashOf(key, n), at }, partition) ?? 0) > now,
      partition,
      now,
      isExact: table.definition.lag === 'none' || (lag === 'none' && isUntroubled),
      cursor: this.#cursor(owner.id, table.name, partition),
    });
  }

  /** Takes note of a write and answers whom it wakes, and when. */
  offer(table: Table<unknown>, entry: JournalEntry<unknown>): readonly WakeUp<V>[] {
    if (!this.#silences.isNone) this.#noteChange(table, entry);
    const wakeUps: WakeUp<V>[] = [];
    for (const watch of this.#byTable.get(table.name)?.concernedBy(table, entry) ?? []) {
      const healed = this.#healedAt(watch.owner, table, entry, watch.options.partition);
      if (healed !== undefined) {
        const late = this.#route(watch, table, entry, healed as Moment);
        if (late !== undefined) wakeUps.push(late);
        continue;
      }
      const arrival = Math.max(watch.lastArrival, this.#arrivalOf(watch.owner, table, entry, watch.options.partition));
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
  setStall(change: {
    readonly watcher: ActorId;
    readonly table: Table<unknown>;
    readonly state: 'frozen' | 'flowing';
    readonly now: Moment;
  }): readonly WakeUp<V>[] {
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
    for (const watch of this.#byTable.get(table.name)?.all() ?? []) {
      if (watch.owner.id !== watcher) continue;
      for (const entry of watch.held.splice(0)) {
        watch.lastArrival = Math.max(watch.lastArrival, this.#arrivalOf(watch.owner, table, entry, watch.options.partition), now);
        const wakeUp = this.#route(watch, table, entry, watch.lastArrival as Moment);
        if (wakeUp !== undefined) wakeUps.push(wakeUp);
      }
    }
    return wakeUps;
  }

  /** When an entry reaches a watcher, order not considered [µs]; Infinity while its stream is frozen. */
  #arrivalOf(owner: Reader, table: Table<unknown>, entry: JournalEntry<unknown>, partition: Partition | undefined): number {
    if (table.definition.lag === 'none') return entry.at;
    // What was there before the watcher is in its first list.
    if (entry.at < owner.bornAt) return entry.at;
    let arrival = entry.at + this.#lagOf(owner.hash, entry.hash);
    if (!this.#silences.isNone) arrival = this.#silences.passes(placeOf(owner, table.name, partition), arrival);
    if (this.#stalls.size === 0) return arrival;
    for (const stall of this.#stalls.get(stallId(owner.id, table.name)) ?? []) {
      if (arrival >= stall.from && arrival < (stall.until ?? Infinity)) arrival = stall.until ?? Infinity;
    }
    return arrival;
  }

  /** When a watcher notices an entry that got lost on its way [µs]; undefined for one that did not. */
  #healedAt(
    owner: Reader,
    table: Table<unknown>,
    entry: Pick<JournalEntry<unknown>, 'hash' | 'at'>,
    partition: Partition | undefined,
  ): number | undefined {
    if (this.#silences.isNone || table.definition.lag === 'none' || entry.at < owner.bornAt) return undefined;
    return this.#silences.healedAt(placeOf(owner, table.name, partition), entry.hash, entry.at);
  }

  #noteChange(table: Table<unknown>, entry: JournalEntry<unknown>): void {
    this.#silences.note(table.name, entry.at);
    for (const part of table.partitionsOf(entry)) {
      if (table.definition.watchable?.includes(part.index) === true) this.#silences.note(partName(table.name, part), entry.at);
    }
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
    const watch = this.#byTable.get(table)?.collecting(watcher);
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
    const backToSilences = this.#silences.snapshot();
    const kept = [...this.#byTable.values()].flatMap((list) => list.all().map(copyOf));
    const stalls = [...this.#stalls];
    return () => {
      this.#byTable = new Map();
      this.#tablesOf = new Map();
      this.#cursors = new Map();
      for (const watch of kept) this.#adopt(copyOf(watch));
      this.#stalls = new Map(stalls);
      backToSilences();
    };
  }
}

function copyOf<V extends Vocabulary>(watch: Watch<V>): Watch<V> {
  return { ...watch, held: [...watch.held], collected: [...watch.collected] };
}

/** Who reads: an instance, as far as its streams are concerned. */
type Reader = Pick<Instance<Vocabulary>, 'id' | 'hash' | 'bornAt'>;

function placeOf(owner: Reader, table: string, partition: Partition | undefined): StreamPlace {
  const part = partName(table, partition);
  return { watcher: owner.id, bornAt: owner.bornAt, part, hash: mix(owner.hash, hashString(part)) };
}

function partName(table: string, partition: Partition | undefined): string {
  return partition === undefined ? table : `${table}|${partition.index}|${partition.value}`;
}

function stallId(watcher: ActorId, table: string): string {
  return `${watcher}|${table}`;
}

function isSignificant(table: Table<unknown>, entry: JournalEntry<unknown>, options: WatchOptions): boolean {
  if (options.projection === undefined || entry.before === undefined || entry.after === undefined) return true;
  const project = table.definition.projections?.[options.projection];
  if (project === undefined) throw new Error(`table ${table.name} has no projection ${options.projection}`);
  return project(entry.before) !== project(entry.after);
}
