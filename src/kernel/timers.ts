/** One-shot timers and parked ones: arming, replacing, cancelling, waking, and what a snapshot keeps of them. */
import type { ActorId, Vocabulary } from './vocabulary.ts';
import type { Instance, Letter, Parked } from './instance.ts';
import type { Post, Stamp } from './mail.ts';
import { Parking, lastPhase, mustStayAwake, nextPhase } from './parking.ts';
import type { Sleeper } from './parking.ts';
import { hashString } from './random.ts';
import type { Partition } from './revision.ts';
import { startTie, timerTie } from './ties.ts';
import { TimerSet } from './timer-set.ts';
import type { Armed } from './timer-set.ts';
import type { Duration, Moment } from './time.ts';
import type { Effect } from './turn-recorder.ts';

interface Settings {
  readonly parking: 'on' | 'off';
  readonly longestLag: Duration;
  /** Whether a fault rule touches that actor's links. */
  readonly isTouched: (actor: ActorId) => boolean;
}

/** What a snapshot keeps of one actor. */
export interface KeptInstance<V extends Vocabulary> {
  readonly instance: Instance<V>;
  readonly back: (mode: 'recorded' | 'fast') => Instance<V>;
}

/** All timers of a simulation. */
export class Timers<V extends Vocabulary> {
  readonly #post: Post<V>;
  readonly #settings: Settings;
  readonly #parking = new Parking<V>();

  constructor(post: Post<V>, settings: Settings) {
    this.#post = post;
    this.#settings = settings;
  }

  /** Arms a one-shot timer, replacing one of the same id. */
  arm(owner: Instance<V>, effect: Extract<Effect<V>, { kind: 'timer' }>, stamp: Stamp): void {
    this.cancel(owner, effect.id);
    const due = (stamp.at + effect.delay) as Moment;
    const label = this.#post.trace.labelId(effect.label);
    owner.timers.set(
      effect.id,
      this.#push(owner, { id: effect.id, message: effect.message, due, parent: stamp.event, label, isParked: false }),
    );
  }

