/**
 * The turn as the kernel offers it: reads go through, effects are only written down, in order.
 *
 * One recorder serves all turns of a simulation, so a turn allocates little. In recorded mode everything that leaves is searched for
 * drafts: what an actor says must not be a piece of its slice.
 */
import { isDraft, isDraftable } from 'immer';
import type { NewActor, ParkOptions, SendOptions, TimerOptions, Turn, WatchOptions } from './actor.ts';
import type { ActorId, DrawableKnobName, Enabler, EventId, KnobName, TableName, Vocabulary } from './vocabulary.ts';
import type { Informer } from './informer.ts';
import type { FaultRule } from './network.ts';
import type { Partition, TableView } from './revision.ts';
import { ORIGIN } from './time.ts';
import type { Duration, Moment } from './time.ts';

/** What a turn wants done. */
export type Effect<V extends Vocabulary> =
  | { readonly kind: 'send'; readonly to: ActorId; readonly message: V['message']; readonly options: SendOptions<V> | undefined }
  | { readonly kind: 'timer'; readonly id: string; readonly delay: Duration; readonly message: V['message']; readonly label: string }
  | { readonly kind: 'park'; readonly id: string; readonly message: V['message']; readonly options: ParkOptions<V> }
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'worked' }
  | { readonly kind: 'fact'; readonly fact: V['fact'] }
  | { readonly kind: 'spawn'; readonly actor: NewActor; readonly start: V['message'] | undefined }
  | { readonly kind: 'stop'; readonly id: ActorId }
  | { readonly kind: 'inject'; readonly rule: FaultRule<V['message']> }
  | { readonly kind: 'restore'; readonly rule: string }
  | { readonly kind: 'freeze'; readonly id: ActorId; readonly state: 'frozen' | 'running' }
  | { readonly kind: 'stall'; readonly watcher: ActorId; readonly table: TableName<V>; readonly state: 'frozen' | 'flowing' }
  | { readonly kind: 'watch'; readonly table: TableName<V>; readonly options: WatchOptions };

/** What the recorder reads from. */
export interface TurnSources<V extends Vocabulary> {
  value<N extends KnobName<V>>(name: N): V['knobs'][N];
  draw<N extends DrawableKnobName<V>>(name: N, subject: string): V['knobs'][N];
  drawAt<N extends DrawableKnobName<V>>(name: N, subject: string, n: number): V['knobs'][N];
  uniform(stream: string, subject: string): number;
  view<N extends TableName<V>>(name: N): TableView<V['tables'][N]>;
  informer<N extends TableName<V>>(watcher: ActorId, name: N, partition: Partition | undefined): Informer<V['tables'][N]>;
  drain(watcher: ActorId, name: TableName<V>): readonly string[];
  isAlive(id: ActorId): boolean;
  isTouched(id: ActorId): boolean;
  lastPhase(owner: ActorId, id: string): Moment | undefined;
}

/** Writes down what one turn does. */
export class TurnRecorder<V extends Vocabulary> implements Turn<V> {
  now: Moment = ORIGIN;
  event: EventId = -1;
  self: ActorId = '';
  from: ActorId = '';
  effects: Effect<V>[] = [];
  enablers: Enabler[] = [];
  readonly #sources: TurnSources<V>;
  readonly #isChecked: boolean;

  constructor(sources: TurnSources<V>, checks: 'drafts' | 'none') {
    this.#sources = sources;
    this.#isChecked = checks === 'drafts';
  }

  /** Starts a turn. */
  begin(place: { readonly now: Moment; readonly event: EventId; readonly self: ActorId; readonly from: ActorId }): void {
    this.now = place.now;
    this.event = place.event;
    this.self = place.self;
    this.from = place.from;
    this.effects = [];
    this.enablers = [];
  }

