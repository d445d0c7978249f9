/**
 * From winning the lock to a running loop (§3.2): the type upgrade, then the lists of the five informers.
 *
 *   won ─► type upgrade (type-upgrade.ts) ─► 5 lists at once, each again after a back-off until it is answered ─► loop
 *
 * Follows pkg/mic/mic.go:Start and client-go tools/cache (Reflector.ListAndWatch). Lists and the watches behind them draw tokens of their
 * client: custom resources of one bucket, pods and nodes of the other. Simplified: the watch of each informer draws its token when it
 * begins; the tokens of watches that are renewed every 5 to 10 minutes are left out.
 */
import { between, scaled } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { LISTED_KINDS } from '../../model/mic/startup.ts';
import type { ListedKind } from '../../model/mic/startup.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { callApi, drawToken } from './api-calls.ts';
import { watchAll } from './caches.ts';
import type { MicState } from './state.ts';

/** Sends the lists. What is written from now on reaches the caches. */
export function beginLists(state: MicState, turn: Turn): void {
  watchAll(turn);
  for (const kind of LISTED_KINDS) {
    state.startup.lists[kind] = { isDone: false, failures: 0, failedAt: turn.now };
    list(state, kind, turn);
  }
}

/** A list was answered; or was not, and is asked again after a back-off. */
export function onListAnswer(state: MicState, kind: ListedKind, answer: MessageOf<'ApiResponse'>, turn: Turn): void {
  const own = state.startup.lists[kind];
  if (own === undefined) return;
  if (answer.status !== 200) {
    turn.setTimer(`list/${kind}`, backoff(own, turn), { type: 'MicListDue', kind }, { label: 'micWork' });
    return;
  }
  own.isDone = true;
  drawToken(state, clientOf(kind), turn);
  if (!LISTED_KINDS.every((each) => state.startup.lists[each]?.isDone === true)) return;
  turn.setTimer('synced', wait(state, turn), { type: 'CachesSynced' }, { label: 'micWork' });
}

/** A list's back-off is over. */
export function onListDue(state: MicState, kind: ListedKind, turn: Turn): void {
  if (state.role === 'syncing') list(state, kind, turn);
}

function list(state: MicState, kind: ListedKind, turn: Turn): void {
  callApi(state, clientOf(kind), { verb: 'list', kind }, { part: 'list', kind }, turn);
}

function clientOf(kind: ListedKind): 'crd' | 'core' {
  return kind === 'Pod' || kind === 'Node' ? 'core' : 'crd';
}

/** Reflector's back-off: doubling, with a jitter that adds up to as much again; forgotten after two minutes without a failure. */
function backoff(own: { failures: number; failedAt: Moment }, turn: Turn): Duration {
  if (between(own.failedAt, turn.now) > turn.knob('watch.backoff.resetAfter')) own.failures = 0;
  const grown = scaled(turn.knob('watch.backoff.first'), factorOf(turn.knob('watch.backoff.factor'), own.failures));
  const cap = turn.knob('watch.backoff.cap');
  own.failures += 1;
  own.failedAt = turn.now;
  return scaled(grown < cap ? grown : cap, 1 + turn.knob('watch.backoff.jitter') * turn.uniform('mic/relist', turn.self));
}

function factorOf(factor: number, failures: number): number {
  let product = 1;
  for (let n = 0; n < Math.min(failures, 32); n += 1) product *= factor;
  return product;
}

/**
 * What is left to wait once the lists are there: client-go looks every so often whether they are; and a process that has just started,
 * or just won, needs its time besides the lists.
 */
function wait(state: MicState, turn: Turn): Duration {
  const { wonAt, startedAt } = state.startup;
  const ready = Math.max(
    turn.now,
    startedAt + turn.draw('mic.restart.duration', turn.self),
    wonAt + turn.draw('mic.warmup', turn.self),
  ) as Moment;
  const poll = turn.knob('informer.cacheSyncPoll');
  const looks = poll > 0 ? Math.ceil(between(wonAt, ready) / poll) * poll : between(wonAt, ready);
  return between(turn.now, (wonAt + looks) as Moment);
}
