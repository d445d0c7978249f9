/**
 * Silences of streams: connections that die unnoticed after idleness, and single changes that get lost. Both end by themselves, when the
 * watcher opens its stream anew after the time-out of its session or as soon as it notices a dead connection, or at once, when the
 * watcher itself begins anew.
 *
 * Nothing here makes an event or keeps a clock. A connection can only die in a gap between two changes, so gaps that are long enough are
 * noted as they end, and everything else follows from them by stateless draws. A world without such trouble pays one comparison a write.
 *
 *   last change ─(idle limit)─► dead ─(until it is noticed; more, if it must be read anew)─► open again ─(idle limit)─► dead …
 */
import type { Duration, Moment } from './time.ts';
import type { ActorId } from './vocabulary.ts';

/** What streams suffer; all times in µs. */
export interface StreamTrouble {
  /** Idleness after which a connection is dead without anybody's noticing; 0: never. */
  readonly idleLimit: Duration;
  /** Whether a watcher's connections can be idle at all. */
  canIdle(watcher: ActorId): boolean;
  /** Silence after which a stream cannot be resumed and has to be read anew. */
  readonly memory: Duration;
  /** Whether single changes may get lost. */
  readonly mayLose: boolean;
  /** Longest time for which a change can be held back. */
  readonly longest: Duration;
  /** Time-out of a stream's session, by hash of the stream and number. */
  sessionOf(stream: number, n: number): Duration;
  /** For how long a dead connection stays unnoticed, likewise. */
  silenceOf(stream: number, n: number): Duration;
  /** Time to read a stream anew, likewise. */
  rereadOf(stream: number, n: number): Duration;
  /** Whether a change is lost for a stream. */
  isLost(stream: number, entry: number): boolean;
}

/** A time without any change in a table or a part of it. */
interface Gap {
  readonly from: Moment;
  readonly to: Moment;
}

/** A stream: whose, since when, and of what. */
export interface StreamPlace {
  readonly watcher: ActorId;
  readonly bornAt: Moment;
  /** Table, or table and part. */
  readonly part: string;
  /** Hash of watcher and part. */
  readonly hash: number;
}

const SECOND = 1_000_000;

/** Long gaps by table and part, and what follows from them. */
export class Silences {
  readonly #trouble: StreamTrouble;
  #lastChange = new Map<string, Moment>();
  #gaps = new Map<string, readonly Gap[]>();

  constructor(trouble: StreamTrouble) {
    this.#trouble = trouble;
  }

  /** Whether no stream is ever silent. */
  get isNone(): boolean {
    return this.#trouble.idleLimit === 0 && !this.#trouble.mayLose;
  }

  /** How long a change can be held back at most. */
  get longest(): Duration {
    return this.isNone ? (0 as Duration) : this.#trouble.longest;
  }

  /** Takes note of a change in a table or a part of it. */
  note(part: string, at: Moment): void {
    const last = this.#lastChange.get(part) ?? (0 as Moment);
    this.#lastChange.set(part, at);
    if (at - last < this.#trouble.idleLimit) return;
    this.#gaps.set(part, [...(this.#gaps.get(part) ?? []), { from: last, to: at }]);
  }

  /** When something that would arrive at a moment really does: the moment itself, unless the stream is dead then. */
  passes(stream: StreamPlace, at: number): number {
    const { idleLimit, memory } = this.#trouble;
    if (idleLimit === 0 || !this.#trouble.canIdle(stream.watcher)) return at;
    let open: number = stream.bornAt;
    for (const gap of this.#gaps.get(stream.part) ?? []) {
      if (gap.from > at) break;
      let last = Math.max(gap.from, open);
      for (let dead = last + idleLimit; dead <= at && dead < gap.to; dead = last + idleLimit) {
        const n = Math.floor(dead / SECOND);
        const over = dead + this.#trouble.silenceOf(stream.hash, n);
        last = over - dead > memory ? over + this.#trouble.rereadOf(stream.hash, n) : over;
        if (at < last) return last;
      }
      open = last;
    }
    return at;
  }

  /** When a lost change is noticed: with the next session of its stream. Undefined for one that is not lost. */
  healedAt(stream: StreamPlace, entry: number, at: number): number | undefined {
    if (!this.#trouble.mayLose || !this.#trouble.isLost(stream.hash, entry)) return undefined;
    let end: number = stream.bornAt;
    for (let n = 0; end <= at; n += 1) end += Math.max(SECOND, this.#trouble.sessionOf(stream.hash, n));
    return end;
  }

  snapshot(): () => void {
    const kept = [[...this.#lastChange], [...this.#gaps]] as const;
    return () => {
      this.#lastChange = new Map(kept[0]);
      this.#gaps = new Map(kept[1]);
    };
  }
}
