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

/** Askings and processes without an answer. */
export class OpenWaits {
  /** By process, then by request: when it was asked. */
  readonly #askings = new Map<string, Map<string, Moment>>();
  /** Start of each process that asked and has no token yet. */
  readonly #unserved = new Map<string, Moment>();
  #settled = 0;

  asked(asking: {
    readonly process: string;
    readonly request: string;
    readonly startedAt: Moment;
    readonly at: Moment;
    readonly ordinal: number;
  }): void {
    const own = this.#askings.get(asking.process) ?? new Map<string, Moment>();
    own.set(asking.request, asking.at);
    this.#askings.set(asking.process, own);
    if (asking.ordinal === 1) this.#unserved.set(asking.process, asking.startedAt);
  }

  /** An asking ended, with a token or without. */
  ended(process: string, request: string): void {
    const own = this.#askings.get(process);
    // A client that answers from its own cache asks nobody: such a request never was open.
    if (own?.delete(request) !== true) return;
    this.#settled += 1;
    if (own.size === 0) this.#askings.delete(process);
  }

  /** Askings that ended, with a token or without. */
  get settled(): number {
    return this.#settled;
  }

  served(process: string): void {
    this.#unserved.delete(process);
  }

  /** The process is gone; nobody waits any more. Answers whether it never got a token. */
  gone(process: string): 'unserved' | 'served' {
    this.#askings.delete(process);
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
    for (const own of this.#askings.values()) for (const since of own.values()) earliest = Math.min(earliest, since);
    return Math.max(earliest, now - RETAIN_MAX) as Moment;
  }
}
