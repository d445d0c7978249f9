/**
 * The sync loop (§3.4): one goroutine, three sources, one thing at a time.
 *
 *   event (queue) ─► cycle        sync tick (1 h) ─► cycle        reconcile tick (3 min) ─► reconcile pass
 *
 * Follows pkg/mic/mic.go:Sync. Events are never merged: k events are k cycles, and a failed cycle is repeated only by the next event
 * or tick (W9, W32).
 */
import { ZERO, after, between } from '../../kernel/time.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { firstOf } from './caches.ts';
import { beginCycle } from './cycle.ts';
import { beginPass, isPassNeeded } from './reconcile.ts';
import type { MicState } from './state.ts';

type Source = 'event' | 'sync' | 'reconcile';

const TIMER = 'loop';

/** Arms the two tickers as the loop begins. */
export function armTickers(start: 'settled' | 'cold', turn: Turn): void {
  if (behaves(turn, 'micSyncsPeriodically')) armSync(firstOf(turn.knob('mic.sync.periodic'), 'mic/syncPhase', start, turn), turn);
  if (!behaves(turn, 'micReconciles')) return;
  const period = turn.knob('mic.reconcile');
  turn.park(
    'reconcile',
    { type: 'ReconcileDue' },
    {
      period,
      first: firstOf(period, 'mic/reconcilePhase', start, turn),
      inputs: [
        { table: 'azureAssignedIdentities' },
        { table: 'computeResources' },
        { table: 'nodes' },
        { links: 'arm' },
        { links: turn.self },
      ],
      label: 'other',
      start: start === 'cold' ? 'due' : 'quiet',
    },
  );
}

/** The loop begins with the events of everything the first lists found; its first cycle is an event of its own. */
export function beginWith(state: MicState, events: number, turn: Turn): void {
  state.loop.queued = events;
  if (events > 0) turn.setTimer(TIMER, ZERO, { type: 'LoopDue' }, { label: 'micQueue' });
}

/** Events were accepted. */
export function enqueue(state: MicState, events: number, turn: Turn): void {
  if (state.role !== 'leading') return;
  state.loop.queued += events;
  lookForWork(state, turn);
}

/** The hourly tick. A ticker keeps at most one tick. */
export function onSyncTick(state: MicState, turn: Turn): void {
  armSync(turn.knob('mic.sync.periodic'), turn);
  if (state.role !== 'leading') return;
  state.loop.syncTick = 'pending';
  lookForWork(state, turn);
}

/** The 3-minute tick, where a pass could find anything. */
export function onReconcileTick(state: MicState, turn: Turn): void {
  if (state.role !== 'leading' || !isPassNeeded(state, turn)) return;
  state.loop.reconcileTick = 'pending';
  turn.worked();
  lookForWork(state, turn);
}

/** The loop's timer: computing or the sleep after a cycle is over. */
export function onLoopDue(state: MicState, turn: Turn): void {
  if (state.loop.phase === 'tail') state.loop.phase = 'idle';
  lookForWork(state, turn);
}

/** A cycle's last worker is done: the loop sleeps, a workaround of upstream against caches that lag (W1, W2). */
export function sleepAfterCycle(state: MicState, turn: Turn): void {
  state.loop.phase = 'tail';
  turn.setTimer(TIMER, turn.knob('mic.sync.tail'), { type: 'LoopDue' }, { label: 'micQueue' });
}

/** A reconcile pass is over. */
export function endReconcile(state: MicState, turn: Turn): void {
  state.loop.phase = 'idle';
  lookForWork(state, turn);
}

function lookForWork(state: MicState, turn: Turn): void {
  const { loop } = state;
  if (loop.phase !== 'idle') return;
  if (turn.now < loop.freeAt) {
    turn.setTimer(TIMER, between(turn.now, loop.freeAt), { type: 'LoopDue' }, { label: 'micQueue' });
    return;
  }
  const source = choose(readySources(state), turn);
  if (source === undefined) return;
  if (source === 'reconcile') {
    loop.reconcileTick = 'none';
    loop.phase = 'reconcile';
    if (beginPass(state, turn) === 'over') loop.phase = 'idle';
  } else {
    if (source === 'sync') loop.syncTick = 'none';
    else loop.queued = turn.knob('mic.sync.eventCoalescing') ? 0 : loop.queued - 1;
    const outcome = beginCycle(state, turn);
    if (state.role === 'ended') return;
    if (outcome === 'idle') endIdleCycle(state, turn);
    else if (turn.knob('mic.cyclesOverlap')) sleepAfterCycle(state, turn);
  }
  // Each cycle is an event of its own, however short.
  if (loop.phase === 'idle' && readySources(state).length > 0) {
    turn.setTimer(TIMER, between(turn.now, loop.freeAt > turn.now ? loop.freeAt : turn.now), { type: 'LoopDue' }, { label: 'micQueue' });
  }
}

/** A cycle that found nothing only took its computing time; one in a thousand is told. */
function endIdleCycle({ loop }: MicState, turn: Turn): void {
  const took = turn.knob('mic.sync.noopCycle');
  loop.freeAt = after(turn.now, took);
  if (loop.cycles % turn.knob('mic.sync.metricsEveryNthIdleCycle') !== 0) return;
  turn.fact({ type: 'mic-idle-cycle-reported', replica: turn.self, cycle: loop.cycles, took });
}

function readySources(state: MicState): readonly Source[] {
  const { loop } = state;
  const ready: Source[] = [];
  if (loop.queued > 0) ready.push('event');
  if (loop.syncTick === 'pending') ready.push('sync');
  if (loop.reconcileTick === 'pending') ready.push('reconcile');
  return ready;
}

/** Faithful: Go's select takes any of several ready sources by chance. */
function choose(ready: readonly Source[], turn: Turn): Source | undefined {
  if (ready.length <= 1 || turn.knob('mic.sync.selectPolicy') === 'eventsFirst') return ready[0];
  return ready[Math.floor(turn.uniform('mic/select', turn.self) * ready.length)];
}

function armSync(wait: ReturnType<typeof firstOf>, turn: Turn): void {
  turn.setTimer('sync', wait, { type: 'PeriodicSyncDue' }, { label: 'micQueue' });
}
