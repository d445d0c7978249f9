/** Where MIC was at a moment: its leader, its cycle, its workers, and what it had not heard of. */
import type { Moment } from '../../../kernel/time.ts';
import { actorWords } from '../../actor-words.ts';
import { humanDuration, humanMoment } from '../../duration-text.ts';
import { counted, lastPart } from '../../value-text.ts';
import { handleFact } from '../../watcher.ts';
import type { FactHandlers, Stamped } from '../../watcher.ts';
import type { Rule } from '../rules.ts';
import { workWords } from '../sentences/mic-words.ts';
import { failureMatters, Failures } from './failures.ts';
import type { Matter, Place } from './matter.ts';
import { cause, plain, since } from './matter.ts';
import { activityOf } from './worker.ts';

/** How long ago the end of a process or a wait still matters [µs]. */
const RECENT = 900_000_000;
/** Work of MIC that is shorter is not worth a word [µs]; one that is longer holds others up. */
const SHORT = 1_000_000;
const LONG = 5_000_000;
/** How long a deletion may wait for MIC before that is worth a word [µs]. */
const OVERDUE = 60_000_000;
/** Objects of a kind that are told. */
const MOST = 3;
/** A wait for the client's own limit that is worth a word [µs]. */
const LONG_WAIT = 500_000;

interface MicState {
  readonly cycles: Map<string, { readonly at: Moment; readonly work: string }>;
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
  const { facts, status, isUnknown } = place;
  const isThere = facts.some(({ fact }) => fact.type === 'mic-started' || fact.type === 'mic-leading' || fact.type === 'mic-cycle-started');
  // Who is not known to NMI gets nothing, whatever MIC does.
  if (!isThere || isUnknown) return [];
  const state = stateOf(place);
  const failed = failureMatters(state.failures, place);
  const reconcile = state.reconcile === undefined ? [] : [state.reconcile];
  if (status?.isAssigned === true) return [...failed, ...reconcile];
  // Nor does MIC matter to who has its token.
  if (place.isServed) return [];
  return [
    ...leadership(state, place),
    ...silences(place, state),
    // What MIC itself did is asked about where no pod is.
    ...(place.pod === '' ? [] : underWay(place, state)),
    ...failed,
    ...ownSignIn(place),
    ...(place.pod === '' || failed.length > 0 ? [] : waiting(state, place)),
    ...reconcile,
    ...terminating(place, state),
  ];
}

/** A watch that is behind. */
export function silent(who: string, table: string, at: Moment): Matter {
  return cause(
    at,
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
    'mic-cycle-started': (cycle, { at }) => cycles.set(cycle.replica, { at, work: workWords(cycle) }),
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
      state.reconcile = aborted === '' ? undefined : cause(at, `MIC’s last reconcile gave up at ${humanMoment(at)}: ${aborted}`);
    },
  };
}

function leadership({ leaders, hasLed, lastStop, stops }: MicState, { at: now }: Place): readonly Matter[] {
  // What is asked about is that very stop.
  if (lastStop?.at === now) return [];
  const none = hasLed && leaders.size === 0 ? [cause(lastStop?.at ?? now, `no MIC process leads ${since(lastStop?.at ?? now, now)}`)] : [];
  if (lastStop === undefined || (none.length === 0 && now - lastStop.at > RECENT)) return none;
  const { replica, reason, at } = lastStop;
  const rules = reason.includes('leader election') ? (['mic.lease.renewDeadline'] as const) : [];
  const often = stops === 1 ? '' : `; ${String(stops)} MIC processes have ended so far`;
  return [cause(at, `${actorWords(replica)} stopped at ${humanMoment(at)}: ${reason}${often}`, rules), ...none];
}

function silences({ record, at: now }: Place, { leaders }: MicState): readonly Matter[] {
  const [led = ''] = leaders;
  const silence = record.silences.findLast((one) => one.watcher === led && one.at <= now && now - one.at < RECENT);
  return silence === undefined ? [] : [silent(`${actorWords(silence.watcher)} had`, silence.table, silence.since)];
}

