/**
 * Addresses for pods, as the node's network plugin gives them.
 *
 * Follows Azure CNI (any free address of the node's pool; a released one is free at once) and kubenet's host-local (round robin), as the
 * knobs `cni.azure.ipPick` and `cni.kubenet.ipPick` say. A pod keeps its address until its sandbox goes, over restarts of its containers.
 */
import { SETTINGS_KEY } from '../../model/settings.ts';
import { LARGEST_POOL, addressNumber, nodeAddress, pickAny, pickNext, podAddress } from '../../model/ip-pool.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { KubeletState } from './state.ts';

/** Timer that looks again for addresses that were kept back. */
export const COOLED = 'address-cooled';

/** How many addresses the node has: with Azure CNI as many as pods, with kubenet its /24. */
export function poolSizeOf(maxPods: number, turn: Turn): number {
  const size = networkOf(turn) === 'azure' ? Math.max(maxPods, turn.knob('cni.poolSize.azure')) : turn.knob('cni.poolSize.kubenet');
  return Math.min(LARGEST_POOL, size);
}

/** Gives a pod an address; `''` when none is free. */
export function takeAddress(state: KubeletState, pod: { readonly key: string; readonly network: 'pod' | 'host' }, turn: Turn): string {
  if (pod.network === 'host') return nodeAddress(state.node);
  const pool = { node: state.node, size: state.poolSize, taken: state.taken };
  const way = networkOf(turn) === 'azure' ? turn.knob('cni.azure.ipPick') : turn.knob('cni.kubenet.ipPick');
  const n = way === 'random' ? pickAny(pool, turn.uniform('ipPick', pod.key)) : pickNext(pool, state.lastAddress);
  if (n === undefined) return '';
  const ip = podAddress(state.node, n);
  state.taken[ip] = pod.key;
  state.lastAddress = n;
  return ip;
}

/** Notes an address a pod has had since before the world began. */
export function keepAddress(state: KubeletState, ip: string, key: string): void {
  if (ip === '' || ip === nodeAddress(state.node)) return;
  state.taken[ip] = key;
  state.lastAddress = Math.max(state.lastAddress, addressNumber(state.node, ip));
}

/** Takes an address back; answers whether it can be given at once. */
export function releaseAddress(state: KubeletState, ip: string, turn: Turn): 'free' | 'kept' {
  if (state.taken[ip] === undefined) return 'kept';
  const cooldown = turn.knob('cni.ipReuseCooldown');
  if (cooldown === 0) {
    delete state.taken[ip];
    return 'free';
  }
  // Kept under no pod's name until it has cooled.
  state.taken[ip] = '';
  turn.setTimer(`${COOLED}|${ip}`, cooldown, { type: 'NodeStepDue', node: state.node, step: `${COOLED} ${ip}` }, { label: 'podIp' });
  return 'kept';
}

function networkOf(turn: Turn): 'azure' | 'kubenet' {
  return turn.table('settings').get(SETTINGS_KEY)?.network ?? 'azure';
}
