/** Which pods a question means: by name, by workload, or by a part of the name, the closest first. */
import type { RunRecord } from './record.ts';

/** Suffixes of generated names: of a ReplicaSet and its pods, of a Job, of a StatefulSet. No vowels, as Kubernetes has it. */
const GENERATED = /(?:-[b-df-hj-np-tv-z0-9]{6,10})?-[b-df-hj-np-tv-z2-9]{5}$|-\d+$/u;

/** `shop/orders` for `shop/orders-66swrhn-9qnmj`; `hasty/app` for `hasty000005/app`; a pod that nobody made stays as it is. */
export function workloadOf(pod: string): string {
  return pod.replace(/^([^/]*[^/\d])\d{6}(?=\/)/u, '$1').replace(GENERATED, '');
}

/** Pods that needed a token, had an assigned identity or ran at all, in the order in which they are first heard of. */
export function podsOf({ facts, statuses }: RunRecord, of: 'token' | 'assignment'): readonly string[] {
  const asked = facts.flatMap(({ fact }) => (fact.type === 'token-asked' || fact.type === 'volume-setup-ended' ? [fact.pod] : []));
  return [...new Set([...asked, ...(of === 'token' ? [] : statuses.map(({ pod }) => pod))])];
}

/** Of these pods those that are meant. */
export function podsMeant(asked: string, pods: readonly string[]): readonly string[] {
  const ranked = pods.map((pod) => ({ pod, rank: rankOf(asked, pod) }));
  const best = Math.min(...ranked.map(({ rank }) => rank), NONE);
  return best === NONE ? [] : ranked.filter(({ rank }) => rank === best).map(({ pod }) => pod);
}

const NONE = 4;

/** 0: the pod itself; 1: its workload; 2: the beginning of its name; 3: a part of it. */
function rankOf(asked: string, pod: string): number {
  const bare = pod.slice(pod.indexOf('/') + 1);
  if (asked === pod || asked === bare) return 0;
  if (asked === workloadOf(pod) || asked === workloadOf(bare)) return 1;
  if (pod.startsWith(asked) || bare.startsWith(asked)) return 2;
  return pod.includes(asked) ? 3 : NONE;
}

/** Their workloads, each with how many pods it has. */
export function workloadsOf(pods: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const pod of pods) counts.set(workloadOf(pod), (counts.get(workloadOf(pod)) ?? 0) + 1);
  return counts;
}
