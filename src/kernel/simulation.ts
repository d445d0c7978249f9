/**
 * The loop: pop the earliest event, give it to its actor, carry out what the turn recorded.
 *
 * Total order of events: (time, tie key, sequence), kept by `event-queue.ts`. The tie key is made from (class, actor id, timer or link
 * id), so simultaneous events come in an order that depends neither on when a timer was armed nor on who was registered first.
 */
import { createDraft, finishDraft } from 'immer';
import type { NewActor } from './actor.ts';
import type { ActorId, EventId, DrawableKnobName, KnobName, TableName, Vocabulary } from './vocabulary.ts';
import { ActorRefusal } from './actor.ts';
import { Carrier } from './carrier.ts';
import type { CarrierSnapshot } from './carrier.ts';
import { Fingerprint } from './fingerprint.ts';
import type { FingerprintState } from './fingerprint.ts';
import { LaggingView } from './informer.ts';
import type { Instance, Letter } from './instance.ts';
import { hashString } from './random.ts';
import type { Partition } from './revision.ts';
import type { Table } from './table.ts';
import { ORIGIN } from './time.ts';
import type { Moment } from './time.ts';
import type { Trace } from './trace.ts';
import { TurnRecorder } from './turn-recorder.ts';
import { SimulationError } from './world.ts';
import type { Delivery, Observer, Outcome, RunOptions, WorldDefinition } from './world.ts';

const DEFAULT_BUDGET = 50_000_000;
/** How often links and trace let go of what is past [events]. */
const HOUSEKEEPING = 4096;

/** A moment of a run to which it can go back. Valid for the simulation that took it. */
export interface Snapshot {
  readonly at: Moment;
  readonly event: number;
  readonly carrier: CarrierSnapshot;
  readonly fingerprint: FingerprintState;
}

/** One run of one world. */
export class Simulation<V extends Vocabulary> {
  readonly options: RunOptions;
  readonly #mode: 'recorded' | 'fast';
  readonly #carrier: Carrier<V>;
  readonly #turn: TurnRecorder<V>;
  readonly #observers: Observer<V>[] = [];
  #fingerprint = new Fingerprint();
  #now: Moment = ORIGIN;
  #retainFrom: (() => Moment) | undefined;

  constructor(world: WorldDefinition<V>, options: RunOptions) {
    this.options = options;
    this.#mode = options.mode ?? 'recorded';
    this.#carrier = new Carrier(world, options, this.#observers);
    this.#turn = new TurnRecorder(this.#carrier.sources, this.#mode === 'recorded' ? 'drafts' : 'none');
  }

  get now(): Moment {
    return this.#now;
  }

  /** Events delivered so far. */
  get events(): number {
    return this.#carrier.trace.length;
  }

  get fingerprint(): string {
    return this.#fingerprint.text;
  }

  get trace(): Trace {
    return this.#carrier.trace;
  }

  /** Moment of the next event; Infinity when there is none. */
  get nextAt(): number {
    return this.#carrier.nextAt;
  }

  /** Ids of the living actors, sorted. */
  get actors(): readonly ActorId[] {
    return this.#carrier.actorIds();
  }

  /** Slice of a living actor, to look at. */
  stateOf(actor: ActorId): object | undefined {
    return this.#carrier.instance(actor)?.state;
  }

  /** Authoritative table, to look at. */
  table<N extends TableName<V>>(name: N): Table<V['tables'][N]> {
    return this.#carrier.table(name);
  }

  /** Constant value of a knob of this world (for a distribution: its documented centre), to look at. */
  knob<N extends KnobName<V>>(name: N): V['knobs'][N] {
    return this.#carrier.sources.value(name);
  }

  /** The `n`-th draw of a knob for a subject, the same that actors get: it takes nothing from them. */
  drawAt<N extends DrawableKnobName<V>>(name: N, subject: string, n: number): V['knobs'][N] {
    return this.#carrier.sources.drawAt(name, subject, n);
  }

  /**
   * When the oldest change of a table, or a part of it, was written that a living watcher cannot see yet: how late its stream is.
   * Undefined when it sees all, or what is missing got lost on its way.
   */
  unseenSince(watcher: ActorId, name: TableName<V>, partition?: Partition): Moment | undefined {
    const { sources } = this.#carrier;
    const view = sources.isAlive(watcher) ? sources.informer(watcher, name, partition) : undefined;
    return view instanceof LaggingView ? view.unseenSince : undefined;
  }

  /** Adds someone who looks on. */
  observe(observer: Observer<V>): void {
    this.#observers.push(observer);
  }

  /** Lets the trace forget events before the moment that `from` answers (asked now and then). Without it nothing is forgotten. */
  retainTrace(from: () => Moment): void {
    this.#retainFrom = from;
  }

  /** Puts an actor into the world before it starts; `start` is its first message. */
  add(actor: NewActor, start?: V['message']): void {
    this.#carrier.bringToLife(actor, start, { event: -1, at: this.#now });
  }

  /** Fills a table before the world starts: every watcher has long seen it. */
  fill<N extends TableName<V>>(name: N, key: string, row: V['tables'][N]): void {
    this.#carrier.fill(name, key, row);
  }

