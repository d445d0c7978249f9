/**
 * Informers as views: what a watcher of a table can see at a moment, computed from the table's short memory, without a copy and
 * without an event.
 *
 * Entry i of a stream arrives at max over j <= i of (written at j + lag of j), as over one ordered connection. The lag of an entry is a
 * stateless draw for (watcher, key, version), so what one watcher reads, or whether it reads at all, moves nothing for another.
 * A frozen stream (a stall) holds back what would have arrived during the stall until it flows again.
 */
import type { Table } from './table.ts';
import type { JournalEntry, Partition, Revision } from './revision.ts';
import type { Moment } from './time.ts';
import type { EventId } from './vocabulary.ts';

/** A revision as a watcher sees it. */
export interface Seen<Row> extends Revision<Row> {
  readonly value: Row;
  /** When it reached the watcher. */
  readonly arrivedAt: Moment;
}

/** A watcher's view of a table. */
export interface Informer<Row> {
  get(key: string): Row | undefined;
  /** The revision the watcher sees, with its arrival, to be cited. */
  revision(key: string): Seen<Row> | undefined;
  /** Rows whose index has that value as far as the watcher knows, by creation. */
  by(index: string, value: string): readonly Row[];
  /** Like `by`, with arrivals. */
  revisionsBy(index: string, value: string): readonly Seen<Row>[];
  /** All rows the watcher sees, by creation. Proportional to the table: for starts, not for events. */
  all(): readonly Row[];
}

/** A time during which a stream delivered nothing; `until` is undefined while it lasts. */
export interface Stall {
  readonly from: Moment;
  readonly until: Moment | undefined;
}

/** What the kernel knows of one watcher's stream: the lag of each entry, and its stalls. */
export interface Stream<Row> {
  /** Arrival of one entry, order not yet considered; Infinity while held back by a stall. */
  readonly arrivalOf: (entry: JournalEntry<Row>) => number;
  /** The part of the table that the watch is limited to; undefined: the whole table. */
  readonly partition: Partition | undefined;
  readonly now: Moment;
  /** Whether a revision that should be here is not, because it got lost; undefined: none ever does. */
  readonly isMissing: ((key: string, n: number, at: Moment) => boolean) | undefined;
  /** Whether every entry arrives as it is written: nothing to compute. */
  readonly isExact: boolean;
  /** The reader's place in the stream. */
  readonly cursor: StreamCursor;
}

/**
 * How far a reader has got in its stream. What has arrived stays arrived, so each entry is looked at until it has, and then never again.
 * Must be thrown away when time goes back.
 */
export class StreamCursor {
  /** Revision of the newest entry known to have arrived. */
  #reached = 0;

  /** Number of the newest revision that has reached the reader by the stream's moment: Infinity when nothing is under way. */
  advance<Row>(recent: readonly JournalEntry<Row>[], stream: Stream<Row>): number {
    for (let at = firstAfter(recent, this.#reached); at < recent.length; at += 1) {
      const entry = recent[at];
      if (entry === undefined) break;
      if (stream.arrivalOf(entry) > stream.now) return entry.revision - 1;
      this.#reached = entry.revision;
    }
    return Infinity;
  }
}

function firstAfter<Row>(recent: readonly JournalEntry<Row>[], revision: number): number {
  let low = 0;
  let high = recent.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((recent[middle]?.revision ?? Infinity) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A revision with its arrival, which is only worked out when somebody asks. */
class SeenRevision<Row> implements Seen<Row> {
  readonly key: string;
  readonly value: Row;
  readonly n: number;
  readonly revision: number;
  readonly created: number;
  readonly at: Moment;
  readonly cause: EventId;
  readonly #arrival: () => Moment;

  constructor(revision: Present<Row>, arrival: () => Moment) {
    this.key = revision.key;
    this.value = revision.value;
    this.n = revision.n;
    this.revision = revision.revision;
    this.created = revision.created;
    this.at = revision.at;
    this.cause = revision.cause;
    this.#arrival = arrival;
  }

  get arrivedAt(): Moment {
    return this.#arrival();
  }
}

/** A view bound to a moment; made anew for each turn that asks. */
export class LaggingView<Row> implements Informer<Row> {
  readonly #table: Table<Row>;
  readonly #stream: Stream<Row>;
  readonly #recent: readonly JournalEntry<Row>[];
  readonly #limit: number;

  constructor(table: Table<Row>, stream: Stream<Row>) {
    this.#table = table;
    this.#stream = stream;
    const { partition } = stream;
    this.#recent = partition === undefined ? table.recent : (table.bucket(partition.index, partition.value)?.recent ?? []);
    this.#limit = stream.isExact ? Infinity : stream.cursor.advance(this.#recent, stream);
  }

  /** When the oldest change was written that has not arrived; undefined when nothing is under way. */
  get unseenSince(): Moment | undefined {
    return this.#limit === Infinity ? undefined : this.#recent[firstAfter(this.#recent, this.#limit)]?.at;
  }

  get(key: string): Row | undefined {
    return this.#visible(key)?.value;
  }

  revision(key: string): Seen<Row> | undefined {
    const revision = this.#visible(key);
    return revision !== undefined && isPresent(revision) ? this.#seen(revision) : undefined;
  }

  by(index: string, value: string): readonly Row[] {
    return this.#members(index, value).map((revision) => revision.value);
  }

  revisionsBy(index: string, value: string): readonly Seen<Row>[] {
    return this.#members(index, value).map((revision) => this.#seen(revision));
  }

  all(): readonly Row[] {
    const found: Present<Row>[] = [];
    for (const key of this.#table.keys()) {
      const revision = this.#visible(key);
      if (revision !== undefined && isPresent(revision)) found.push(revision);
    }
    return found.sort((a, b) => a.created - b.created).map((revision) => revision.value);
  }

  #members(index: string, value: string): Present<Row>[] {
    const found: Present<Row>[] = [];
    for (const key of this.#table.bucket(index, value)?.candidates() ?? []) {
      const revision = this.#visible(key);
      if (revision === undefined || !isPresent(revision)) continue;
      if (this.#table.isIn(index, value, { row: revision.value, key })) found.push(revision);
    }
    return found.sort((a, b) => a.created - b.created);
  }

  #seen(revision: Present<Row>): Seen<Row> {
    return new SeenRevision(revision, () => this.#arrival(revision));
  }

  #visible(key: string): Revision<Row> | undefined {
    const { partition, isMissing } = this.#stream;
    let revision = this.#table.asOf(key, this.#limit);
    while (isMissing !== undefined && revision !== undefined && revision.cause >= 0 && isMissing(key, revision.n, revision.at))
      revision = this.#table.asOf(key, revision.revision - 1);
    if (partition === undefined || revision?.value === undefined) return revision;
    return this.#table.isIn(partition.index, partition.value, { row: revision.value, key }) ? revision : undefined;
  }

  #arrival(revision: Revision<Row>): Moment {
    if (this.#stream.isExact) return revision.at;
    let latest: number = revision.at;
    for (const entry of this.#recent) {
      if (entry.revision > revision.revision) break;
      latest = Math.max(latest, this.#stream.arrivalOf(entry));
    }
    return latest as Moment;
  }
}

type Present<Row> = Revision<Row> & { readonly value: Row };

function isPresent<Row>(revision: Revision<Row>): revision is Present<Row> {
  return revision.value !== undefined;
}
