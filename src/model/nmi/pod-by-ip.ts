/**
 * Which pod a source address belongs to, as NMI's cache has it. Follows aad-pod-identity v1.8.17 `pkg/k8s/client.go:GetPodInfo`.
 *
 * Faithful: deletion timestamp, host network and UID do not count; only the first pod IP does.
 */
import type { Pod } from '../kubernetes.ts';

/** What one scan of the cache found. */
export type Scan<T> = { readonly kind: 'one'; readonly pod: T } | { readonly kind: 'none' | 'several' };

/** Scans the pods that have the address. Completed ones keep their address but are passed over. */
export function scanForPod<T extends { readonly value: Pod }>(pods: readonly T[]): Scan<T> {
  const alive = pods.filter(({ value }) => value.status.phase === 'Pending' || value.status.phase === 'Running');
  const [pod] = alive;
  if (pod === undefined) return { kind: 'none' };
  return alive.length === 1 ? { kind: 'one', pod } : { kind: 'several' };
}
