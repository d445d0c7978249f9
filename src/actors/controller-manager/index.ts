/**
 * kube-controller-manager with the cloud's node controller: the loops that bring what is to what is wanted.
 *
 *   watch ─► ledger of pods ─► queue (one item per owner) ─► sync of that owner ─ApiRequest─► kube-apiserver
 *
 * The parts are files of this folder. An event costs what belongs to its owner, mostly a few counts; nothing here runs while nothing changes.
 * Simplified: the client's own rate limit (20 calls a second upstream) is not modelled.
 */
import { ORIGIN } from '../../kernel/time.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { controllerOf } from '../../model/pod-template.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { onCronDue, syncCronJob } from './cron-jobs.ts';
import { isRolling, rollOver, syncDaemonSet, syncNode } from './daemon-sets.ts';
import { dismissAll, observe, onAnswered, ownerOf, takeBackOverdue } from './ledger.ts';
import { emptyNamespace, onContentGone, onNamespace } from './namespaces.ts';
import { isNodeStep, onNodeDeleted, onNodeReady, onNodeStep, retryNode, watchHeartbeat } from './nodes.ts';
import { syncDeployment, syncJob, syncStatefulSet } from './sets.ts';
import { call, enqueue, enqueueOwner } from './state.ts';
import { driveOut, liftStartupTaints } from './taints.ts';
import type { ControllerManagerState } from './state.ts';

/** What it can be told. */
export type ControllerManagerInbox = MessageOf<'Start' | 'WatchEvent' | 'ControllerDue' | 'NodeStepDue' | 'ApiResponse'>;

/** The actor `controller-manager`. */
export const controllerManager = defineActor<ControllerManagerState, ControllerManagerInbox>({
  kind: 'controller-manager',
  initial: () => ({ requests: 0, silent: {}, evictFrom: ORIGIN }),
  handlers: {
    Start: onStart,
    WatchEvent: onWatchEvent,
    ControllerDue: onControllerDue,
    NodeStepDue: (state, { node, step }, turn) => {
      if (isNodeStep(step)) onNodeStep(state, step, node, turn);
    },
    ApiResponse: onApiResponse,
  },
});

/** Table of each kind that owns pods. */
const OWNERS = { deployments: 'Deployment', statefulSets: 'StatefulSet', daemonSets: 'DaemonSet', jobs: 'Job' } as const;

function onStart(_state: ControllerManagerState, _message: MessageOf<'Start'>, turn: Turn): void {
  turn.watch('pods', { projection: 'lifecycle' });
  turn.watch('nodes', { projection: 'placement' });
  turn.watch('namespaces');
  for (const pod of turn.informer('pods').all()) if (controllerOf(pod) !== '') observe(keyOf(pod), turn);
  for (const { metadata } of turn.informer('nodes').all()) watchHeartbeat(metadata.name, turn);
  for (const { metadata } of turn.informer('namespaces').all()) {
    if (metadata.deletionTimestamp !== undefined) enqueue(turn, { kind: 'Namespace', key: metadata.name });
  }
  for (const table of ['deployments', 'statefulSets', 'daemonSets', 'jobs'] as const) {
    turn.watch(table);
    for (const owner of turn.informer(table).all()) enqueue(turn, { kind: OWNERS[table], key: keyOf(owner) });
  }
}

function onWatchEvent(state: ControllerManagerState, { table, key, change }: MessageOf<'WatchEvent'>, turn: Turn): void {
  switch (table) {
    case 'pods':
      onPod(state, key, turn);
      return;
    case 'nodes':
      onNode(state, key, change, turn);
      return;
    case 'namespaces':
      onNamespace(state, key, turn);
      return;
    case 'deployments':
    case 'statefulSets':
    case 'daemonSets':
    case 'jobs':
      enqueue(turn, { kind: OWNERS[table], key });
      return;
    default:
      throw new Error(`controller-manager follows no table ${table}`);
  }
}

