/**
 * Waits that are not over: which stretch of the trace may still be asked for, and who never got a token.
 *
 * A process that asks waits from its start until its first token, however many askings fail in between; later waits begin anew with
 * each asking. What is older than {@link RETAIN_MAX} is forgotten all the same: the memory of a run stays bounded, and the part of
 * such a wait that lies beyond it shows as `other`.
 */
import { hours, minutes } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';

/** The trace reaches back at most this long. */
const RETAIN_MAX = hours(1);
/** It always reaches back this long: a container starts before its process asks. */
const RETAIN_MIN = minutes(5);

interface Asking {
  readonly process: string;
  readonly since: Moment;
}

/** Askings and processes without an answer. */
export class OpenWaits {
  readonly #askings = new Map<string, Asking>();
  /** Start of each process that asked and has no token yet. */
  readonly #unserved = new Map<string, Moment>();

  asked(asking: { readonly process: string; readonly request: string; readonly startedAt: Moment; readonly at: Moment; readonly ordinal: number }): void {
    this.#askings.set(asking.request, { process: asking.process, since: asking.at });
    if (asking.ordinal === 1) this.#unserved.set(asking.process, asking.startedAt);
  }

  /** An asking ended, with a token or without. */
  ended(request: string): void {
    this.#askings.delete(request);
  }

  served(process: string): void {
    this.#unserved.delete(process);
  }

  /** The process is gone; nobody waits any more. Answers whether it never got a token. */
  gone(process: string): 'unserved' | 'served' {
    for (const [request, asking] of this.#askings) if (asking.process === process) this.#askings.delete(request);
    return this.#unserved.delete(process) ? 'unserved' : 'served';
  }

  /** Whether that process asked and has no token yet. */
  isUnserved(process: string): boolean {
    return this.#unserved.has(process);
  }

  /** Processes that live, asked, and have no token. */
  get unserved(): number {
    return this.#unserved.size;
  }

  /** Start of the earliest wait that is not over, within the bounds of memory. */
  earliest(now: Moment): Moment {
    let earliest: number = now - RETAIN_MIN;
    for (const since of this.#unserved.values()) earliest = Math.min(earliest, since);
    for (const { since } of this.#askings.values()) earliest = Math.min(earliest, since);
    return Math.max(earliest, now - RETAIN_MAX) as Moment;
  }
}
