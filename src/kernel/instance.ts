/**
 * A living actor as the kernel keeps it, and the letters (messages, wake-ups, timers) that are under way.
 */
import type { AnyActorDefinition, NewActor, ParkInput } from './actor.ts';
import type { ActorId, EventId, Vocabulary } from './vocabulary.ts';
import { hashString } from './random.ts';
import { TimerSet } from './timer-set.ts';
import type { Armed } from './timer-set.ts';
import type { Duration, Moment } from './time.ts';

/** A periodic timer that sleeps while its inputs are unchanged. */
export interface Parked<V extends Vocabulary> {
  readonly id: string;
  readonly message: V['message'];
  readonly period: Duration;
  /** First phase point; all others are whole periods later. */
  readonly origin: Moment;
  readonly inputs: readonly ParkInput<V>[];
  readonly label: number;
  /** The armed phase point, if awake. */
  armed: Armed | undefined;
  /** It must go on ticking until a phase point lies after this moment: a change may still be under way to its owner. */
  dueUntil: Moment;
  /** The event that woke it, to name as the cause. */
  wokenBy: EventId;
}

/** One living actor. */
export interface Instance<V extends Vocabulary> {
  readonly id: ActorId;
  readonly definition: AnyActorDefinition<V>;
  readonly hash: number;
  /** When it came to life. */
  readonly bornAt: Moment;
  state: object;
  isAlive: boolean;
  timers: TimerSet;
  /** Undefined until it parks one: most actors never do. */
  parked: Map<string, Parked<V>> | undefined;
  /** What waits for a frozen actor, in the order in which it came; undefined while it runs. */
  held: Letter<V>[] | undefined;
}

/** A new life. Throws for an id of bare digits, and where the world has no such kind. */
export function newInstance<V extends Vocabulary>(
  actor: NewActor,
  definition: AnyActorDefinition<V> | undefined,
  bornAt: Moment,
): Instance<V> {
  const { id, kind } = actor;
  if (/^\d+$/.test(id)) throw new Error(`an actor id is not bare digits: ${id}`);
  if (definition === undefined) throw new Error(`no actor of kind ${kind} in this world (for ${id})`);
  const fresh = { isAlive: true, timers: new TimerSet(), parked: undefined, held: undefined };
  return { id, definition, hash: hashString(id), bornAt, state: definition.initial(), ...fresh };
}

/** What is under way to somebody. */
export interface Letter<V extends Vocabulary> {
  readonly to: Instance<V>;
  readonly from: ActorId;
  readonly message: V['message'];
  readonly parent: EventId;
  readonly linkTime: number;
  readonly holdLabel: number;
  readonly linkLabel: number;
  readonly linkHash: number;
  /** Id of the timer that this is, or undefined for a message. */
  readonly timer: string | undefined;
  readonly isParked: boolean;
}

/** Letters in parallel arrays by slot: no object per event. */
export class Letters<V extends Vocabulary> {
  #to: (Instance<V> | undefined)[] = [];
  #from: ActorId[] = [];
  #message: (V['message'] | undefined)[] = [];
  #parent: number[] = [];
  #linkTime: number[] = [];
  #labels: number[] = [];
  #linkHash: number[] = [];
  #timer: (string | undefined)[] = [];
  #isParked: boolean[] = [];
  #free: number[] = [];

  /** Stores a letter and answers its slot. */
  put(letter: Letter<V>): number {
    const slot = this.#free.pop() ?? this.#to.length;
    this.#to[slot] = letter.to;
    this.#from[slot] = letter.from;
    this.#message[slot] = letter.message;
    this.#parent[slot] = letter.parent;
    this.#linkTime[slot] = letter.linkTime;
    this.#labels[slot] = letter.holdLabel * 65536 + letter.linkLabel;
    this.#linkHash[slot] = letter.linkHash;
    this.#timer[slot] = letter.timer;
    this.#isParked[slot] = letter.isParked;
    return slot;
  }

  /** Takes a letter out. */
  take(slot: number): Letter<V> {
    const to = this.#to[slot];
    const message = this.#message[slot];
    if (to === undefined || message === undefined) throw new Error(`no letter in slot ${String(slot)}`);
    const labels = this.#labels[slot] ?? 0;
    const letter: Letter<V> = {
      to,
      message,
      from: this.#from[slot] ?? '',
      parent: this.#parent[slot] ?? -1,
      linkTime: this.#linkTime[slot] ?? 0,
      holdLabel: Math.floor(labels / 65536),
      linkLabel: labels % 65536,
      linkHash: this.#linkHash[slot] ?? 0,
      timer: this.#timer[slot],
      isParked: this.#isParked[slot] ?? false,
    };
    this.drop(slot);
    return letter;
  }

  /** Frees a slot whose letter will not be delivered. */
  drop(slot: number): void {
    this.#to[slot] = undefined;
    this.#message[slot] = undefined;
    this.#free.push(slot);
  }

  snapshot(): () => void {
    const copy = [
      [...this.#to],
      [...this.#from],
      [...this.#message],
      [...this.#parent],
      [...this.#linkTime],
      [...this.#labels],
      [...this.#linkHash],
      [...this.#timer],
      [...this.#isParked],
      [...this.#free],
    ] as const;
    return () => {
      this.#to = [...copy[0]];
      this.#from = [...copy[1]];
      this.#message = [...copy[2]];
      this.#parent = [...copy[3]];
      this.#linkTime = [...copy[4]];
      this.#labels = [...copy[5]];
      this.#linkHash = [...copy[6]];
      this.#timer = [...copy[7]];
      this.#isParked = [...copy[8]];
      this.#free = [...copy[9]];
    };
  }
}