function onPod(state: ControllerManagerState, key: string, turn: Turn): void {
  const { owner, node } = observe(key, turn);
  if (owner === '') return;
  if (node === '') {
    enqueueOwner(turn, owner);
    return;
  }
  liftStartupTaints(state, key, turn);
  enqueue(turn, { kind: 'DaemonSetNode', key: `${owner}|${node}` });
}

function onNode(state: ControllerManagerState, key: string, change: 'added' | 'modified' | 'deleted', turn: Turn): void {
  const node = turn.informer('nodes').get(key);
  if (node === undefined) {
    if (change === 'deleted') onNodeDeleted(state, key, turn);
    return;
  }
  if (change === 'added') watchHeartbeat(key, turn);
  if (node.status.ready) onNodeReady(state, key, turn);
  driveOut(state, node, turn);
  for (const set of turn.informer('daemonSets').all()) enqueue(turn, { kind: 'DaemonSetNode', key: `DaemonSet/${keyOf(set)}|${key}` });
}

function onControllerDue(state: ControllerManagerState, { kind, key }: MessageOf<'ControllerDue'>, turn: Turn): void {
  switch (kind) {
    case 'Overdue':
      takeBackOverdue(key, turn);
      return;
    case 'Namespace':
      onNamespace(state, key, turn);
      return;
    case 'NamespaceContent':
      emptyNamespace(state, key, turn);
      return;
    case 'NamespaceEmpty':
      onContentGone(state, key, turn);
      return;
    case 'FinishedJob':
      call(state, turn, ['finished', key], { verb: 'delete', kind: 'Job', key });
      return;
    case 'CronDue':
      onCronDue(state, key, turn);
      return;
    case 'DaemonSetNode':
      onDaemonSetNode(state, key, turn);
      return;
    case 'DaemonSetRoll': {
      const set = ownerOf(`DaemonSet/${key}`, turn);
      if (set?.kind === 'DaemonSet') rollOver(state, set, turn);
      return;
    }
    default:
      sync(state, `${kind}/${key}`, turn);
  }
}

function onDaemonSetNode(state: ControllerManagerState, key: string, turn: Turn): void {
  const [owner = '', node = ''] = key.split('|');
  const set = ownerOf(owner, turn);
  if (set?.kind !== 'DaemonSet') {
    dismissAll(state, turn, owner);
    return;
  }
  syncNode(state, set, node, turn);
  if (isRolling(set, turn)) enqueue(turn, { kind: 'DaemonSetRoll', key: keyOf(set) });
}

function sync(state: ControllerManagerState, name: string, turn: Turn): void {
  const owner = ownerOf(name, turn);
  switch (owner?.kind) {
    case 'Deployment':
      syncDeployment(state, owner, turn);
      return;
    case 'StatefulSet':
      syncStatefulSet(state, owner, turn);
      return;
    case 'DaemonSet':
      syncDaemonSet(state, owner, turn);
      return;
    case 'Job':
      if (owner.spec.repeats === undefined) syncJob(state, owner, turn);
      else syncCronJob(owner, turn);
      return;
    case undefined:
      dismissAll(state, turn, name);
  }
}

function onApiResponse(_state: ControllerManagerState, { request, status, retryAfter }: MessageOf<'ApiResponse'>, turn: Turn): void {
  const [, what = '', first = '', second = ''] = request.split(' ');
  if (what === 'create' || what === 'delete')
    onAnswered({ what, key: first, owner: second, status, wait: retryAfter ?? turn.knob('watch.backoff.first') }, turn);
  else if (what === 'finished' && (status === 429 || status >= 500))
    enqueue(turn, { kind: 'FinishedJob', key: first, delay: retryAfter ?? turn.knob('watch.backoff.first') });
  else if (what === 'node' && (status === 429 || status >= 500)) retryNode(first, second, turn);
  // Once all is asked to go, the namespace itself may be able to; answers of the same moment are one item.
  else if (what === 'content') enqueue(turn, { kind: 'NamespaceEmpty', key: first });
}
