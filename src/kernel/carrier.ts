/**
 * Carries out what turns recorded: writes, letters, timers, lives. Everything here happens between turns.
 *
 * Order within one turn: table writes first (so that whoever is woken by them finds them), then the effects in the order recorded.
 */
import type { AnyActorDefinition, NewActor } from './actor.ts';
import type { ActorId, TableName, Vocabulary } from './vocabulary.ts';
import { EventQueue } from './event-queue.ts';
import { Freezer } from './freezer.ts';
import type { LaggingView } from './informer.ts';
import { Letters, newInstance } from './instance.ts';
import type { Instance, Letter } from './instance.ts';
import { Mail } from './mail.ts';
import type { Stamp } from './mail.ts';
import { Network } from './network.ts';
import { Draws } from './draws.ts';
import { hashString } from './random.ts';
import { Silences } from './silences.ts';
import { troubleOf } from './stream-trouble.ts';
import type { Table } from './table.ts';
import { TableShelf } from './table-shelf.ts';
import type { StagedTable } from './table-shelf.ts';
import type { Partition } from './revision.ts';
import { ORIGIN, plus } from './time.ts';
import type { Moment } from './time.ts';
import { Timers } from './timers.ts';
import { Trace } from './trace.ts';
import type { TraceSnapshot } from './trace.ts';
import type { Effect, TurnRecorder, TurnSources } from './turn-recorder.ts';
import { Watches } from './watches.ts';
import type { WakeUp } from './watches.ts';
import type { Observer, RunOptions, WorldDefinition } from './world.ts';

/** What a snapshot keeps of the carrier: opaque outside. */
export interface CarrierSnapshot {
  readonly back: () => void;
  readonly trace: TraceSnapshot;
}

/** The world between turns. */
export class Carrier<V extends Vocabulary> {
  readonly trace = new Trace();
  readonly sources: TurnSources<V>;
  readonly #world: WorldDefinition<V>;
  readonly #definitions: ReadonlyMap<string, AnyActorDefinition<V>>;
  readonly #observers: readonly Observer<V>[];
  readonly #queue = new EventQueue();
  readonly #letters = new Letters<V>();
  readonly #network = new Network<V>();
  readonly #draws: Draws<V>;
  readonly #silences: Silences;
  readonly #watches: Watches<V>;
  readonly #timers: Timers<V>;
  readonly #mail: Mail<V>;
  readonly #shelf: TableShelf;
  #instances = new Map<ActorId, Instance<V>>();
  #now: Moment = ORIGIN;
  readonly freezer = new Freezer<V>();