  /** Delivers events until the horizon, the budget, `until`, or until nothing is left. */
  run(until: { readonly at?: Moment; readonly events?: number } = {}): Outcome {
    const horizon = Math.min(this.options.horizon ?? Infinity, until.at ?? Infinity);
    const budget = this.options.budget ?? DEFAULT_BUDGET;
    const stopAt = until.events ?? Infinity;
    for (;;) {
      if (this.events >= stopAt) return this.#outcome('paused');
      const next = this.#carrier.nextAt;
      if (next === Infinity) return this.#outcome('quiescent');
      if (next > horizon) {
        this.#now = horizon as Moment;
        return this.#outcome(until.at !== undefined && horizon < (this.options.horizon ?? Infinity) ? 'paused' : 'horizon');
      }
      if (this.events >= budget) return this.#outcome('budget');
      this.step();
    }
  }

  /** Delivers one event (or finds its receiver gone); false when nothing is left. The horizon is not asked. */
  step(): boolean {
    const letter = this.#carrier.pop();
    if (letter === undefined) return false;
    this.#now = this.#carrier.poppedAt;
    if (letter.to.isAlive && letter.to.held !== undefined) {
      this.#carrier.freezer.hold(letter);
      return true;
    }
    if (!letter.to.isAlive) {
      // Whom it was for has ended meanwhile: nothing is delivered, so it is no event.
      this.#reportLoss(letter);
      return true;
    }
    const event = this.trace.note({
      at: this.#now,
      parent: letter.parent,
      linkTime: letter.linkTime,
      holdLabel: letter.holdLabel,
      linkLabel: letter.linkLabel,
    });
    this.#deliver(letter, event);
    if (event % HOUSEKEEPING === 0) this.#tidyUp();
    return true;
  }

  #deliver(letter: Letter<V>, event: EventId): void {
    const { to, message } = letter;
    this.#turn.begin({ now: this.#now, event, self: to.id, from: letter.from });
    const before = to.state;
    try {
      this.#handle(to, message);
      if (letter.isParked && this.#carrier.isIdle(this.#turn)) {
        if (this.#mode === 'recorded' && to.state !== before) throw new Error(`idle tick ${letter.timer ?? ''} changed its slice`);
        this.trace.retract(event);
        this.#carrier.settleParked(letter, { now: this.#now, didWork: false });
        return;
      }
      this.#fingerprint.add(this.#now, to.hash, hashString(message.type), letter.linkHash);
      if (this.options.fingerprint === 'deep') this.#fingerprint.addPayload(message);
      if (this.#turn.enablers.length > 0) this.trace.enable(event, this.#turn.enablers);
      this.#carrier.carryOut(this.#turn, to);
      if (letter.isParked) this.#carrier.settleParked(letter, { now: this.#now, didWork: true });
    } catch (error) {
      throw this.#failure(error, { event, actor: to.id, type: message.type });
    }
    this.#report({
      event,
      at: this.#now,
      actor: to.id,
      kind: to.definition.kind,
      from: letter.from,
      message,
      trigger: letter.parent,
      before,
      after: to.state,
    });
  }

  #handle(to: Instance<V>, message: V['message']): void {
    const handler = to.definition.handlers[message.type] as
      ((state: object, message: V['message'], turn: TurnRecorder<V>) => void) | undefined;
    if (handler === undefined) throw new ActorRefusal(to.id, message.type);
    if (this.#mode === 'fast') {
      handler(to.state, message, this.#turn);
      return;
    }
    const draft = createDraft(to.state);
    handler(draft, message, this.#turn);
    to.state = finishDraft(draft);
  }

  #reportLoss(letter: Letter<V>): void {
    const loss = { at: this.#now, from: letter.from, to: letter.to.id, type: letter.message.type, why: 'absent' } as const;
    for (const observer of this.#observers) observer.onLoss?.(loss);
  }

  #report(delivery: Delivery<V>): void {
    for (const observer of this.#observers) observer.onDelivery?.(delivery);
  }

  #failure(error: unknown, place: { readonly event: EventId; readonly actor: ActorId; readonly type: string }): Error {
    if (error instanceof SimulationError) return error;
    const text = error instanceof Error ? error.message : String(error);
    return new SimulationError(
      { seed: this.options.seed, event: place.event, at: this.#now, actor: place.actor, message: `${text} while handling ${place.type}` },
      error,
    );
  }

  #tidyUp(): void {
    this.#carrier.sweep(this.#now);
    if (this.#retainFrom !== undefined) this.trace.forget(this.#retainFrom());
  }

  #outcome(ended: Outcome['ended']): Outcome {
    return { ended, at: this.#now, events: this.events, fingerprint: this.fingerprint, armedTimers: this.#carrier.armedTimers() };
  }

  /** Keeps the present moment. In fast mode slices are copied, in recorded mode shared. */
  snapshot(): Snapshot {
    return { at: this.#now, event: this.events, carrier: this.#carrier.snapshot(this.#mode), fingerprint: this.#fingerprint.snapshot() };
  }

  /** Goes back to a moment kept before. Observers are not told: they must look anew. */
  restore(snapshot: Snapshot): void {
    this.#now = snapshot.at;
    this.#carrier.restore(snapshot.carrier);
    this.#fingerprint = new Fingerprint();
    this.#fingerprint.restore(snapshot.fingerprint);
  }
}
