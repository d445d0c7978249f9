/** Time and tokens, added up by pod, identity and cause. */
import type { Moment } from '../../kernel/time.ts';
import { byText } from '../watcher.ts';

/** One entry: a pod, an identity and a cause, with all that was added. */
export interface LedgerEntry<C extends string> {
  readonly pod: string;
  readonly identity: string;
  readonly cause: C;
  us: number;
  tokens: number;
  firstAt: Moment;
  lastAt: Moment;
}

/** Whom a sum is about. */
export type LedgerKey<C extends string> = Pick<LedgerEntry<C>, 'pod' | 'identity' | 'cause'>;

/** The sums of a run. */
export class Ledger<C extends string> {
  readonly #entries = new Map<string, LedgerEntry<C>>();

  /** Adds the time between two moments, and tokens [1]. */
  add({ pod, identity, cause }: LedgerKey<C>, from: Moment, to: Moment, tokens = 0): void {
    if (to === from && tokens === 0) return;
    const key = `${pod}\n${identity}\n${cause}`;
    const entry = this.#entries.get(key) ?? { pod, identity, cause, us: 0, tokens: 0, firstAt: from, lastAt: to };
    entry.us += to - from;
    entry.tokens += tokens;
    if (to > entry.lastAt) entry.lastAt = to;
    this.#entries.set(key, entry);
  }

  /** The same sums, to add to without adding here. */
  copy(): Ledger<C> {
    const copy = new Ledger<C>();
    for (const [key, entry] of this.#entries) copy.#entries.set(key, { ...entry });
    return copy;
  }

  /** All entries; the longest first, then those with the most tokens, then by name. */
  entries(): readonly LedgerEntry<C>[] {
    return [...this.#entries.values()].sort(
      (a, b) => b.us - a.us || b.tokens - a.tokens || byText(a.pod, b.pod) || byText(a.identity, b.identity) || byText(a.cause, b.cause),
    );
  }
}
