/**
 * Stepping forth and back: the nearest snapshot before, plus replay.
 *
 * Undoing changes one by one would not bring back queues, index order or streams; replaying does, because a run is deterministic.
 */
import type { Snapshot, Simulation } from './simulation.ts';
import type { Moment } from './time.ts';
import type { ActorId, Vocabulary } from './vocabulary.ts';
import type { Delivery, StampedFact } from './world.ts';

/** What one step did. */
export interface Step<V extends Vocabulary> {
  readonly delivery: Delivery<V>;
  readonly facts: readonly StampedFact<V>[];
  /** Rows written, as `table key`, with what they were and are. */
  readonly writes: readonly { readonly table: string; readonly key: string; readonly before: unknown; readonly after: unknown }[];
}

/** Events between two snapshots: replaying that many is quicker than the eye. */
const SPACING = 512;

/** A run that can be walked in both directions. The simulation must be in recorded mode and at its start. */
export class History<V extends Vocabulary> {
  readonly #sim: Simulation<V>;
  readonly #snapshots: Snapshot[] = [];
  #facts: StampedFact<V>[] = [];
  #writes: Step<V>['writes'][number][] = [];
  #delivery: Delivery<V> | undefined;
  #last: Step<V> | undefined;

  constructor(sim: Simulation<V>) {
    this.#sim = sim;
    this.#snapshots.push(sim.snapshot());
    sim.observe({
      onFact: (fact) => {
        this.#facts.push(fact);
      },
      onWrite: (table, entry) => {
        this.#writes.push({ table, key: entry.key, before: entry.before, after: entry.after });
      },
      onDelivery: (delivery) => {
        this.#delivery = delivery;
      },
    });
  }

  /** Events delivered so far. */
  get position(): number {
    return this.#sim.events;
  }

  get now(): Moment {
    return this.#sim.now;
  }

  /** The step that led here; undefined at the start. */
  get last(): Step<V> | undefined {
    return this.#last;
  }

  /** Slice of a living actor. */
  stateOf(actor: ActorId): object | undefined {
    return this.#sim.stateOf(actor);
  }

  get actors(): readonly ActorId[] {
    return this.#sim.actors;
  }

  /** Delivers the next event; undefined when nothing is left before the horizon. Idle ticks, which leave no mark, are passed over. */
  next(): Step<V> | undefined {
    const delivery = this.#advance();
    if (delivery === undefined) return undefined;
    this.#last = { delivery, facts: this.#facts, writes: this.#writes };
    if (this.position % SPACING === 0 && (this.#snapshots.at(-1)?.event ?? 0) < this.position) this.#snapshots.push(this.#sim.snapshot());
    return this.#last;
  }

  #advance(): Delivery<V> | undefined {
    const horizon = this.#sim.options.horizon ?? Infinity;
    const before = this.position;
    this.#facts = [];
    this.#writes = [];
    while (this.position === before) if (this.#sim.nextAt > horizon || !this.#sim.step()) return undefined;
    return this.#delivery;
  }

  /** Goes one event back; false at the start. */
  back(): boolean {
    if (this.position === 0) return false;
    this.goTo(this.position - 1);
    return true;
  }

  /** Goes to the state after that many events, or to the end if there are fewer. */
  goTo(position: number): void {
    if (position < this.position) {
      const snapshot = this.#snapshots.findLast((kept) => kept.event <= position) ?? this.#snapshots[0];
      if (snapshot === undefined) throw new Error('a history has a snapshot of its start');
      this.#sim.restore(snapshot);
      this.#last = undefined;
    }
    while (this.position < position && this.next() !== undefined) continue;
  }

  /** Goes on to the first event at or after a moment; back first if that lies behind. */
  goToTime(moment: Moment): void {
    if (moment < this.now) {
      const snapshot = this.#snapshots.findLast((kept) => kept.at < moment) ?? this.#snapshots[0];
      this.goTo(snapshot?.event ?? 0);
    }
    while (this.#sim.nextAt < moment && this.next() !== undefined) continue;
    this.next();
  }

  /** Goes on to the next step that a test accepts; undefined if there is none. */
  find(test: (step: Step<V>) => boolean): Step<V> | undefined {
    for (let step = this.next(); step !== undefined; step = this.next()) if (test(step)) return step;
    return undefined;
  }
}