  /** Arms a parked timer, replacing one of the same id. */
  park(owner: Instance<V>, effect: Extract<Effect<V>, { kind: 'park' }>, stamp: Stamp): void {
    this.cancel(owner, effect.id);
    const { options } = effect;
    const parked: Parked<V> = {
      id: effect.id,
      message: effect.message,
      period: options.period,
      origin: (stamp.at + (options.first ?? options.period)) as Moment,
      inputs: options.inputs,
      label: this.#post.trace.labelId(options.label),
      armed: undefined,
      dueUntil: -1 as Moment,
      wokenBy: stamp.event,
    };
    owner.parked ??= new Map();
    owner.parked.set(effect.id, parked);
    this.#parking.enlist({ owner, parked });
    if (options.start !== 'quiet' || this.#settings.parking === 'off') this.#awaken({ owner, parked }, parked.origin);
  }

  /** Disarms a timer of either sort. */
  cancel(owner: Instance<V>, id: string): void {
    const armed = owner.timers.take(id);
    if (armed !== undefined) this.#unpost(armed);
    const parked = owner.parked?.get(id);
    if (parked === undefined) return;
    if (parked.armed !== undefined) this.#unpost(parked.armed);
    this.#parking.dismiss({ owner, parked });
    owner.parked?.delete(id);
  }

  /** Disarms everything of an actor that ends. */
  forgetAll(owner: Instance<V>): void {
    const once = owner.timers.entries().map(([id]) => id);
    for (const id of [...once, ...(owner.parked?.keys() ?? [])]) this.cancel(owner, id);
  }

  /** Last phase point of a parked timer; undefined if there is none yet, or no such timer. */
  lastPhase(owner: Instance<V> | undefined, id: string, now: Moment): Moment | undefined {
    const parked = owner?.parked?.get(id);
    return parked === undefined ? undefined : lastPhase(parked, now);
  }

  /** Whether a write to that table can wake anyone. */
  listensTo(table: string): boolean {
    return this.#parking.listensTo(table);
  }

  inputChanged(table: string, partitions: readonly Partition[], stamp: Stamp): void {
    for (const sleeper of this.#parking.ofWrite(table, partitions)) this.#rouse(sleeper, stamp);
  }

  lifeChanged(actor: ActorId, stamp: Stamp): void {
    for (const sleeper of this.#parking.ofActor(actor)) this.#rouse(sleeper, stamp);
  }

  linksChanged(stamp: Stamp): void {
    for (const { sleeper } of this.#parking.ofLinks()) this.#rouse(sleeper, stamp);
  }

  #rouse(sleeper: Sleeper<V>, stamp: Stamp): void {
    const { parked } = sleeper;
    parked.dueUntil = (stamp.at + this.#settings.longestLag) as Moment;
    parked.wokenBy = stamp.event;
    if (parked.armed === undefined) this.#awaken(sleeper, nextPhase(parked, stamp.at));
  }

  #awaken({ owner, parked }: Sleeper<V>, due: Moment): void {
    parked.armed = this.#push(owner, {
      id: parked.id,
      message: parked.message,
      due,
      parent: parked.wokenBy,
      label: parked.label,
      isParked: true,
    });
  }

  /** A timer came due: it is no longer armed. */
  fired(owner: Instance<V>, id: string, sort: 'once' | 'parked'): void {
    if (sort === 'once') owner.timers.take(id);
    else {
      const parked = owner.parked?.get(id);
      if (parked !== undefined) parked.armed = undefined;
    }
  }

  /**
   * What waited for a frozen actor comes now, in the order in which it came, whatever the ties. A timer among it is armed again: the
   * actor may still cancel or replace it before it is handed over.
   */
  again(waiting: readonly Letter<V>[], { at }: Stamp): void {
    const [first] = waiting;
    if (first === undefined) return;
    // One key for all: the sequence of pushing decides.
    const tie = this.#post.ties === 'fixed' ? startTie(first.to.hash) : this.#post.coin();
    for (const letter of waiting) {
      const { to, timer, isParked } = letter;
      const parked = isParked ? to.parked?.get(timer ?? '') : undefined;
      // A later phase point that was armed meanwhile is armed anew when this one has been heard.
      if (parked?.armed !== undefined) this.#unpost(parked.armed);
      const slot = this.#post.letters.put(letter);
      const armed = { handle: this.#post.queue.push(at, tie, slot), slot };
      if (parked !== undefined) parked.armed = armed;
      else if (timer !== undefined) to.timers.set(timer, armed);
    }
  }

  /** After a phase point: sleep on, or stay awake for the next. */
  settle(letter: Letter<V>, state: { readonly now: Moment; readonly didWork: boolean }): void {
    const owner = letter.to;
    const parked = owner.parked?.get(letter.timer ?? '');
    // The turn may have cancelled it, armed another in its place, or ended its owner.
    if (!owner.isAlive || parked === undefined || parked.armed !== undefined) return;
    const isTouched = parked.inputs.some((input) => 'links' in input && this.#settings.isTouched(input.links));
    const isAwake = mustStayAwake({ phase: state.now, dueUntil: parked.dueUntil, didWork: state.didWork, isTouched });
    if (isAwake || this.#settings.parking === 'off') this.#awaken({ owner, parked }, nextPhase(parked, state.now));
  }

  #push(
    owner: Instance<V>,
    timer: {
      readonly id: string;
      readonly message: V['message'];
      readonly due: Moment;
      readonly parent: number;
      readonly label: number;
      readonly isParked: boolean;
    },
  ): Armed {
    const hash = hashString(timer.id);
    const slot = this.#post.letters.put({
      to: owner,
      from: owner.id,
      message: timer.message,
      parent: timer.parent,
      linkTime: 0,
      holdLabel: timer.label,
      linkLabel: 0,
      linkHash: hash,
      timer: timer.id,
      isParked: timer.isParked,
    });
    const tie = this.#post.ties === 'fixed' ? timerTie(owner.hash, hash) : this.#post.coin();
    return { handle: this.#post.queue.push(timer.due, tie, slot), slot };
  }

  #unpost(armed: Armed): void {
    if (this.#post.queue.cancel(armed.handle)) this.#post.letters.drop(armed.slot);
  }

  /** Keeps an actor for a snapshot. */
  keep(instance: Instance<V>, mode: 'recorded' | 'fast'): KeptInstance<V> {
    const state = mode === 'fast' ? structuredClone(instance.state) : instance.state;
    const timers = instance.timers.entries();
    const held = instance.held === undefined ? undefined : [...instance.held];
    const parked = [...(instance.parked ?? [])].map(([id, timer]) => [id, { ...timer }] as const);
    return {
      instance,
      back: (into) => {
        instance.state = into === 'fast' ? structuredClone(state) : state;
        instance.isAlive = true;
        instance.timers = new TimerSet(timers);
        instance.held = held === undefined ? undefined : [...held];
        instance.parked = parked.length === 0 ? undefined : new Map(parked.map(([id, timer]) => [id, { ...timer }]));
        return instance;
      },
    };
  }

  /** Listens anew for the given actors (after a restore). */
  rebuild(instances: Iterable<Instance<V>>): void {
    const sleepers: Sleeper<V>[] = [];
    for (const owner of instances) for (const parked of owner.parked?.values() ?? []) sleepers.push({ owner, parked });
    this.#parking.rebuild(sleepers);
  }
}
