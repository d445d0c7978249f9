/**
 * What every part of a report is made of: a watcher that sees facts and writes as they happen and keeps little of them.
 *
 * Watchers read the authoritative tables (what the API server, ARM and Entra hold), never the slices of actors.
 */
import type { JournalEntry } from '../kernel/revision.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { Moment } from '../kernel/time.ts';
import type { ActorId, EventId } from '../kernel/vocabulary.ts';
import type { StampedFact } from '../kernel/world.ts';
import type { Fact, FactOf, FactType } from '../model/facts/index.ts';
import type { TableName, Tables } from '../model/tables.ts';
import type { Identity } from '../model/vocabulary.ts';
import type { PlaceInRun } from './document/index.ts';

/** The run a watcher looks at: its clock, trace, authoritative tables, knobs and draws, and how late the watches of its actors are. */
export type Run = Pick<Simulation<Identity>, 'now' | 'events' | 'trace' | 'table' | 'knob' | 'drawAt' | 'unseenSince'>;

/** A fact with its place. */
export type Stamped = StampedFact<Identity>;

/** A write of a row, told apart by its table. */
export type Write = {
  readonly [N in TableName]: { readonly table: N; readonly entry: JournalEntry<Tables[N]>; readonly actor: ActorId };
}[TableName];

/** Someone who sees facts and writes in the order in which they happen. */
export interface Watcher {
  onFact?(stamped: Stamped): void;
  onWrite?(write: Write): void;
  /** An event that stated facts or wrote rows is over: all its writes are in the tables. */
  onSettled?(at: Moment, event: EventId): void;
}

/** A write of one table. */
export type WriteOf<N extends TableName> = Extract<Write, { readonly table: N }>;

/** What to do with the facts one cares for; every other fact is passed over. */
export type FactHandlers<R> = { readonly [T in FactType]?: (fact: FactOf<T>, stamped: Stamped) => R };

/** What to do with writes of the tables one cares for; every other write is passed over. */
export type WriteHandlers<R> = { readonly [N in TableName]?: (write: WriteOf<N>) => R };

/** Gives a fact to its handler; undefined if there is none. */
export function handleFact<R>(handlers: FactHandlers<R>, stamped: Stamped): R | undefined {
  const handler = handlers[stamped.fact.type] as ((fact: Fact, stamped: Stamped) => R) | undefined;
  return handler?.(stamped.fact, stamped);
}

/** Gives a write to its handler; undefined if there is none. */
export function handleWrite<R>(handlers: WriteHandlers<R>, write: Write): R | undefined {
  const handler = handlers[write.table] as ((write: Write) => R) | undefined;
  return handler?.(write);
}

/** Place of a fact in the run, and the pod it concerns. */
export function placeOf(stamped: Stamped, pod: string): PlaceInRun {
  return { event: stamped.event, atUs: stamped.at, pod };
}

/** Place of a write in the run, and the pod it concerns. */
export function placeOfWrite(write: Write, pod: string): PlaceInRun {
  return { event: write.entry.cause, atUs: write.entry.at, pod };
}

/** Pod of a MIC process, whether it is named by its pod or by its actor (`mic/<namespace>/<pod>`). */
export function podOfReplica(replica: string): string {
  return replica.startsWith('mic/') ? replica.slice('mic/'.length) : replica;
}

/** `a` before `b` by code units: for sorting names. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A counter by key. */
export class Tally<K> {
  readonly #counts = new Map<K, number>();
  #total = 0;

  add(key: K, by = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
    this.#total += by;
  }

  get(key: K): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Sum over all keys. */
  get total(): number {
    return this.#total;
  }

  /** Number of different keys. */
  get size(): number {
    return this.#counts.size;
  }

  /** Keys with their counts, in order of first appearance. */
  entries(): readonly (readonly [K, number])[] {
    return [...this.#counts];
  }
}
