/**
 * What the controllers know of their pods: seen ones as the watch shows them, asked ones before it does.
 *
 * It takes the place of `pkg/controller`'s expectations: a pod whose creation or deletion is under way already counts. An ask that never
 * came to anything is taken back after the time in which a dead connection is noticed (`watch.idleDetect`).
 */
import { between } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ControlledPod, ControlledStage } from '../../model/cluster-rows.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { templateHash } from '../../model/pod-names.ts';
import { HASH_LABEL, controllerOf, podOf } from '../../model/pod-template.ts';
import type { PodOwner, PodOwnerKind } from '../../model/pod-template.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { call, enqueue, enqueueOwner, parsed } from './state.ts';
import type { ControllerManagerState } from './state.ts';

const LIVE: readonly ControlledStage[] = ['asked', 'pending', 'ready'];

/** Name of an owner in the ledger. */
export function ownerName(owner: PodOwner): string {
  return `${owner.kind}/${keyOf(owner)}`;
}

/** The owner of that name as the watch shows it; undefined once it is gone or going. */
export function ownerOf(name: string, turn: Turn): PodOwner | undefined {
  const { kind, key } = parsed(name);
  const owner = lookUp(kind as PodOwnerKind, key, turn);
  return owner?.metadata.deletionTimestamp === undefined ? owner : undefined;
}

/** Enters what the watch shows of a pod; answers its owner, `''` if nobody controls it. */
export function observe(key: string, turn: Turn): { readonly owner: string; readonly node: string } {
  const ledger = turn.table('controlledPods');
  const old = ledger.get(key);
  const pod = turn.informer('pods').get(key);
  if (pod === undefined) {
    ledger.delete(key);
    return { owner: old?.owner ?? '', node: old?.node ?? '' };
  }
  const owner = controllerOf(pod);
  if (owner === '') return { owner, node: '' };
  const { uid } = pod.metadata;
  // A deletion that was asked for stands until the watch shows the pod gone.
  const stage = old?.stage === 'ending' && old.uid === uid ? 'ending' : stageOf(pod);
  const node = owner.startsWith('DaemonSet/') ? (pod.spec.nodeName ?? '') : '';
  ledger.put(key, { key, uid, owner, templateHash: hashOf(pod, owner, turn), node, stage, askedAt: old?.askedAt ?? turn.now });
  return { owner, node };
}

/** Asks for a pod. */
export function ask(
  state: ControllerManagerState,
  turn: Turn,
  owner: PodOwner,
  place: { readonly name: string; readonly node?: string },
): void {
  const pod = podOf(owner, place);
  const key = keyOf(pod);
  const name = ownerName(owner);
  turn.table('controlledPods').put(key, {
    key,
    uid: '',
    owner: name,
    templateHash: templateHash(owner.spec.template),
    node: place.node ?? '',
    stage: 'asked',
    askedAt: turn.now,
  });
  call(state, turn, ['create', key, name], { verb: 'create', object: pod });
  watchOver(turn, name);
}

/** Asks for a pod's deletion. */
export function dismiss(state: ControllerManagerState, turn: Turn, row: ControlledPod): void {
  turn.table('controlledPods').put(row.key, { ...row, stage: 'ending', askedAt: turn.now });
  call(state, turn, ['delete', row.key, row.owner], { verb: 'delete', kind: 'Pod', key: row.key });
  watchOver(turn, row.owner);
}

/** The answer to an ask or a dismissal: what failed is taken back, and tried again if that can help. */
export function onAnswered(
  answer: { readonly what: string; readonly key: string; readonly owner: string; readonly status: number; readonly wait: Duration },
  turn: Turn,
): void {
  const { what, key, owner, status, wait } = answer;
  if (status < 300) return;
  const row = turn.table('controlledPods').get(key);
  if (what === 'create' && row?.stage === 'asked') turn.table('controlledPods').delete(key);
  if (what === 'delete' && status !== 404) takeBack(key, turn);
  // 403, 404, 422: the namespace is going, or the name cannot be: trying again changes nothing.
  if (status === 409) enqueueOwner(turn, owner);
  else if (status === 429 || status >= 500) enqueueOwner(turn, owner, wait);
}

