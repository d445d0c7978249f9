/**
 * Tie keys: the order of events of the same microsecond, made from names only.
 *
 * Class first (starts, wake-ups, messages, timers), then a hash of receiver and link or timer. Two keys that collide fall back on the
 * sequence of pushing, as events of one link do on purpose.
 */
import { mix } from './random.ts';

const CLASS = 70368744177664; // 2^46, so that a key stays below 2^48

function key(rank: number, receiver: number, detail: number): number {
  const high = mix(receiver, detail);
  const low = mix(detail, receiver ^ 0x5bd1e995) & 0x3fff;
  return rank * CLASS + high * 16384 + low;
}

/** Key of the first message of a life. */
export function startTie(receiver: number): number {
  return key(0, receiver, 0);
}

/** Key of a watch's wake-up. */
export function wakeTie(receiver: number, link: number): number {
  return key(1, receiver, link);
}

/** Key of a message on a link. */
export function messageTie(receiver: number, link: number): number {
  return key(2, receiver, link);
}

/** Key of a timer. */
export function timerTie(owner: number, timer: number): number {
  return key(3, owner, timer);
}
