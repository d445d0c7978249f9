/**
 * Limits of so many requests in a fixed window, as Azure counted before it had token buckets.
 *
 * Follows the older rules of ARM (an hour) and of the compute provider (3 and 30 minutes): the window begins with its first request, all
 * that was not used is lost at its end, and who is refused has to wait for that.
 */
import { ORIGIN, after, between } from '../kernel/time.ts';
import type { Duration, Moment } from '../kernel/time.ts';

/** Requests a window lets through, and how long it lasts. */
export interface WindowSize {
  /** Requests [1, at least 1] -- constant. */
  readonly requests: number;
  readonly length: Duration;
}

/** A window: plain data, replaced by each use. */
export interface RequestWindow extends WindowSize {
  readonly startedAt: Moment;
  /** Requests let through since then [1] -- changes. */
  readonly counted: number;
}

/** What a window answers: counted, or refused and how long until it ends. A refusal is not counted. */
export type Counting = { readonly ok: true; readonly window: RequestWindow } | { readonly ok: false; readonly retryAfter: Duration };

/** A window in which nothing has been counted yet. */
export function requestWindow(size: WindowSize): RequestWindow {
  return { requests: size.requests, length: size.length, startedAt: ORIGIN, counted: 0 };
}

/** Whether nothing of a window counts any more, so that a fresh one would do as well. */
export function isOver(window: RequestWindow, now: Moment): boolean {
  return window.counted === 0 || after(window.startedAt, window.length) <= now;
}

/** Counts a request, in a new window where the old one is over. */
export function countRequest(window: RequestWindow, now: Moment): Counting {
  if (isOver(window, now)) return { ok: true, window: { ...requestWindow(window), startedAt: now, counted: 1 } };
  if (window.counted < window.requests) return { ok: true, window: { ...window, counted: window.counted + 1 } };
  return { ok: false, retryAfter: between(now, after(window.startedAt, window.length)) };
}
