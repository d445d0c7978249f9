/**
 * What a domain hands to the kernel to make a world: tables, links, knobs and the few messages the kernel itself must be able to say.
 */
import type { AnyActorDefinition } from './actor.ts';
import type { ActorId, DrawableKnobName, KnobName, TableName, Vocabulary } from './vocabulary.ts';
import type { LinkKind } from './network.ts';
import type { JournalEntry, TableDefinition } from './revision.ts';
import type { Duration, Moment } from './time.ts';

/** Where knob values come from; the kernel draws the uniform, the source maps it. */
export interface KnobSource<V extends Vocabulary> {
  value<N extends KnobName<V>>(name: N): V['knobs'][N];
  /** Maps one uniform in (0, 1) to a value in kernel units (durations in whole microseconds). */
  sample<N extends DrawableKnobName<V>>(name: N, u: number): V['knobs'][N];
}

/** Change of a row as a wake-up call names it. */
type RowChange = 'added' | 'modified' | 'deleted';

/** Everything about a domain that the kernel must know. */
export interface WorldDefinition<V extends Vocabulary> {
  /** Every kind of actor that can be brought to life. */
  readonly actors: readonly AnyActorDefinition<V>[];
  readonly tables: { readonly [N in TableName<V>]: TableDefinition<V['tables'][N]> };
  /** The kind of link a message type travels on. */
  linkOf(type: V['message']['type']): LinkKind<V>;
  readonly knobs: KnobSource<V>;
  /** Knob from which the lag of each journal entry is drawn, for tables with `lag: 'watch'`. */
  readonly watchLag: DrawableKnobName<V>;
  /** No lag is ever longer; what is older has reached every watcher that is not stalled. */
  readonly longestWatchLag: Duration;
  /** What else can happen to streams; absent: nothing. Knobs of these meanings (see `silences.ts`). */
  readonly streams?: {
    readonly idleLimit: DrawableKnobName<V>;
    /** Whether a watcher's connections can be idle; where other calls of its own travel on them, they never are. */
    canIdle(watcher: ActorId): boolean;
    readonly session: DrawableKnobName<V>;
    /** Time for which a dead connection stays unnoticed; that of a session where nothing else notices. */
    readonly silence: DrawableKnobName<V>;
    readonly memory: DrawableKnobName<V>;
    readonly reread: DrawableKnobName<V>;
    /** 1 for a change that gets lost, 0 for one that does not. */
    readonly loss: DrawableKnobName<V>;
  };
  /** Name of the watch-lag hop in a latency report. */
  readonly watchLabel: string;
  /** The message that wakes a watcher. */
  wakeUp(change: { readonly table: TableName<V>; readonly key: string; readonly change: RowChange }): V['message'];
  /** The error a fault rule answers with, addressed to the request it intercepts. */
  answerTo(request: V['message'], template: V['message']): V['message'];
}

/** How a run goes about its work; none of it changes what happens, except `ties` and `parking: 'off'` in the order of idle ticks. */
export interface RunOptions {
  readonly seed: string;
  /** `recorded`: Immer drafts, snapshots, checks. `fast`: plain slices changed in place. Default `recorded`. */
  readonly mode?: 'recorded' | 'fast';
  /** Order of simultaneous events: by their fixed tie key, or by a seeded coin. Default `fixed`. */
  readonly ties?: 'fixed' | 'shuffled';
  /** The end; events at exactly this moment are still delivered. Default: none. */
  readonly horizon?: Moment;
  /** Most events a run may deliver. Default 50 million. */
  readonly budget?: number;
  /** `deep` adds payloads to the fingerprint and freezes them. Default `plain`. */
  readonly fingerprint?: 'plain' | 'deep';
  /** `off`: parked timers fire every period, as the naive version would. Default `on`. */
  readonly parking?: 'on' | 'off';
}

/** A fact with its place in the run. */
export interface StampedFact<V extends Vocabulary> {
  readonly at: Moment;
  readonly event: number;
  readonly actor: ActorId;
  readonly fact: V['fact'];
}

/** One delivered event, as observers see it. */
export interface Delivery<V extends Vocabulary> {
  readonly event: number;
  readonly at: Moment;
  readonly actor: ActorId;
  readonly kind: string;
  readonly from: ActorId;
  readonly message: V['message'];
  /** Event that sent or armed it; -1 for the start. */
  readonly trigger: number;
  /** Slice before and after; in fast mode both are the present one. */
  readonly before: object;
  readonly after: object;
}

/** Someone who looks on. Observing changes nothing. */
export interface Observer<V extends Vocabulary> {
  onFact?(fact: StampedFact<V>): void;
  onWrite?(table: TableName<V>, entry: JournalEntry<V['tables'][TableName<V>]>, actor: ActorId): void;
  onDelivery?(delivery: Delivery<V>): void;
  /** A message that found nobody, or that a fault took. */
  onLoss?(loss: {
    readonly at: Moment;
    readonly from: ActorId;
    readonly to: ActorId;
    readonly type: string;
    readonly why: 'absent' | 'dropped';
  }): void;
}

/** How a run ended. */
export interface Outcome {
  /** `quiescent`: nothing left to deliver. `horizon`: the end came first. `budget`: too many events. `paused`: asked to stop there. */
  readonly ended: 'quiescent' | 'horizon' | 'budget' | 'paused';
  readonly at: Moment;
  /** Events delivered since the start. */
  readonly events: number;
  readonly fingerprint: string;
  /** Timers still armed at the end, parked ones not counted. */
  readonly armedTimers: number;
}

/** A throw inside a turn: a mistake in the simulator, with what is needed to come back to it. */
export class SimulationError extends Error {
  readonly seed: string;
  readonly event: number;
  readonly at: Moment;
  readonly actor: ActorId;

  constructor(
    place: { readonly seed: string; readonly event: number; readonly at: Moment; readonly actor: ActorId; readonly message: string },
    cause: unknown,
  ) {
    super(`${place.message} (seed ${place.seed}, event ${String(place.event)}, at ${String(place.at)} µs, ${place.actor})`, { cause });
    this.name = 'SimulationError';
    this.seed = place.seed;
    this.event = place.event;
    this.at = place.at;
    this.actor = place.actor;
  }
}
