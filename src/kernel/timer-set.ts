/**
 * Armed one-shot timers of one actor, by id, in the order of arming.
 *
 * Most actors have one or two, and a big world has tens of thousands of actors: a short list costs a fraction of a hash table's memory
 * and one look at it. Beyond a handful a table takes over, for good.
 */
import type { EventHandle } from './event-queue.ts';

/** A timer that is armed. */
export interface Armed {
  readonly handle: EventHandle;
  readonly slot: number;
}

/** An armed timer with its id. */
interface Named {
  readonly id: string;
  readonly armed: Armed;
}

/** Up to this many, looking through a list is the cheapest. */
const FEW = 8;

/** Timers by id. */
export class TimerSet {
  #few: Named[] = [];
  #many: Map<string, Armed> | undefined;

  constructor(entries: Iterable<readonly [string, Armed]> = []) {
    for (const [id, armed] of entries) this.set(id, armed);
  }

  get size(): number {
    return this.#many?.size ?? this.#few.length;
  }

  /** Adds a timer; its id must not be there. */
  set(id: string, armed: Armed): void {
    if (this.#many === undefined && this.#few.length === FEW) {
      this.#many = new Map(this.entries());
      this.#few = [];
    }
    if (this.#many === undefined) this.#few.push({ id, armed });
    else this.#many.set(id, armed);
  }

  /** Takes a timer out; undefined if there is none. */
  take(id: string): Armed | undefined {
    if (this.#many !== undefined) {
      const armed = this.#many.get(id);
      if (armed !== undefined) this.#many.delete(id);
      return armed;
    }
    for (let at = 0; at < this.#few.length; at += 1) {
      const named = this.#few[at];
      if (named?.id !== id) continue;
      if (at === this.#few.length - 1) this.#few.pop();
      else this.#few.splice(at, 1);
      return named.armed;
    }
    return undefined;
  }

  /** All timers, by the order of arming. */
  entries(): readonly (readonly [string, Armed])[] {
    return this.#many === undefined ? this.#few.map(({ id, armed }) => [id, armed] as const) : [...this.#many];
  }
}