  send(to: ActorId, message: V['message'], options?: SendOptions<V>): void {
    this.effects.push({ kind: 'send', to, message: this.#plain(message), options });
  }

  reply(message: V['message'], options?: SendOptions<V>): void {
    this.send(this.from, message, options);
  }

  setTimer(id: string, delay: Duration, message: V['message'], options: TimerOptions): void {
    if (!(delay >= 0)) throw new RangeError(`timer ${id}: a delay is not negative, got ${String(delay)} µs`);
    this.effects.push({ kind: 'timer', id, delay, message: this.#plain(message), label: options.label });
  }

  cancelTimer(id: string): void {
    this.effects.push({ kind: 'cancel', id });
  }

  park(id: string, message: V['message'], options: ParkOptions<V>): void {
    if (!(options.period > 0)) throw new RangeError(`parked timer ${id}: a period is longer than 0 µs`);
    this.effects.push({ kind: 'park', id, message: this.#plain(message), options });
  }

  worked(): void {
    this.effects.push({ kind: 'worked' });
  }

  lastPhase(id: string): Moment | undefined {
    return this.#sources.lastPhase(this.self, id);
  }

  knob<N extends KnobName<V>>(name: N): V['knobs'][N] {
    return this.#sources.value(name);
  }

  draw<N extends DrawableKnobName<V>>(name: N, subject: string): V['knobs'][N] {
    return this.#sources.draw(name, subject);
  }

  drawAt<N extends DrawableKnobName<V>>(name: N, subject: string, n: number): V['knobs'][N] {
    return this.#sources.drawAt(name, subject, n);
  }

  uniform(stream: string, subject: string): number {
    return this.#sources.uniform(stream, subject);
  }

  table<N extends TableName<V>>(name: N): TableView<V['tables'][N]> {
    const view = this.#sources.view(name);
    return this.#isChecked ? checkedView(view, name) : view;
  }

  informer<N extends TableName<V>>(name: N, partition?: Partition): Informer<V['tables'][N]> {
    return this.#sources.informer(this.self, name, partition);
  }

  watch(table: TableName<V>, options: WatchOptions = {}): void {
    this.effects.push({ kind: 'watch', table, options });
  }

  drain(name: TableName<V>): readonly string[] {
    return this.#sources.drain(this.self, name);
  }

  fact(fact: V['fact']): void {
    this.effects.push({ kind: 'fact', fact: this.#plain(fact) });
  }

  cite(enabler: Enabler): void {
    if (enabler.event >= 0) this.enablers.push(this.#plain(enabler));
  }

  spawn(actor: NewActor, start?: V['message']): void {
    this.effects.push({ kind: 'spawn', actor, start: start === undefined ? undefined : this.#plain(start) });
  }

  stop(id: ActorId): void {
    this.effects.push({ kind: 'stop', id });
  }

  isAlive(id: ActorId): boolean {
    return this.#sources.isAlive(id);
  }

  isTouched(id: ActorId): boolean {
    return this.#sources.isTouched(id);
  }

  inject(rule: FaultRule<V['message']>): void {
    this.effects.push({ kind: 'inject', rule: this.#plain(rule) });
  }

  restore(rule: string): void {
    this.effects.push({ kind: 'restore', rule });
  }

  freeze(id: ActorId, state: 'frozen' | 'running'): void {
    this.effects.push({ kind: 'freeze', id, state });
  }

  stall(watcher: ActorId, table: TableName<V>, state: 'frozen' | 'flowing'): void {
    this.effects.push({ kind: 'stall', watcher, table, state });
  }

  #plain<T>(value: T): T {
    if (this.#isChecked) refuseDrafts(value, '');
    return value;
  }
}

/** Throws, with the path, when a piece of a slice is about to leave it. */
function refuseDrafts(value: unknown, path: string): void {
  if (isDraft(value)) throw new Error(`a piece of the slice leaves it at ${path === '' ? 'the top' : path}: copy it with current()`);
  if (typeof value !== 'object' || value === null || !isDraftable(value) || Object.isFrozen(value)) return;
  for (const [key, field] of Object.entries(value)) refuseDrafts(field, path === '' ? key : `${path}.${key}`);
}

function checkedView<Row>(view: TableView<Row>, name: string): TableView<Row> {
  return {
    get: (key) => view.get(key),
    revision: (key) => view.revision(key),
    by: (index, value) => view.by(index, value),
    some: (index, value, test) => view.some(index, value, test),
    count: (index, value) => view.count(index, value),
    pick: (index, value, chance) => view.pick(index, value, chance),
    all: () => view.all(),
    get size() {
      return view.size;
    },
    put: (key, row) => {
      refuseDrafts(row, `${name}/${key}`);
      view.put(key, row);
    },
    delete: (key) => {
      view.delete(key);
    },
  };
}
