/** Rows as tables keep them: revisions, what the journal says of a change, and how a table is read and declared. */
import type { Moment } from './time.ts';
import type { EventId } from './vocabulary.ts';

/** A part of a table: the rows whose index of that name has that value. */
export interface Partition {
  readonly index: string;
  readonly value: string;
}

/** How a row maps to the value (or values) of an index; undefined: not in it. */
export type IndexOf<Row> = (row: Row, key: string) => string | readonly string[] | undefined;

/** What a domain says about one of its tables. */
export interface TableDefinition<Row> {
  readonly indexes?: Readonly<Record<string, IndexOf<Row>>>;
  /** Indexes by which watches may be limited. */
  readonly watchable?: readonly string[];
  /** Named extracts of a row: a watch may ask to be woken only when one changes. */
  readonly projections?: Readonly<Record<string, (row: Row) => string>>;
  /** Whether watches of this table lag (by the world's watch-lag knob) or are exact, as an actor's own table. */
  readonly lag: 'watch' | 'none';
}

/** One revision of one row. `value` is undefined where the row was deleted. */
export interface Revision<Row> {
  readonly key: string;
  readonly value: Row | undefined;
  /** Count of this key's revisions, from 1; goes on over deletion and re-creation while the key is remembered. */
  readonly n: number;
  /** Number of the write in its table, from 1. */
  readonly revision: number;
  /** Number of the write that created this incarnation of the key. */
  readonly created: number;
  readonly at: Moment;
  /** The event that wrote it; -1 for what the world started with. */
  readonly cause: EventId;
}

/** One entry of the journal: a row before and after. */
export interface JournalEntry<Row> {
  readonly key: string;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  readonly revision: number;
  readonly at: Moment;
  readonly cause: EventId;
  /** Hash of (table, key, n): what the lag of this entry is drawn for. */
  readonly hash: number;
}

/** What an actor reads and stages during its turn. */
export interface TableView<Row> {
  get(key: string): Row | undefined;
  /** The committed revision of a row (not this turn's staged one). */
  revision(key: string): Revision<Row> | undefined;
  /** Rows whose index has that value, by creation. */
  by(index: string, value: string): readonly Row[];
  /** Whether some row with that value passes; no row is looked at after the first that does. */
  some(index: string, value: string, test: (row: Row) => boolean): boolean;
  /** How many rows have that value, without listing them; staged writes not counted. */
  count(index: string, value: string): number;
  /** One of the rows with that value, found without listing them: `chance`, in [0, 1), is asked if there are any. Undefined if not. */
  pick(index: string, value: string, chance: () => number): Row | undefined;
  /** All rows, by creation. Proportional to the table: for reports and starts, not for events. */
  all(): readonly Row[];
  /** Number of committed rows. */
  readonly size: number;
  put(key: string, row: Row): void;
  delete(key: string): void;
}
