/**
 * kube-scheduler: finds a node for each pod that has none.
 *
 * Follows `pkg/scheduler` in outline: filter (Ready, not cordoned, taints, nodeSelector, room), score, assume, bind.
 *
 *   watch: pod without node ─(scheduler.throughput, scheduler.latency)─► node with fewest pods ─bind─► kube-apiserver
 *                                   └ none fits: waits until a node or a place appears
 *
 * Its cache is two tables of its own: nodes by load, so that the least loaded are found without a walk over all, and where each pod is.
 * Simplified: the score is the number of pods, ties by chance; pods
 * of DaemonSets come with their node.
 */
import { ORIGIN, after, between, plus, seconds } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';
import type { Pod } from '../model/kubernetes.ts';
import type { MessageOf } from '../model/messages/index.ts';
import { hasLabels } from '../model/selectors.ts';
import { isAdmittedBy } from '../model/taints.ts';
import type { SchedulerNode } from '../model/cluster-rows.ts';
import { defineActor } from '../model/vocabulary.ts';
import type { Turn } from '../model/vocabulary.ts';

/** The scheduler's memory beside its tables. */
export interface SchedulerState {
  /** Calls so far [count] -- changes. */
  requests: number;
  /** Pods no node had room for, oldest first -- changes. */
  waiting: string[];
  /** When it is free for the next pod -- changes. */
  freeAt: Moment;
}

/** What it can be told. */
export type SchedulerInbox = MessageOf<'Start' | 'WatchEvent' | 'ScheduleDue' | 'ApiResponse'>;

/** The actor `scheduler`. */
export const scheduler = defineActor<SchedulerState, SchedulerInbox>({
  kind: 'scheduler',
  initial: () => ({ requests: 0, waiting: [], freeAt: ORIGIN }),
  handlers: { Start: onStart, WatchEvent: onWatchEvent, ScheduleDue: onScheduleDue, ApiResponse: onApiResponse },
});

const KEY_AT = 1;

function onStart(state: SchedulerState, _message: MessageOf<'Start'>, turn: Turn): void {
  turn.watch('pods', { projection: 'placing' });
  turn.watch('nodes', { projection: 'placement' });
  const load: Record<string, number> = {};
  for (const pod of turn.informer('pods').all()) {
    const node = placeOf(pod);
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (node === '') {
      if (isUnplaced(pod)) dueSoon(state, turn, key);
      continue;
    }
    turn.table('placements').put(key, { node, state: 'seen' });
    load[node] = (load[node] ?? 0) + 1;
  }
  for (const { metadata } of turn.informer('nodes').all()) writeNode(turn, metadata.name, load[metadata.name] ?? 0);
}

function onWatchEvent(state: SchedulerState, message: MessageOf<'WatchEvent'>, turn: Turn): void {
  if (message.table === 'nodes') onNode(state, message.key, turn);
  else onPod(state, message.key, turn);
}

function onNode(state: SchedulerState, name: string, turn: Turn): void {
  const known = turn.table('schedulerNodes').get(name);
  if (turn.informer('nodes').get(name) === undefined) {
    turn.table('schedulerNodes').delete(name);
    return;
  }
  // Counted once at its first sight: pods may have been bound to it before the scheduler knew it.
  const pods =
    known?.pods ??
    turn
      .informer('pods')
      .by('node', name)
      .filter((pod) => placeOf(pod) !== '').length;
  writeNode(turn, name, pods);
  retryWaiting(state, turn);
}

function onPod(state: SchedulerState, key: string, turn: Turn): void {
  const pod = turn.informer('pods').get(key);
  const old = turn.table('placements').get(key);
  const node = pod === undefined ? '' : placeOf(pod);
  if (node !== '') {
    if (old?.node !== node) move(turn, { key, from: old?.node ?? '', to: node });
    turn.table('placements').put(key, { node, state: 'seen' });
    return;
  }
  if (old?.state === 'seen') {
    move(turn, { key, from: old.node, to: '' });
    retryWaiting(state, turn);
  }
  if (pod === undefined) forget(state, key, turn);
  else if (isUnplaced(pod) && old?.state !== 'assumed') dueSoon(state, turn, key);
}

/** A pod is gone before it had a node. */
function forget(state: SchedulerState, key: string, turn: Turn): void {
  turn.cancelTimer(timerOf(key));
  const at = state.waiting.indexOf(key);
  if (at >= 0) state.waiting.splice(at, 1);
  if (turn.table('placements').get(key)?.state === 'assumed')
    move(turn, { key, from: turn.table('placements').get(key)?.node ?? '', to: '' });
}

function onScheduleDue(state: SchedulerState, { pod: key }: MessageOf<'ScheduleDue'>, turn: Turn): void {
  const seen = turn.informer('pods').revision(key);
  if (seen === undefined || !isUnplaced(seen.value)) return;
  // The answer to an earlier binding never came: think again from the start.
  const assumed = turn.table('placements').get(key);
  if (assumed !== undefined) move(turn, { key, from: assumed.node, to: '' });
  const node = pickNode(seen.value, key, turn);
  if (node === undefined) {
    if (!state.waiting.includes(key)) state.waiting.push(key);
    return;
  }
  move(turn, { key, from: '', to: node });
  state.requests += 1;
  turn.send('kube-apiserver', {
    type: 'ApiRequest',
    request: `${turn.self}#${String(state.requests)} ${key}`,
    call: { verb: 'bind', key, node },
  });
  // A call that is lost on its way is noticed as a dead connection is.
  turn.setTimer(timerOf(key), turn.knob('watch.idleDetect'), { type: 'ScheduleDue', pod: key }, { label: 'podStart' });
}

