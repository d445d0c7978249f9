/**
 * NMI's guard against kubenet, where a pod can take its neighbour's address: it reads the kubelet's command line.
 *
 * Follows pkg/utils of aad-pod-identity v1.8.17. Faithful: it looks for one text only, so a kubelet that is told otherwise passes.
 */
import type { PodIdentitySettings } from '../settings.ts';

/** Whether the kubelet's file of defaults names the network plug-in kubenet. */
export function isKubenet(kubeletFile: string): boolean {
  return kubeletFile.includes('--network-plugin=kubenet');
}

/**
 * What the kubelet of a cluster is told about its network plug-in. Faithful: with Calico as network policy it is told cni, though the pods of
 * a node still share a bridge (#945).
 */
export function kubeletFileOf({ network, networkPolicy }: Pick<PodIdentitySettings, 'network' | 'networkPolicy'>): string {
  return `KUBELET_FLAGS=--network-plugin=${network === 'kubenet' && networkPolicy !== 'calico' ? 'kubenet' : 'cni'}`;
}
