/** The words a domain brings to the kernel, and the names by which the kernel's parts speak of actors and events. */
import type { Moment } from './time.ts';

/** Name of one actor instance, such as `nmi/node-0`; never bare digits. */
export type ActorId = string;

/** Number of a delivered event, from 0 in order of delivery; -1 stands for "before the run". */
export type EventId = number;

/** The words a domain brings to the kernel: what is said, what is stated, what is kept, and which defaults exist. */
export interface Vocabulary {
  /** Closed union of all messages. */
  readonly message: { readonly type: string };
  /** Closed union of all facts (past events that actors state). */
  readonly fact: { readonly type: string };
  /** Row type of each table, by table name. */
  readonly tables: object;
  /** Value type of each knob, by knob name. */
  readonly knobs: object;
}

/** Names of the tables of a vocabulary. */
export type TableName<V extends Vocabulary> = Extract<keyof V['tables'], string>;

/** Names of the knobs of a vocabulary. */
export type KnobName<V extends Vocabulary> = Extract<keyof V['knobs'], string>;

/** Names of the knobs that can be drawn from: durations and numbers. */
export type DrawableKnobName<V extends Vocabulary> = {
  [N in KnobName<V>]: V['knobs'][N] extends number ? N : never;
}[KnobName<V>];

/**
 * Something besides the trigger without which a turn would not have gone as it did: a revision, a queue item, a bucket's grant.
 *
 * - `revision`: it became visible at `arrivedAt`; the walk back prefers it to a trigger that was armed earlier.
 * - `queue`: it lay in a queue until `takenAt`, or until this turn; that wait since `arrivedAt` carries `label`.
 * - `condition`: it came to hold at `arrivedAt`, and who asked before asked in vain. The walk back carries it along to the wait between
 *   two tries in which that happened: after it the rest of that wait, before it what led to the condition.
 */
export interface Enabler {
  /** The event that made it. */
  readonly event: EventId;
  /** When it reached the actor that read it. */
  readonly arrivedAt: Moment;
  /** Name of the hop: from its event to its arrival (`revision`, `condition`), or from its arrival to this turn (`queue`). */
  readonly label: string;
  /** With `queue`: name of the hop from its event to its arrival; absent: as the queue. */
  readonly way?: string;
  readonly mode: 'revision' | 'queue' | 'condition';
  /** Of a queue item: when it was taken out; what came then has the name of the turn's own hop. Absent: in this turn. */
  readonly takenAt?: Moment;
  /** Of a condition: names of the waits after which somebody asks again. */
  readonly polls?: readonly string[];
}
