/** What a token client does after a try: the retry machine that all profiles share. */
import { ZERO, micros, scaled } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { Jitter, Profile, RetryLayer, TryOutcome } from './profile.ts';

/** Retries used so far, by layer [1]. */
export type RetryCounts = readonly number[];

/** The next step of a logical request. */
export type NextStep =
  | { readonly kind: 'answered' }
  | { readonly kind: 'retry'; readonly wait: Duration; readonly counts: RetryCounts }
  /** It fails, after a last sleep that some clients take. */
  | { readonly kind: 'giveUp'; readonly after: Duration };

/** One uniform draw in (0, 1); asked for only where chance decides. */
export type Chance = () => number;

/** No retry used. */
export function noRetries(profile: Profile): RetryCounts {
  return profile.layers.map(() => 0);
}

/** What follows a try, given the retries used before it. */
export function nextStep(profile: Profile, counts: RetryCounts, outcome: TryOutcome, chance: Chance): NextStep {
  if (outcome.status === 200) return { kind: 'answered' };
  let after: Duration = ZERO;
  for (const [index, layer] of profile.layers.entries()) {
    if (!isRetried(layer, outcome)) continue;
    const used = counts[index] ?? 0;
    const wait = waitOf(layer, used, outcome, chance);
    // Inner layers start anew each time an outer one sends the request again.
    if (wait !== undefined) return { kind: 'retry', wait, counts: counts.map((n, i) => (i < index ? 0 : i === index ? n + 1 : n)) };
    after = layer.sleepAfterLast ?? after;
  }
  return { kind: 'giveUp', after };
}

function isRetried(layer: RetryLayer, outcome: TryOutcome): boolean {
  if (outcome.status <= 0) return layer.connection === 'retried';
  if (layer.statuses.includes(outcome.status)) return true;
  return layer.statusesWithRetryAfter.includes(outcome.status) && outcome.retryAfter !== undefined;
}

/** Wait before the next try of a layer; undefined where it has none left. */
function waitOf(layer: RetryLayer, used: number, outcome: TryOutcome, chance: Chance): Duration | undefined {
  const waits = outcome.status === 410 ? (layer.waitsOn410 ?? layer.waits) : layer.waits;
  const nominal = waits[used];
  if (nominal === undefined) return undefined;
  if (layer.retryAfter !== 'ignored' && outcome.retryAfter !== undefined) {
    const { cap, giveUpOver } = layer.retryAfter;
    if (giveUpOver !== undefined && outcome.retryAfter > giveUpOver) return undefined;
    return cap === undefined ? outcome.retryAfter : least(cap, outcome.retryAfter);
  }
  const picked = layer.pick === 'prefix' ? (waits[Math.floor(chance() * (used + 1))] ?? nominal) : nominal;
  const jittered = layer.jitter === undefined ? picked : scaled(picked, factorOf(layer.jitter, chance));
  const capped = layer.cap === undefined ? jittered : least(layer.cap, jittered);
  return outcome.status === 410 && layer.leastWaitOn410 !== undefined ? micros(Math.max(capped, layer.leastWaitOn410)) : capped;
}

function factorOf(jitter: Jitter, chance: Chance): number {
  return jitter.low + (jitter.high - jitter.low) * chance();
}

function least(a: Duration, b: Duration): Duration {
  return a < b ? a : b;
}
