/**
 * Whose address a pod can take on its node.
 *
 * Follows CVE-2021-1677 and aad-pod-identity #842: kubenet puts the pods of a node on one bridge, where a container with CAP_NET_RAW, which
 * container runtimes give by default, answers ARP for its neighbour. Azure CNI routes each pod by itself and drops what comes from an
 * address that is not its own. Simplified: all answers to the neighbour's address then reach the pod that took it, and the neighbour's
 * own packets come and go as ever.
 */
import type { Container, Pod } from './kubernetes.ts';
import { workloadOf } from './selectors.ts';
import { SETTINGS_KEY } from './settings.ts';
import type { Turn } from './vocabulary.ts';

/** Whether a container may open raw sockets. */
export function mayUseRawSockets({ capabilities }: Pick<Container, 'capabilities'>): boolean {
  const { add = [], drop = [] } = capabilities ?? {};
  const has = (list: readonly string[]): boolean => list.some((name) => /^(?:CAP_)?(?:NET_RAW|ALL)$/u.test(name));
  return has(add) || !has(drop);
}

/** Address of a pod of a workload on a node, for a pod that can take it; undefined where it cannot, or where there is none. */
export function spoofedAddress(pod: string, spoofs: string, turn: Turn): string | undefined {
  const own = turn.table('pods').get(pod);
  if (own?.spec.nodeName === undefined || turn.table('settings').get(SETTINGS_KEY)?.network !== 'kubenet') return undefined;
  if (!own.spec.containers.some(mayUseRawSockets)) return undefined;
  const isVictim = (other: Pod): boolean =>
    other.status.phase === 'Running' && other.status.podIP !== '' && workloadOf(other, turn.table('workloads'))?.name === spoofs;
  return turn.table('pods').by('node', own.spec.nodeName).find(isVictim)?.status.podIP;
}
