/**
 * Deployments, StatefulSets and Jobs: as many pods as wanted, of the wanted template.
 *
 * Follows `pkg/controller/{deployment,replicaset,statefulset,job}` in outline. Simplified: a Deployment makes its pods itself (its
 * ReplicaSet is a part of their names and owners); all missing pods are asked for at once (upstream in batches of 1, 2, 4, …); the newest
 * go first on the way down; a Job has no back-off limit.
 */
import type { ControlledPod } from '../../model/cluster-rows.ts';
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import type { Deployment, Job, StatefulSet } from '../../model/kubernetes.ts';
import { nameSuffix, ordinalName, ordinalOf, replicaSetName, templateHash } from '../../model/pod-names.ts';
import type { PodOwner } from '../../model/pod-template.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { ask, countOf, dismiss, liveCount, livePods, ownerName } from './ledger.ts';
import { enqueue } from './state.ts';
import type { ControllerManagerState } from './state.ts';

/** Names drawn in a row before the controller gives up on finding a free one. */
const MOST_NAMES_TRIED = 100;

/** Brings a Deployment's pods to number and template, no faster than maxSurge and maxUnavailable allow. */
export function syncDeployment(state: ControllerManagerState, deployment: Deployment, turn: Turn): void {
  const owner = ownerName(deployment);
  const { replicas, template, maxSurge, maxUnavailable } = deployment.spec;
  const hash = templateHash(template);
  const all = liveCount(owner, turn);
  const present = liveCount(owner, turn, hash);
  const old = all - present;
  const missing = old === 0 ? replicas - present : Math.min(replicas - present, replicas + maxSurge - all);
  for (let n = 0; n < missing; n += 1)
    askNamed(state, turn, deployment, { stem: replicaSetName(deployment.metadata.name, hash), subject: owner });
  if (present > replicas)
    dismissSome(
      state,
      turn,
      newestFirst(owner, turn, (row) => row.templateHash === hash),
      present - replicas,
    );
  if (old === 0) return;
  const leastReady = replicas - (maxSurge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable);
  const olds = livePods(owner, turn).filter((row) => row.templateHash !== hash);
  // Old pods that serve nobody go at once; ready ones as far as enough others are ready.
  const idle = olds.filter((row) => row.stage !== 'ready');
  dismissSome(state, turn, idle, idle.length);
  const spare = Math.max(0, countOf(owner, 'ready', turn) - leastReady);
  dismissSome(
    state,
    turn,
    olds.filter((row) => row.stage === 'ready'),
    spare,
  );
}

/** Brings a StatefulSet's pods to number and template: in order of their ordinals, one at a time, unless its policy is Parallel. */
export function syncStatefulSet(state: ControllerManagerState, set: StatefulSet, turn: Turn): void {
  const { replicas, template, podManagementPolicy } = set.spec;
  const { name, namespace } = set.metadata;
  const rows = turn.table('controlledPods').by('owner', ownerName(set));
  const isOrdered = podManagementPolicy === 'OrderedReady';
  for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
    const key = keyIn(namespace, ordinalName(name, ordinal));
    const row = rows.find((other) => other.key === key);
    if (row === undefined) ask(state, turn, set, { name: ordinalName(name, ordinal) });
    else if (row.stage === 'failed' || row.stage === 'done') dismiss(state, turn, row);
    // A name is free only when its former pod is gone.
    if (isOrdered && row?.stage !== 'ready') return;
  }
  const byOrdinal = (row: ControlledPod): number => ordinalOf(name, row.key.slice(namespace.length + 1));
  const descending = [...rows].sort((a, b) => byOrdinal(b) - byOrdinal(a));
  const surplus = descending.filter((row) => byOrdinal(row) >= replicas);
  const leaving = isOrdered ? surplus.slice(0, 1) : surplus;
  for (const row of leaving) if (row.stage !== 'ending') dismiss(state, turn, row);
  if (surplus.length > 0 || rows.some((row) => row.stage !== 'ready')) return;
  const outdated = descending.find((row) => row.templateHash !== templateHash(template));
  if (outdated !== undefined) dismiss(state, turn, outdated);
}

/** Runs as many pods side by side as a Job allows, until enough have completed. */
export function syncJob(state: ControllerManagerState, job: Job, turn: Turn): void {
  const owner = ownerName(job);
  const { completions, parallelism, ttlAfterFinished } = job.spec;
  const left = completions - countOf(owner, 'done', turn);
  if (left <= 0 && ttlAfterFinished !== undefined) enqueue(turn, { kind: 'FinishedJob', key: keyOf(job), delay: ttlAfterFinished });
  const missing = Math.min(left, parallelism) - liveCount(owner, turn);
  for (let n = 0; n < missing; n += 1) askNamed(state, turn, job, { stem: job.metadata.name, subject: owner });
}

/** Asks for a pod with a drawn name that no pod of its namespace known here has. */
export function askNamed(
  state: ControllerManagerState,
  turn: Turn,
  owner: PodOwner,
  from: { readonly stem: string; readonly subject: string; readonly node?: string },
): void {
  for (let tries = 0; tries < MOST_NAMES_TRIED; tries += 1) {
    const name = `${from.stem}-${nameSuffix(turn.uniform('podName', from.subject))}`;
    if (turn.table('controlledPods').get(keyIn(owner.metadata.namespace, name)) !== undefined) continue;
    ask(state, turn, owner, from.node === undefined ? { name } : { name, node: from.node });
    return;
  }
  throw new Error(`${ownerName(owner)} found no free name in ${String(MOST_NAMES_TRIED)} draws`);
}

function newestFirst(owner: string, turn: Turn, fits: (row: ControlledPod) => boolean): readonly ControlledPod[] {
  return livePods(owner, turn).filter(fits).reverse();
}

function dismissSome(state: ControllerManagerState, turn: Turn, rows: readonly ControlledPod[], count: number): void {
  for (const row of rows.slice(0, count)) dismiss(state, turn, row);
}