function underWay({ record, at: now }: Place, { cycles, workers }: MicState): readonly Matter[] {
  const put = (at: Moment, text: string, rules: readonly Rule[]): Matter => (now - at < LONG ? plain(text, rules) : cause(at, text, rules));
  return [
    ...[...cycles]
      .filter(([, { at }]) => now - at >= SHORT)
      .map(([replica, { at, work }]) =>
        put(
          at,
          `${actorWords(replica)} is in one cycle ${since(at, now)}, with ${work}; nothing else begins until its slowest worker is done`,
          ['mic.cyclesOverlap', 'micBatchesByNode', 'micNodesInParallel'],
        ),
      ),
    ...[...workers]
      .filter(([, { at }]) => now - at >= SHORT)
      .map(([resource, { at, replica }]) => {
        const activity = activityOf(record, { replica, resource, from: at, to: now });
        return put(
          at,
          `the worker of MIC for ${resource} is at it ${since(at, now)}${activity === undefined ? '' : `: ${activity.text}`}`,
          activity?.rules ?? [],
        );
      }),
  ];
}

function waiting({ waits, lastWait }: MicState, { at: now }: Place): readonly Matter[] {
  if (lastWait === undefined || now - lastWait.at > RECENT) return [];
  const text = `MIC’s calls of the API server waited for its own limit ${counted(waits, 'time')} so far, last for ${humanDuration(lastWait.waited)}`;
  return [lastWait.waited < SHORT ? plain(text, ['mic.clientQps']) : cause(lastWait.at, text, ['mic.clientQps'])];
}

/** IMDS refuses MIC itself a token for ARM, after MIC took an identity off. */
function ownSignIn({ facts }: Place): readonly Matter[] {
  const replicas = new Set(facts.flatMap(({ fact }) => (fact.type === 'mic-started' ? [fact.replica] : [])));
  const isRefusal = ({ fact }: Stamped): boolean =>
    fact.type === 'imds-answered' && fact.status === 400 && fact.error.includes('not found') && replicas.has(`mic/${fact.sender}`);
  const refused = facts.find(isRefusal);
  if (refused?.fact.type !== 'imds-answered') return [];
  const taken = facts.findLast(
    ({ fact, at }) =>
      fact.type === 'arm-operation-ended' &&
      fact.outcome === 'Succeeded' &&
      fact.removed.length > 0 &&
      replicas.has(fact.client) &&
      at <= refused.at,
  );
  const off =
    taken?.fact.type === 'arm-operation-ended'
      ? [
          cause(
            taken.at,
            `${actorWords(taken.fact.client)} took ${taken.fact.removed.map(lastPart).join(', ')} off ${lastPart(taken.fact.resource)} at ${humanMoment(taken.at)}`,
            ['micKeepsClusterIdentity'],
          ),
        ]
      : [];
  const { vm, sender, error } = refused.fact;
  return [
    ...off,
    cause(refused.at, `IMDS of ${vm} refuses MIC itself (${sender}) a token for ARM from ${humanMoment(refused.at)} on: ${error}`),
  ];
}

/** Assigned identities that are deleted all but for their finalizer, where nobody is at it. */
function terminating({ record, facts, at: now }: Place, { leaders }: MicState): readonly Matter[] {
  const last = new Map(record.statuses.filter(({ event }) => event <= (facts.at(-1)?.event ?? 0)).map((change) => [change.name, change]));
  return [...last.values()]
    .filter(({ status, at }) => status === 'terminating' && (leaders.size === 0 || now - at > OVERDUE))
    .slice(0, MOST)
    .map(({ name, at }) =>
      cause(at, `${name} is deleted ${since(at, now)}, all but for the finalizer, which only MIC takes off`, ['micAddsFinalizer']),
    );
}
