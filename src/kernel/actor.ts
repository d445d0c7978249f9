/**
 * What an actor is: a reducer that gets a message, changes its own small slice and *records* what it wants done.
 *
 * An actor never acts, waits, reads a host clock or sees another actor's state, so one definition serves a report, the stepper,
 * a property test and a browser. The kernel carries the recorded effects out after the turn (see `simulation.ts`).
 */
import type { Informer } from './informer.ts';
import type { FaultRule } from './network.ts';
import type { Partition, TableView } from './revision.ts';
import type { Duration, Moment } from './time.ts';
import type { ActorId, DrawableKnobName, Enabler, EventId, KnobName, TableName, Vocabulary } from './vocabulary.ts';

/** Where a message goes beyond its link: extra time before it leaves, and what that time is called. */
export interface SendOptions<V extends Vocabulary> {
  /** Time the sender holds the message back before the link takes it. Default: none. */
  readonly after?: Duration;
  /** Name of that time in a latency report. Required where `after` is given. */
  readonly label?: string;
  /** Comes back to the sender, after the link's latency, when nobody lives at the address (a refused connection). */
  readonly ifAbsent?: V['message'];
  /** Comes back to the sender, so much later, when the network loses the message (a connection that died without a word). */
  readonly ifDropped?: { readonly message: V['message']; readonly after: Duration };
}

/** How a timer is named in a latency report. */
export interface TimerOptions {
  readonly label: string;
}

/** An input of a parked timer: a change in it makes the timer due again at its next phase point. */
export type ParkInput<V extends Vocabulary> =
  { readonly table: TableName<V>; readonly partition?: Partition } | { readonly actor: ActorId } | { readonly links: ActorId };

/** A periodic timer that costs nothing while none of its inputs changes. */
export interface ParkOptions<V extends Vocabulary> {
  readonly period: Duration;
  /** First phase point, counted from now. Default: one period. */
  readonly first?: Duration;
  readonly inputs: readonly ParkInput<V>[];
  readonly label: string;
  /**
   * `quiet`: nothing to do until an input changes. `due`: there is (or may be) work at the next phase point already. Default `due`.
   */
  readonly start?: 'quiet' | 'due';
}

/** How an actor follows a table. Default: `wake`, the whole table, every change. */
export interface WatchOptions {
  readonly partition?: Partition;
  readonly projection?: string;
  readonly mode?: 'wake' | 'collect';
}

/** What a turn offers to the reducer; all effects are carried out after it returned. */
export interface Turn<V extends Vocabulary> {
  /** Present moment. */
  readonly now: Moment;
  /** Number of the event being handled. */
  readonly event: EventId;
  /** Id of the actor whose turn it is. */
  readonly self: ActorId;
  /** Sender of the message being handled; the actor itself for timers, `''` for what the world started with. */
  readonly from: ActorId;

  /** Sends over the link that the vocabulary assigns to this message type. */
  send(to: ActorId, message: V['message'], options?: SendOptions<V>): void;
  /** Sends to the sender of the message being handled. */
  reply(message: V['message'], options?: SendOptions<V>): void;

  /** Arms a one-shot timer; a timer of the same id is replaced. */
  setTimer(id: string, delay: Duration, message: V['message'], options: TimerOptions): void;
  /** Disarms a timer, one-shot or parked; unknown ids are ignored. */
  cancelTimer(id: string): void;
  /** Arms a periodic timer that is parked while its inputs are unchanged; replaces one of the same id. */
  park(id: string, message: V['message'], options: ParkOptions<V>): void;
  /** Says that a parked tick changed its slice though it records nothing else: it then counts as work. */
  worked(): void;
  /** Last phase point of a parked timer at or before now, however many passed without an event; undefined if unknown. */
  lastPhase(id: string): Moment | undefined;

  /** Constant value of a knob (for a distribution: its documented centre). */
  knob<N extends KnobName<V>>(name: N): V['knobs'][N];
  /** The next draw of a knob for a subject (a scale set, a pod, a request): other subjects' draws are not moved by it. */
  draw<N extends DrawableKnobName<V>>(name: N, subject: string): V['knobs'][N];
  /** A uniform draw in (0, 1) of a named stream for a subject: for choices that no knob describes (order of a random list). */
  uniform(stream: string, subject: string): number;
  /** The n-th draw of a knob for a subject without counting: the same arguments always give the same value. */
  drawAt<N extends DrawableKnobName<V>>(name: N, subject: string, n: number): V['knobs'][N];