function onApiResponse(state: SchedulerState, { request, status, retryAfter }: MessageOf<'ApiResponse'>, turn: Turn): void {
  const key = request.split(' ')[KEY_AT] ?? '';
  turn.cancelTimer(timerOf(key));
  if (status === 200) return;
  const placed = turn.table('placements').get(key);
  if (placed?.state === 'assumed') {
    move(turn, { key, from: placed.node, to: '' });
    retryWaiting(state, turn);
  }
  // 404 and 409: its watch tells what became of the pod.
  if (status === 404 || status === 409) return;
  if (retryAfter === undefined) dueSoon(state, turn, key);
  else turn.setTimer(timerOf(key), retryAfter, { type: 'ScheduleDue', pod: key }, { label: 'api' });
}

/**
 * The fitting node with fewest pods, by chance among equals. Goes from one load to the next; nodes are looked at only for a pod that
 * selects among them.
 */
function pickNode(pod: Pod, key: string, turn: Turn): string | undefined {
  const nodes = turn.table('schedulerNodes');
  const isAnyNodeFine = Object.keys(pod.spec.nodeSelector).length === 0;
  let left = nodes.size;
  for (let pods = 0; left > 0 && pods <= turn.knob('limits.podsPerNode.maximum'); pods += 1) {
    const load = `load-${String(pods)}`;
    left -= nodes.count('load', load);
    const chance = (): number => turn.uniform('scheduler', key);
    const picked = isAnyNodeFine ? nodes.pick('load', load, chance) : undefined;
    // A tainted one: by chance among those that are left, so that each is as likely as before.
    const isPickFine = picked !== undefined && isAdmittedBy(picked.taints, pod.spec);
    const node = isPickFine || (isAnyNodeFine && picked === undefined) ? picked : oneOf(nodes.by('load', load), pod, chance);
    if (node !== undefined) return node.node;
  }
  return undefined;
}

function oneOf(nodes: readonly SchedulerNode[], pod: Pod, chance: () => number): SchedulerNode | undefined {
  const fitting = nodes.filter((node) => hasLabels(node.labels, pod.spec.nodeSelector) && isAdmittedBy(node.taints, pod.spec));
  return fitting.length === 0 ? undefined : fitting[Math.floor(chance() * fitting.length)];
}

/** Counts a pod off one node and onto another; `''` is nowhere. */
function move(turn: Turn, { key, from, to }: { readonly key: string; readonly from: string; readonly to: string }): void {
  if (from !== '') recount(turn, from, -1);
  if (to !== '') recount(turn, to, 1);
  if (to === '') turn.table('placements').delete(key);
  else turn.table('placements').put(key, { node: to, state: 'assumed' });
}

function recount(turn: Turn, name: string, by: number): void {
  const node = turn.table('schedulerNodes').get(name);
  if (node !== undefined) turn.table('schedulerNodes').put(name, withPods(node, node.pods + by));
}

function writeNode(turn: Turn, name: string, pods: number): void {
  const node = turn.informer('nodes').get(name);
  if (node === undefined) return;
  const isSchedulable = node.status.ready && !node.spec.unschedulable;
  const { labels } = node.metadata;
  const row = { node: name, pods, maxPods: node.status.maxPods, isOpen: false, isSchedulable, labels, taints: node.spec.taints ?? [] };
  turn.table('schedulerNodes').put(name, withPods(row, pods));
}

function withPods(node: SchedulerNode, pods: number): SchedulerNode {
  return { ...node, pods, isOpen: node.isSchedulable && pods < node.maxPods };
}

/** A node or a place may have appeared: the pods that waited are looked at again, each after its own latency. */
function retryWaiting(state: SchedulerState, turn: Turn): void {
  for (const key of state.waiting) dueSoon(state, turn, key);
  state.waiting = [];
}

/** One pod after another gets its turn, `scheduler.throughput` a second, and is then thought about. */
function dueSoon(state: SchedulerState, turn: Turn, key: string): void {
  const begin = Math.max(turn.now, state.freeAt) as Moment;
  state.freeAt = after(begin, seconds(1 / turn.knob('scheduler.throughput')));
  const delay = plus(between(turn.now, begin), turn.draw('scheduler.latency', key));
  turn.setTimer(timerOf(key), delay, { type: 'ScheduleDue', pod: key }, { label: 'podStart' });
}

function timerOf(key: string): string {
  return `schedule|${key}`;
}

/** Node on which a pod takes a place; `''` if none (yet, or any more). */
function placeOf(pod: Pod): string {
  const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
  return isOver ? '' : (pod.spec.nodeName ?? '');
}

function isUnplaced(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') === '' && pod.metadata.deletionTimestamp === undefined;
}
