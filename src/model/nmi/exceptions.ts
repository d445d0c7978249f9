/**
 * Which pods NMI lets through to IMDS. Follows aad-pod-identity v1.8.17 `pkg/pod/pod.go:IsPodExcepted` and
 * `pkg/nmi/server/server.go:isMIC`.
 */
import type { AzurePodIdentityException, Pod } from '../kubernetes.ts';

/** Whether one label of one exception of the pod's namespace is on the pod: key exactly, value letter case aside. */
export function isExcepted(labels: Readonly<Record<string, string>>, exceptions: readonly AzurePodIdentityException[]): boolean {
  return exceptions.some(({ spec }) =>
    Object.keys(spec.podLabels).some(
      (key) => Object.hasOwn(labels, key) && labels[key]?.toLowerCase() === spec.podLabels[key]?.toLowerCase(),
    ),
  );
}

/**
 * Whether NMI takes a pod for MIC.
 *
 * Faithful: the upstream pattern means "starts with mic", so any ReplicaSet of that namespace called micro-something passes too.
 */
export function isMic(pod: Pod, micNamespace: string): boolean {
  if (pod.metadata.namespace.toLowerCase() !== micNamespace.toLowerCase()) return false;
  return replicaSetOf(pod).startsWith('mic');
}

/** Name of the ReplicaSet that owns a pod; here a Deployment stands for its ReplicaSet. `''` for none. */
export function replicaSetOf(pod: Pod): string {
  return pod.metadata.ownerReferences.find((owner) => owner.kind === 'ReplicaSet' || owner.kind === 'Deployment')?.name ?? '';
}
