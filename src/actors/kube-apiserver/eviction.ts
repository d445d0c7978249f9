/**
 * Eviction, as a drain asks for it: a deletion that disruption budgets may refuse.
 *
 * Follows `registry/core/pod/storage/eviction.go` and `pkg/controller/disruption`: a pod that is Pending, over or being deleted goes in any
 * case; of the others, a budget that no more disruptions are left of refuses (429), and a pod of two budgets cannot be evicted (500).
 * Simplified: a budget is counted at the moment of the eviction, upstream by a controller a moment before. Pods that run but are not
 * ready are held by their budget like the others. The cost is that of the namespace's pods, where it has a budget.
 */
import { keyIn } from '../../model/kubernetes.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { PodDisruptionBudget } from '../../model/kubernetes-extras.ts';
import { controllerOf } from '../../model/pod-template.ts';
import { hasLabels } from '../../model/selectors.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { remove } from './deletion.ts';
import { stored } from './objects.ts';
import type { KubeApiserverState, Verdict } from './objects.ts';

/** Evicts a pod. */
export function evict(state: KubeApiserverState, turn: Turn, key: string): Verdict {
  const pod = stored(turn, 'Pod', key);
  const refusal = pod?.kind === 'Pod' ? refusalOf(pod, turn) : undefined;
  return refusal ?? remove(state, turn, { kind: 'Pod', key });
}

function refusalOf(pod: Pod, turn: Turn): Verdict | undefined {
  if (pod.metadata.deletionTimestamp !== undefined || pod.status.phase !== 'Running') return undefined;
  const budgets = turn
    .table('podDisruptionBudgets')
    .by('namespace', pod.metadata.namespace)
    .filter(({ spec }) => hasLabels(pod.metadata.labels, spec.matchLabels));
  const [budget, other] = budgets;
  if (budget === undefined) return undefined;
  const key = keyIn(pod.metadata.namespace, pod.metadata.name);
  if (other !== undefined) return { status: 500, reason: `InternalError: pod ${key} has more than one PodDisruptionBudget` };
  if (disruptionsLeft(budget, turn) > 0) return undefined;
  return {
    status: 429,
    reason: `TooManyRequests: PodDisruptionBudget ${budget.metadata.name} lets no more pods be evicted, so ${key} stays`,
  };
}

function disruptionsLeft({ metadata, spec }: PodDisruptionBudget, turn: Turn): number {
  const pods = turn
    .table('pods')
    .by('namespace', metadata.namespace)
    .filter((pod) => pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed' && hasLabels(pod.metadata.labels, spec.matchLabels));
  const healthy = pods.filter((pod) => pod.status.ready && pod.metadata.deletionTimestamp === undefined).length;
  const expected = expectedOf(pods, turn);
  const wanted =
    spec.minAvailable === undefined ? expected - share(spec.maxUnavailable ?? '0', expected) : share(spec.minAvailable, expected);
  return healthy - Math.max(0, wanted);
}

/** How many pods there should be: what their controllers want, and each that has none. */
function expectedOf(pods: readonly Pod[], turn: Turn): number {
  const controllers = new Set(pods.map(controllerOf));
  let expected = 0;
  for (const controller of controllers) {
    const [kind = '', ...key] = controller.split('/');
    const owner = kind === 'Deployment' || kind === 'StatefulSet' ? stored(turn, kind, key.join('/')) : undefined;
    if (owner?.kind === 'Deployment' || owner?.kind === 'StatefulSet') expected += owner.spec.replicas;
    else expected += pods.filter((pod) => controllerOf(pod) === controller && pod.metadata.deletionTimestamp === undefined).length;
  }
  return expected;
}

/** A number, or a percentage of the pods, rounded up. */
function share(amount: string, of: number): number {
  return amount.endsWith('%') ? Math.ceil((Number(amount.slice(0, -1)) * of) / 100) : Number(amount);
}