  /** Authoritative table: reads see this turn's staged writes; writes apply after the turn. */
  table<N extends TableName<V>>(name: N): TableView<V['tables'][N]>;
  /** This actor's lagging view of a table, as its watch delivers it. Costs no event. */
  informer<N extends TableName<V>>(name: N, partition?: Partition): Informer<V['tables'][N]>;
  /**
   * From now on this actor follows the table (or a partition of it). `wake`: each change is delivered as a message when it arrives.
   * `collect`: changed keys gather silently until `drain`. `projection` limits it to changes of that projection.
   */
  watch(name: TableName<V>, options?: WatchOptions): void;
  /** Keys of a `collect` watch that changed, as far as this actor can see, since the last drain; by arrival, each once. */
  drain(name: TableName<V>): readonly string[];

  /** States a fact: reports read facts, never slices. */
  fact(fact: V['fact']): void;
  /** Names something that this turn depended on besides its trigger. */
  cite(enabler: Enabler): void;

  /** Brings an actor to life; it gets `start` (if given) as its first message, at once. */
  spawn(actor: NewActor, start?: V['message']): void;
  /** Ends an actor: its timers and watches go, messages under way to it are lost. */
  stop(id: ActorId): void;
  /** Whether an actor of that id is alive. */
  isAlive(id: ActorId): boolean;
  /** Whether some fault rule could take messages from or to that actor: a standing exchange must then be real messages. */
  isTouched(id: ActorId): boolean;

  /** Lays a fault rule over the network; a rule of the same id is replaced. */
  inject(rule: FaultRule<V['message']>): void;
  /** Takes a fault rule away. */
  restore(ruleId: string): void;
  /** Freezes (or thaws) a watcher's stream of a table. */
  stall(watcher: ActorId, table: TableName<V>, state: 'frozen' | 'flowing'): void;
  /**
   * Freezes an actor (a stopped process, a paused machine) or lets it run on: meanwhile nothing is delivered to it, no timer comes due,
   * and whatever did waits; on thawing all of it comes at once. To others a frozen actor is alive, but touched.
   */
  freeze(id: ActorId, state: 'frozen' | 'running'): void;
}

/** A reducer per message type; the kernel refuses, by name, whatever is not in it. */
type Handlers<V extends Vocabulary, S, In extends V['message']> = {
  readonly [K in In['type']]: (state: S, message: Extract<In, { readonly type: K }>, turn: Turn<V>) => void;
};

/** A kind of actor. Instances share the definition and differ in their slice. */
export interface ActorDefinition<V extends Vocabulary, S extends object, In extends V['message'] = V['message']> {
  /** Kind as spelled in ids, knob streams and reports, such as `nmi`. */
  readonly kind: string;
  /** A fresh slice: plain data, a tree. What an instance must know comes with its first message. */
  initial(): S;
  readonly handlers: Handlers<V, S, In>;
}

/** A definition whose slice and inbox types are forgotten, as the kernel keeps it. */
export interface AnyActorDefinition<V extends Vocabulary> {
  readonly kind: string;
  initial(): object;
  readonly handlers: Readonly<Record<string, ((state: never, message: never, turn: Turn<V>) => void) | undefined>>;
}

/** An actor to be: its id, and which definition of the world it is an instance of. */
export interface NewActor {
  readonly id: ActorId;
  readonly kind: string;
}

/** Checks the slice and inbox types of a definition against its vocabulary and hands it on; the only way to write one. */
export function defineActor<V extends Vocabulary, S extends object, In extends V['message']>(
  definition: ActorDefinition<V, S, In>,
): ActorDefinition<V, S, In> {
  return definition;
}

/** An actor met a message it has no handler for: a mistake in the simulator, named with both. */
export class ActorRefusal extends Error {
  constructor(actor: ActorId, messageType: string) {
    super(`${actor} refuses ${messageType}: no handler of that name`);
    this.name = 'ActorRefusal';
  }
}
