/** Where MIC was at a moment: its leader, its cycle, its workers, and what it had not heard of. */
import type { Moment } from '../../../kernel/time.ts';
import { humanDuration, humanMoment } from '../../duration-text.ts';
import { handleFact } from '../../watcher.ts';
import type { FactHandlers } from '../../watcher.ts';
import type { RunRecord } from '../record.ts';
import { failureMatters, Failures } from './failures.ts';
import type { Matter, Place } from './matter.ts';
import { plain, since } from './matter.ts';

/** How long ago the end of a process or a wait still matters [µs]. */
const RECENT = 900_000_000;
/** How long a worker may be at it before it is strange that ARM has not heard of it [µs]. */
const UNHEARD = 60_000_000;
/** A wait for the client's own limit that is worth a word [µs]. */
const LONG_WAIT = 500_000;

interface MicState {
  readonly cycles: Map<string, Moment>;
  /** By resource: when its worker began, and for which replica. */
  readonly workers: Map<string, { readonly at: Moment; readonly replica: string }>;
  readonly leaders: Set<string>;
  readonly failures: Failures;
  hasLed: boolean;
  waits: number;
  lastWait: { readonly at: Moment; readonly waited: number } | undefined;
  stops: number;
  lastStop: { readonly at: Moment; readonly replica: string; readonly reason: string } | undefined;
  reconcile: Matter | undefined;
}

/** Matters of MIC. Of one whose pod has its identity assigned, only what failed before. */
export function mattersOfMic(place: Place): readonly Matter[] {
  const { facts, status, at: now } = place;
  const state = stateOf(place);
  const failed = failureMatters(state.failures, place);
  if (status?.isAssigned === true) return [...failed, ...(state.reconcile === undefined ? [] : [state.reconcile])];
  return facts.some(({ fact }) => fact.type === 'mic-started' || fact.type === 'mic-leading' || fact.type === 'mic-cycle-started')
    ? [
        ...leadership(state, now),
        ...silences(place, state),
        ...underWay(place, state),
        ...failed,
        ...waiting(state, now),
        ...(state.reconcile === undefined ? [] : [state.reconcile]),
      ]
    : [];
}

/** A watch that is behind. */
export function silent(who: string, table: string, at: Moment): Matter {
  return plain(
    `${who} not heard of changes to ${table} made from ${humanMoment(at)} on: its watch delivers nothing, and it does not notice`,
    ['watch.halfOpenAfterIdle', 'watch.halfOpen.endedBy'],
  );
}

function stateOf({ facts }: Place): MicState {
  const state: MicState = {
    cycles: new Map(),
    workers: new Map(),
    leaders: new Set(),
    failures: new Failures(),
    hasLed: false,
    waits: 0,
    lastWait: undefined,
    stops: 0,
    lastStop: undefined,
    reconcile: undefined,
  };
  const handlers = handlersOf(state);
  for (const stamped of facts) handleFact(handlers, stamped);
  return state;
}

function handlersOf(state: MicState): FactHandlers<unknown> {
  const { cycles, workers, leaders, failures } = state;
  return {
    'mic-cycle-started': ({ replica }, { at }) => cycles.set(replica, at),
    'mic-cycle-ended': ({ replica }) => cycles.delete(replica),
    'mic-worker-started': ({ resource, replica }, { at }) => workers.set(resource, { at, replica }),
    'mic-worker-ended': ({ resource, error }, { at }) => {
      workers.delete(resource);
      if (error === '') failures.clear(resource);
      else failures.note({ resource, error, at });
    },
    'mic-leading': ({ replica }) => {
      leaders.add(replica);
      state.hasLed = true;
    },
    'mic-stopped': ({ replica, reason }, { at }) => {
      leaders.delete(replica);
      cycles.delete(replica);
      for (const [resource, worker] of workers) if (worker.replica === replica) workers.delete(resource);
      state.stops += 1;
      state.lastStop = { at, replica, reason };
    },
    'client-throttled': ({ waited }, { at }) => {
      if (waited < LONG_WAIT) return;
      state.waits += 1;
      state.lastWait = { at, waited };
    },
    'mic-reconciled': ({ aborted }, { at }) => {
      state.reconcile = aborted === '' ? undefined : plain(`MIC’s last reconcile gave up at ${humanMoment(at)}: ${aborted}`);
    },
  };
}

function leadership({ leaders, hasLed, lastStop, stops }: MicState, now: Moment): readonly Matter[] {
  const none = hasLed && leaders.size === 0 ? [plain('no MIC process leads')] : [];
  if (lastStop === undefined || now - lastStop.at > RECENT) return none;
  const { replica, reason, at } = lastStop;
  const rules = reason.includes('leader election') ? (['mic.lease.renewDeadline'] as const) : [];
  return [
    ...none,
    plain(
      `${replica} stopped at ${humanMoment(at)}: ${reason}${stops === 1 ? '' : `; ${String(stops)} MIC processes have ended so far`}`,
      rules,
    ),
  ];
}

function silences({ record, at: now }: Place, { leaders }: MicState): readonly Matter[] {
  const [led = ''] = leaders;
  const silence = record.silences.findLast((one) => one.watcher === led && one.at <= now && now - one.at < RECENT);
  return silence === undefined ? [] : [silent(`${silence.watcher} had`, silence.table, silence.since)];
}

function underWay({ record, at: now }: Place, { cycles, workers }: MicState): readonly Matter[] {
  return [
    ...[...cycles].map(([replica, at]) =>
      plain(`${replica} is in one cycle ${since(at, now)}; nothing else begins until its slowest worker is done`, ['mic.cyclesOverlap']),
    ),
    ...[...workers].map(([resource, { at, replica }]) => {
      const text = `the worker of ${resource} is at it ${since(at, now)}`;
      return now - at < UNHEARD || hasReachedArm(record, replica, { from: at, to: now })
        ? plain(text)
        : plain(
            `${text}, and no call of ${replica} has reached ARM since: a call has no deadline of its own, so on a dead connection it waits until the operating system gives up`,
            ['net.deadConnection'],
          );
    }),
  ];
}

function hasReachedArm({ events }: RunRecord, replica: string, { from, to }: { readonly from: Moment; readonly to: Moment }): boolean {
  for (const { actor, from: sender, at } of events.values()) {
    if (at > to) return false;
    if (at >= from && actor === 'arm' && sender === replica) return true;
  }
  return false;
}

function waiting({ waits, lastWait }: MicState, now: Moment): readonly Matter[] {
  if (lastWait === undefined || now - lastWait.at > RECENT) return [];
  return [
    plain(
      `MIC’s calls of the API server waited for its own limit ${String(waits)} times so far, last for ${humanDuration(lastWait.waited)}`,
      ['mic.clientQps'],
    ),
  ];
}