  constructor(world: WorldDefinition<V>, options: RunOptions, observers: readonly Observer<V>[]) {
    this.#world = world;
    this.#definitions = new Map(world.actors.map((definition) => [definition.kind, definition]));
    this.#observers = observers;
    this.#draws = new Draws(options.seed, world);
    this.#silences = new Silences(troubleOf(world, this.#draws));
    this.#watches = new Watches((watcher, entry) => this.#draws.lag(watcher, entry), this.#silences);
    this.#shelf = new TableShelf(world.tables);
    const post = {
      queue: this.#queue,
      letters: this.#letters,
      trace: this.trace,
      ties: options.ties ?? 'fixed',
      coin: () => this.#draws.coin(),
    } as const;
    this.#timers = new Timers(post, {
      parking: options.parking ?? 'on',
      longestLag: plus(world.longestWatchLag, this.#silences.longest),
      isTouched: (actor) => this.#isTouched(actor),
    });
    this.#mail = new Mail(post, world, { network: this.#network, draws: this.#draws, find: (id) => this.#instances.get(id), observers });
    this.sources = this.#sources();
  }

  get nextAt(): number {
    return this.#queue.peekTime();
  }

  /** Moment of the letter that `pop` handed out last. */
  get poppedAt(): Moment {
    return this.#now;
  }

  pop(): Letter<V> | undefined {
    if (!this.#queue.pop()) return undefined;
    this.#now = this.#queue.time as Moment;
    const letter = this.#letters.take(this.#queue.slot);
    if (letter.timer !== undefined) this.#timers.fired(letter.to, letter.timer, letter.isParked ? 'parked' : 'once');
    return letter;
  }

  instance(id: ActorId): Instance<V> | undefined {
    return this.#instances.get(id);
  }

  actorIds(): readonly ActorId[] {
    return [...this.#instances.keys()].sort();
  }

  armedTimers(): number {
    return [...this.#instances.values()].reduce((count, { timers }) => count + timers.size, 0);
  }

  table<N extends TableName<V>>(name: N): Table<V['tables'][N]> {
    return this.#shelf.table(name) as Table<V['tables'][N]>;
  }

  fill(name: TableName<V>, key: string, row: unknown): void {
    this.#shelf.table(name).commit(key, row, { at: this.#now, cause: -1 });
  }

  /** Whether the turn that just ended recorded nothing at all. */
  isIdle(turn: TurnRecorder<V>): boolean {
    return turn.effects.length === 0 && !this.#shelf.isDirty;
  }

  carryOut(turn: TurnRecorder<V>, actor: Instance<V>): void {
    const stamp: Stamp = { event: turn.event, at: turn.now };
    for (const staged of this.#shelf.takeDirty()) this.#commit(staged, stamp, actor.id);
    for (const effect of turn.effects) this.#do(effect, actor, stamp);
  }

  #commit({ table, view }: StagedTable, stamp: Stamp, actor: ActorId): void {
    const { name } = table;
    table.trim(this.#memoryFrom(stamp.at));
    for (const [key, row] of view.take()) {
      const entry = table.commit(key, row, { at: stamp.at, cause: stamp.event });
      if (entry === undefined) continue;
      for (const observer of this.#observers) observer.onWrite?.(name as TableName<V>, entry as never, actor);
      for (const wakeUp of this.#watches.offer(table, entry)) this.#wake(wakeUp, name, stamp);
      if (this.#timers.listensTo(name)) this.#timers.inputChanged(name, table.partitionsOf(entry), stamp);
    }
  }

  /** Tables remember what was written since this moment. */
  #memoryFrom(now: Moment): Moment {
    const stall = this.#watches.oldestStall();
    const from = stall !== undefined && stall < now ? stall : now;
    return (from - this.#world.longestWatchLag - this.#silences.longest - 1) as Moment;
  }

  #wake(wakeUp: WakeUp<V>, name: string, stamp: Stamp): void {
    const { entry, watch, arrival } = wakeUp;
    const change = entry.before === undefined ? 'added' : entry.after === undefined ? 'deleted' : 'modified';
    const message = this.#world.wakeUp({ table: name as TableName<V>, key: entry.key, change });
    this.#mail.wake(watch.owner, { message, name, parent: entry.cause, at: entry.at, arrival: arrival > stamp.at ? arrival : stamp.at });
  }

  #do(effect: Effect<V>, actor: Instance<V>, stamp: Stamp): void {
    switch (effect.kind) {
      case 'send':
        this.#mail.send(actor.id, effect, stamp);
        return;
      case 'timer':
        this.#timers.arm(actor, effect, stamp);
        return;
      case 'park':
        this.#timers.park(actor, effect, stamp);
        return;
      case 'cancel':
        this.#timers.cancel(actor, effect.id);
        return;
      case 'worked':
        return;
      case 'fact':
        for (const observer of this.#observers) observer.onFact?.({ at: stamp.at, event: stamp.event, actor: actor.id, fact: effect.fact });
        return;
      case 'spawn':
        this.bringToLife(effect.actor, effect.start, stamp);
        return;
      case 'stop':
        this.#end(effect.id, stamp);
        return;
      case 'inject':
        this.#network.install(effect.rule);
        this.#timers.linksChanged(stamp);
        return;
      case 'restore':
        this.#network.remove(effect.rule);
        this.#timers.linksChanged(stamp);
        return;
      case 'freeze':
        this.#freeze(effect, stamp);
        return;
      case 'stall':
        this.#stall(effect, stamp);
        return;
      case 'watch':
        this.#watches.add(actor, effect.table, effect.options);
    }
  }

  #freeze({ id, state }: Extract<Effect<V>, { kind: 'freeze' }>, stamp: Stamp): void {
    const waiting = this.freezer.set(this.#instances.get(id), state);
    if (waiting === undefined) return;
    this.#timers.again(waiting, stamp);
    this.#timers.lifeChanged(id, stamp);
    this.#timers.linksChanged(stamp);
  }

  #isTouched(id: ActorId): boolean {
    return this.freezer.isFrozen(() => this.#instances.get(id)) || (this.#network.isFaulty && this.#network.touches(id));
  }

  #stall(effect: Extract<Effect<V>, { kind: 'stall' }>, stamp: Stamp): void {
    const stall = { watcher: effect.watcher, table: this.#shelf.table(effect.table), state: effect.state, now: stamp.at };
    for (const wakeUp of this.#watches.setStall(stall)) this.#wake(wakeUp, effect.table, stamp);
  }

  bringToLife(actor: NewActor, start: V['message'] | undefined, stamp: Stamp): void {
    if (this.#instances.has(actor.id)) throw new Error(`${actor.id} is alive already`);
    const instance = newInstance(actor, this.#definitions.get(actor.kind), stamp.at);
    this.#instances.set(actor.id, instance);
    this.#watches.begin(actor.id, stamp.at);
    if (start !== undefined) this.#mail.start(instance, start, stamp);
    this.#timers.lifeChanged(actor.id, stamp);
  }

  #end(id: ActorId, stamp: Stamp): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    instance.isAlive = false;
    this.freezer.ended(instance);
    this.#timers.forgetAll(instance);
    this.#watches.removeOwner(instance);
    this.#instances.delete(id);
    this.#timers.lifeChanged(id, stamp);
  }

  /** Lets a parked timer sleep on, or arms its next phase point. */
  settleParked(letter: Letter<V>, state: { readonly now: Moment; readonly didWork: boolean }): void {
    this.#timers.settle(letter, state);
  }

  /** Drops clocks that lie in the past. */
  sweep(now: Moment): void {
    this.#network.sweep(now);
  }

  #sources(): TurnSources<V> {
    const { knobs } = this.#world;
    return {
      value: (name) => knobs.value(name),
      draw: (name, subject) => this.#draws.draw(name, subject),
      drawAt: (name, subject, n) => this.#draws.drawAt(name, subject, n),
      uniform: (stream, subject) => this.#draws.uniform(stream, subject),
      view: (name) => this.#shelf.view(name) as never,
      informer: (watcher, name, partition) => this.#informer(watcher, name, partition) as never,
      drain: (watcher, name) => this.#watches.drain(watcher, name, this.#now),
      isAlive: (id) => this.#instances.has(id),
      isTouched: (id) => this.#isTouched(id),
      lastPhase: (owner, id) => this.#timers.lastPhase(this.#instances.get(owner), id, this.#now),
    };
  }

  #informer(watcher: ActorId, name: string, partition: Partition | undefined): LaggingView<unknown> {
    const table = this.#shelf.table(name);
    const owner = this.#instances.get(watcher) ?? { id: watcher, hash: hashString(watcher), bornAt: this.#now };
    table.trim(this.#memoryFrom(this.#now));
    return this.#watches.view({ owner, table, partition, now: this.#now, lag: this.#draws.isLagless ? 'none' : 'drawn' });
  }

  snapshot(mode: 'recorded' | 'fast'): CarrierSnapshot {
    const parts = [this.#queue, this.#network, this.#draws].map((part) => {
      const kept = part.snapshot() as never;
      return (): void => {
        part.restore(kept);
      };
    });
    parts.push(this.#letters.snapshot(), this.#watches.snapshot(), this.#shelf.snapshot());
    const instances = [...this.#instances.values()].map((instance) => this.#timers.keep(instance, mode));
    const now = this.#now;
    const trace = this.trace.snapshot();
    return {
      trace,
      back: () => {
        for (const part of parts) part();
        this.#instances = new Map(instances.map((kept) => [kept.instance.id, kept.back(mode)]));
        this.#timers.rebuild(this.#instances.values());
        this.freezer.rebuild(this.#instances.values());
        this.#now = now;
      },
    };
  }

  restore(snapshot: CarrierSnapshot): void {
    snapshot.back();
    this.trace.restore(snapshot.trace);
  }
}
