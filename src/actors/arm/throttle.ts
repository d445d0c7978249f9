/** Throttles in a row: a call passes all of them or none, and is told how long to stay away. */
import { ZERO, inSeconds, micros, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { countRequest, isOver, requestWindow } from '../../model/request-window.ts';
import type { RequestWindow, WindowSize } from '../../model/request-window.ts';
import { isFull, take, tokenBucket } from '../../model/token-bucket.ts';
import type { BucketSize, TokenBucket } from '../../model/token-bucket.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { SWEEP_FIRST } from './state.ts';
import type { ArmState } from './state.ts';

/** One throttle that a call has to pass: a token bucket, or a window of the older rules. */
export type Throttle = { readonly name: string; readonly size: BucketSize } | { readonly name: string; readonly window: WindowSize };

/**
 * Takes from each throttle, or from none: what is refused is not counted. Answers how long to stay away (whole seconds, as the header
 * carries them), or undefined when the call may pass.
 */
export function pass(state: ArmState, turn: Turn, throttles: readonly Throttle[]): Duration | undefined {
  const buckets: [string, TokenBucket][] = [];
  const windows: [string, RequestWindow][] = [];
  let wait = ZERO;
  for (const throttle of throttles) {
    const late = 'size' in throttle ? taken(state, turn, throttle, buckets) : counted(state, turn, throttle, windows);
    if (late > wait) wait = late;
  }
  if (wait > 0) return micros(Math.max(turn.knob('arm.429.retryAfter.minimum'), seconds(Math.ceil(inSeconds(wait)))));
  for (const [name, bucket] of buckets) {
    if (state.buckets[name] === undefined) state.throttleCount += 1;
    state.buckets[name] = bucket;
  }
  for (const [name, window] of windows) {
    if (state.windows[name] === undefined) state.throttleCount += 1;
    state.windows[name] = window;
  }
  if (state.throttleCount > state.throttlesSweptAt) sweep(state, turn);
  return undefined;
}

function taken(
  state: ArmState,
  turn: Turn,
  of: { readonly name: string; readonly size: BucketSize },
  into: [string, TokenBucket][],
): Duration {
  const taking = take(state.buckets[of.name] ?? tokenBucket(of.size), turn.now);
  if (!taking.ok) return taking.retryAfter;
  into.push([of.name, taking.bucket]);
  return ZERO;
}

function counted(
  state: ArmState,
  turn: Turn,
  of: { readonly name: string; readonly window: WindowSize },
  into: [string, RequestWindow][],
): Duration {
  const counting = countRequest(state.windows[of.name] ?? requestWindow(of.window), turn.now);
  if (!counting.ok) return counting.retryAfter;
  into.push([of.name, counting.window]);
  return ZERO;
}

/** Forgets throttles that are as good as new. */
function sweep(state: ArmState, turn: Turn): void {
  for (const name of Object.keys(state.buckets)) {
    const bucket = state.buckets[name];
    if (bucket === undefined || !isFull(bucket, turn.now)) continue;
    delete state.buckets[name];
    state.throttleCount -= 1;
  }
  for (const name of Object.keys(state.windows)) {
    const window = state.windows[name];
    if (window === undefined || !isOver(window, turn.now)) continue;
    delete state.windows[name];
    state.throttleCount -= 1;
  }
  state.throttlesSweptAt = Math.max(SWEEP_FIRST, 2 * state.throttleCount);
}
