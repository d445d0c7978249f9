/**
 * One cycle (§4.1): take in what changed, compare, plan, one worker for each resource, all at once; it ends with the slowest.
 *
 * Follows pkg/mic/mic.go:Sync. Caches are read at one instant, at the beginning; what changes later is for the next cycle.
 */
import { ZERO, between } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { keyIn } from '../../model/kubernetes.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { cachesOf } from './caches.ts';
import type { Caches } from './caches.ts';
import { findDifferences, inListOrder, refresh } from './desired-set.ts';
import { DesiredRows } from './desired-rows.ts';
import type { Finding, Findings } from './desired-set.ts';
import { growByCycle } from './memory.ts';
import { planTracks } from './plan.ts';
import type { Track } from './plan.ts';
import type { MicState } from './state.ts';
import { dropWork, workItem, workKey } from './work.ts';

/** Whether a cycle has anything to do. */
export type CycleOutcome = 'working' | 'idle';

/** Runs the first half of a cycle. A cycle that finds nothing is over at once, but for its computing time. */
export function beginCycle(state: MicState, turn: Turn): CycleOutcome {
  const { loop } = state;
  loop.cycles += 1;
  if (growByCycle(state, turn) === 'killed') return 'idle';
  const caches = cachesOf(turn);
  const rows = new DesiredRows(turn);
  refresh(state, rows, caches, turn);
  const found = findDifferences(rows, caches, turn);
  const outcome = found.list.length > 0 ? beginWork(state, { rows, ...found }, caches, turn) : 'idle';
  rows.commit();
  return outcome;
}

function beginWork(state: MicState, found: Findings & { readonly rows: DesiredRows }, caches: Caches, turn: Turn): CycleOutcome {
  const { loop } = state;
  const findings = inListOrder(found.list, turn);
  const count = (...kinds: Finding['difference'][]): number => findings.filter(({ difference }) => kinds.includes(difference)).length;
  const planned = planTracks(findings, { ...found, ownIdentity: state.ownIdentity }, caches, turn);
  // A finding always makes a track; were it otherwise the loop would wait for ever.
  if (planned.length === 0) throw new Error('a cycle with findings planned no work');
  // Only where cycles overlap can a worker of an earlier one still be at a resource: that resource waits for a later cycle.
  const tracks = planned.filter(({ name }) => state.workers[name] === undefined);
  if (tracks.length === 0) return 'idle';
  loop.phase = 'cycle';
  turn.fact({
    type: 'mic-cycle-started',
    replica: turn.self,
    cycle: loop.cycles,
    creates: count('create', 'retry'),
    deletes: count('delete'),
    updates: count('update'),
    queued: loop.queued,
    buffered: Math.max(0, loop.queued - turn.knob('mic.eventChannel')),
  });
  for (const track of tracks) employ(state, track, turn);
  const waiting = behaves(turn, 'micNodesInParallel') ? [] : tracks.slice(1).map(({ name }) => name);
  loop.open[loop.cycles] = { startedAt: turn.now, working: tracks.length, waiting };
  for (const { name } of tracks.slice(0, tracks.length - waiting.length)) start(name, turn.knob('mic.sync.noopCycle'), turn);
  return 'working';
}

/** A worker begins: its resource's first call is under way in this turn, and the pod it waited longest for is its cause. */
export function introduceWorker(state: MicState, name: string, turn: Turn): void {
  const worker = state.workers[name];
  if (worker === undefined) return;
  turn.fact({
    type: 'mic-worker-started',
    replica: turn.self,
    cycle: worker.cycle,
    resource: worker.resource,
    add: [...worker.add],
    remove: [...worker.remove],
  });
  citeEarliest(state, name, turn);
}

/** A worker is done; answers whether the cycle is, too. */
export function endWorker(state: MicState, name: string, turn: Turn): 'over' | 'going' {
  const worker = state.workers[name];
  if (worker === undefined) return 'going';
  const { resource, cycle: number, error } = worker;
  turn.fact({ type: 'mic-worker-ended', replica: turn.self, cycle: number, resource, error });
  dropWork(name, worker.changes + worker.deletes, turn);
  delete state.workers[name];
  const cycle = state.loop.open[number];
  if (cycle === undefined) return 'going';
  cycle.working -= 1;
  const next = cycle.waiting.shift();
  if (next !== undefined) start(next, ZERO, turn);
  if (cycle.working > 0) return 'going';
  Reflect.deleteProperty(state.loop.open, number);
  turn.fact({ type: 'mic-cycle-ended', replica: turn.self, cycle: number, took: between(cycle.startedAt, turn.now) });
  return 'over';
}

function employ(state: MicState, track: Track, turn: Turn): void {
  const items = [...track.changes, ...track.deletes];
  for (const [index, draft] of items.entries()) {
    const item = { ...draft, replica: turn.self, worker: track.name, index };
    turn.table('micWork').put(workKey(item), item);
  }
  state.workers[track.name] = {
    name: track.name,
    kind: track.kind,
    resource: track.resource,
    cycle: state.loop.cycles,
    phase: 'starting',
    add: [...new Set(track.add)],
    remove: [...new Set(track.remove)],
    changes: track.changes.length,
    deletes: track.deletes.length,
    next: 0,
    inFlight: 0,
    present: [],
    error: '',
  };
}

function start(name: string, wait: Duration, turn: Turn): void {
  turn.setTimer(`worker/${name}`, wait, { type: 'WorkerDue', resource: name, step: 'start' }, { label: 'micWork' });
}

/** The news behind a worker's items waited in MIC's queue until their cycle began: that of the item that came first stands for all. */
function citeEarliest(state: MicState, name: string, turn: Turn): void {
  const caches = cachesOf(turn);
  const worker = state.workers[name];
  let earliest: News | undefined;
  for (let index = 0; index < (worker?.changes ?? 0); index += 1) {
    const item = workItem(name, index, turn);
    if (item === undefined || item.kind === 'retry') continue;
    const news = newsOf(caches, item.object);
    if (news !== undefined && (earliest === undefined || news.arrivedAt < earliest.arrivedAt)) earliest = news;
  }
  const startedAt = state.loop.open[worker?.cycle ?? -1]?.startedAt ?? turn.now;
  if (earliest === undefined || earliest.arrivedAt > startedAt) return;
  turn.cite({ event: earliest.cause, arrivedAt: earliest.arrivedAt, label: 'micQueue', way: 'watch', mode: 'queue', takenAt: startedAt });
}

/** A revision, and when it reached MIC. */
interface News {
  readonly cause: number;
  readonly arrivedAt: Moment;
}

/** What made an assignment due: its pod, or its binding where that came after. */
function newsOf(caches: Pick<Caches, 'pods' | 'bindings'>, { spec }: AzureAssignedIdentity): News | undefined {
  const pod = caches.pods.revision(keyIn(spec.podNamespace, spec.pod));
  const { namespace, name } = spec.azureBindingRef.metadata;
  const binding = caches.bindings.revision(keyIn(namespace, name));
  return pod === undefined || (binding !== undefined && binding.arrivedAt > pod.arrivedAt) ? binding : pod;
}
