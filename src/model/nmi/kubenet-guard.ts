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

/** What the kubelet of a cluster is told about its network plug-in. */
export function kubeletFileOf(network: PodIdentitySettings['network']): string {
  return `KUBELET_FLAGS=--network-plugin=${network === 'kubenet' ? 'kubenet' : 'cni'}`;
}
