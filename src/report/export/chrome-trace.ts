/**
 * A run as a Chrome trace (Trace Event Format), which ui.perfetto.dev and chrome://tracing open.
 *
 * One process row for each kind of component, one thread for each actor. Tokens are asynchronous spans with what they waited for inside;
 * MIC's cycles, workers and ARM's operations are spans; each message is a short slice with an arrow (flow) from the turn that sent it;
 * assigned identities by status and MIC's queue are counters. Times are microseconds, as the format has them.
 */
import type { Moment } from '../../kernel/time.ts';
import { messageWords } from './message-words.ts';
import type { RunJournal, SentMessage, TokenSpan } from './run-journal.ts';
import { handleFact } from '../watcher.ts';
import type { FactHandlers, Stamped } from '../watcher.ts';

interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: 'b' | 'e' | 'X' | 's' | 'f' | 'C' | 'M' | 'i';
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly id?: string;
  readonly bp?: 'e';
  readonly s?: 't';
  readonly args?: Readonly<Record<string, unknown>>;
}

interface Track {
  readonly pid: number;
  readonly tid: number;
}

/** The trace as one object, ready for `JSON.stringify`. */
export function chromeTrace(journal: RunJournal, run: { readonly seed: string; readonly scenario: string }): object {
  const tracks = new Tracks();
  const events = [
    ...journal.tokens.flatMap((token) => tokenEvents(token, tracks)),
    ...journal.messages.flatMap((message) => messageEvents(message, tracks)),
    ...controlEvents(journal.facts, tracks),
    ...statusCounters(journal, tracks),
  ].sort((a, b) => a.ts - b.ts);
  return {
    traceEvents: [...tracks.names(), ...events],
    displayTimeUnit: 'ms',
    otherData: { generator: 'idflow', scenario: run.scenario, seed: run.seed },
  };
}

/** Numbers of processes (kinds of actors) and threads (actors), given out in order of appearance. */
class Tracks {
  readonly #pids = new Map<string, number>();
  readonly #tids = new Map<string, Track>();

  of(actor: string): Track {
    let track = this.#tids.get(actor);
    if (track === undefined) {
      const kind = actor.split('/', 1)[0] ?? actor;
      const pid = this.#pids.get(kind) ?? this.#pids.size + 1;
      this.#pids.set(kind, pid);
      this.#tids.set(actor, (track = { pid, tid: this.#tids.size + 1 }));
    }
    return track;
  }

  names(): readonly TraceEvent[] {
    const meta = { cat: '__metadata', ph: 'M', ts: 0 } as const;
    return [
      ...[...this.#pids].map(([kind, pid]) => ({ ...meta, name: 'process_name', pid, tid: 0, args: { name: kind } })),
      ...[...this.#tids].map(([actor, { pid, tid }]) => ({ ...meta, name: 'thread_name', pid, tid, args: { name: actor } })),
    ];
  }
}

function tokenEvents({ pod, request, since, until, end, stretches, event }: TokenSpan, tracks: Tracks): readonly TraceEvent[] {
  const track = tracks.of(`pod/${pod}`);
  const common = { cat: 'token', id: request, ...track };
  const args =
    end.type === 'token-answered'
      ? { servedBy: end.servedBy, appId: end.appId, uti: end.uti, event }
      : { status: end.status, reason: end.reason, event };
  const parts = stretches.flatMap(({ label, from, to }): readonly TraceEvent[] => [
    { ...common, name: label, ph: 'b', ts: from },
    { ...common, name: label, ph: 'e', ts: to },
  ]);
  return [
    { ...common, name: `getToken ${end.type === 'token-answered' ? '' : 'failed'}`.trim(), ph: 'b', ts: since, args },
    ...parts,
    { ...common, name: 'getToken', ph: 'e', ts: until },
  ];
}

/** A message: a slice in its receiver's row, and an arrow from the slice in which it was sent. */
function messageEvents({ event, at, from, to, message, trigger, sentAt }: SentMessage, tracks: Tracks): readonly TraceEvent[] {
  const name = messageWords(message);
  const receiver = tracks.of(to);
  const flow = { name: 'message', cat: 'flow', id: String(event) };
  return [
    { name, cat: message.type, ph: 'X', ts: at, dur: 1, ...receiver, args: { from, event, trigger } },
    { ...flow, ph: 's', ts: sentAt, ...tracks.of(from) },
    { ...flow, ph: 'f', bp: 'e', ts: at, ...receiver },
  ];
}

/** Cycles and workers of MIC, operations of ARM, steps of the story. */
function controlEvents(facts: readonly Stamped[], tracks: Tracks): readonly TraceEvent[] {
  const workers = new Map<string, Moment>();
  const span = (of: { readonly name: string; readonly cat: string; readonly id: string } & Track, time: Span): readonly TraceEvent[] => [
    { ...of, ph: 'b', ts: time.from, args: time.args },
    { ...of, ph: 'e', ts: time.to },
  ];
  const handlers: FactHandlers<readonly TraceEvent[]> = {
    'mic-cycle-started': ({ queued }, { at, actor }) => [
      { name: 'MIC queue', cat: 'mic', ph: 'C', ts: at, ...tracks.of(actor), args: { events: queued } },
    ],
    'mic-cycle-ended': ({ cycle, took }, { at, actor }) => [
      { name: `cycle ${String(cycle)}`, cat: 'mic', ph: 'X', ts: at - took, dur: took, ...tracks.of(actor) },
    ],
    'mic-worker-started': ({ resource }, { at, actor }) => {
      workers.set(`${actor}|${resource}`, at);
      return [];
    },
    'mic-worker-ended': ({ resource, cycle, error }, { at, actor }) =>
      span(
        { name: `worker ${resource}`, cat: 'mic', id: `${actor}|${resource}|${String(cycle)}`, ...tracks.of(actor) },
        { from: workers.get(`${actor}|${resource}`) ?? at, to: at, args: { error } },
      ),
    'arm-operation-ended': ({ resource, operation, took, added, removed, outcome, client }, { at }) =>
      span(
        { name: `operation on ${resource.slice(resource.lastIndexOf('/') + 1)}`, cat: 'arm', id: operation, ...tracks.of('arm') },
        { from: at - took, to: at, args: { added, removed, outcome, client } },
      ),
    'story-step': ({ text }, { at }) => [{ name: text, cat: 'story', ph: 'i', s: 't', ts: at, ...tracks.of('operator') }],
  };
  return facts.flatMap((stamped) => handleFact(handlers, stamped) ?? []);
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** AzureAssignedIdentities by status, after each change. */
function statusCounters(journal: RunJournal, tracks: Tracks): readonly TraceEvent[] {
  const track = tracks.of('kube-apiserver');
  return journal.statuses.map(({ at, counts }) => ({
    name: 'AzureAssignedIdentities',
    cat: 'kube',
    ph: 'C',
    ts: at,
    ...track,
    args: counts,
  }));
}