/** Takes back what was asked for long ago and never shown by the watch. */
export function takeBackOverdue(owner: string, turn: Turn): void {
  const patience = turn.knob('watch.idleDetect');
  let isUnderWay = false;
  const ledger = turn.table('controlledPods');
  for (const row of [...ledger.by('stage', `${owner}|asked`), ...ledger.by('stage', `${owner}|ending`)]) {
    if (between(row.askedAt, turn.now) < patience) isUnderWay = true;
    else if (row.stage === 'asked') ledger.delete(row.key);
    else takeBack(row.key, turn);
  }
  if (isUnderWay) watchOver(turn, owner);
  enqueueOwner(turn, owner);
}

/** Live pods of an owner (asked for, pending, ready), by creation. */
export function livePods(owner: string, turn: Turn): readonly ControlledPod[] {
  return turn
    .table('controlledPods')
    .by('owner', owner)
    .filter(({ stage }) => LIVE.includes(stage));
}

/** How many live pods an owner has, of one template or of all; without listing them. */
export function liveCount(owner: string, turn: Turn, hash?: string): number {
  return LIVE.reduce((sum, stage) => sum + countOf(owner, stage, turn, hash), 0);
}

/** How many pods of an owner are at a stage, of one template or of all. This turn's own writes do not count. */
export function countOf(owner: string, stage: ControlledStage, turn: Turn, hash?: string): number {
  const ledger = turn.table('controlledPods');
  return hash === undefined ? ledger.count('stage', `${owner}|${stage}`) : ledger.count('revision', `${owner}|${hash}|${stage}`);
}

/** Lets every pod of an owner that is gone follow it. Upstream the garbage collector does it. */
export function dismissAll(state: ControllerManagerState, turn: Turn, owner: string): void {
  for (const row of turn.table('controlledPods').by('owner', owner)) if (row.stage !== 'ending') dismiss(state, turn, row);
}

function watchOver(turn: Turn, owner: string): void {
  enqueue(turn, { kind: 'Overdue', key: owner, delay: turn.knob('watch.idleDetect') });
}

/** A deletion did not happen: the pod counts as what the watch shows, unless it shows it on its way out. */
function takeBack(key: string, turn: Turn): void {
  const row = turn.table('controlledPods').get(key);
  const pod = turn.informer('pods').get(key);
  if (row === undefined) return;
  if (pod === undefined) turn.table('controlledPods').delete(key);
  else turn.table('controlledPods').put(key, { ...row, stage: stageOf(pod) });
}

function stageOf(pod: Pod): ControlledStage {
  if (pod.metadata.deletionTimestamp !== undefined) return 'ending';
  if (pod.status.phase === 'Succeeded') return 'done';
  if (pod.status.phase === 'Failed') return 'failed';
  return pod.status.ready ? 'ready' : 'pending';
}

/** Hash of the template a pod was made from; a pod without that label counts as made from the present one. */
function hashOf(pod: Pod, owner: string, turn: Turn): string {
  const { kind } = parsed(owner);
  const label = pod.metadata.labels[HASH_LABEL[kind as PodOwnerKind]];
  if (label !== undefined) return label;
  const template = ownerOf(owner, turn)?.spec.template;
  return template === undefined ? '' : templateHash(template);
}

function lookUp(kind: PodOwnerKind, key: string, turn: Turn): PodOwner | undefined {
  switch (kind) {
    case 'Deployment':
      return turn.informer('deployments').get(key);
    case 'StatefulSet':
      return turn.informer('statefulSets').get(key);
    case 'DaemonSet':
      return turn.informer('daemonSets').get(key);
    case 'Job':
      return turn.informer('jobs').get(key);
  }
}
