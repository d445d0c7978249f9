/**
 * DELETE.
 *
 * Follows `registry/core/pod/strategy.go:CheckGracefulDelete`: a pod that a node runs is only marked; its kubelet ends it and deletes it
 * with no grace.
 */
import type { KubernetesKind, KubernetesObject, Pod } from '../../model/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { erase, store, stored } from './objects.ts';
import type { KubeApiserverState, Verdict } from './objects.ts';

/** What is to go. `now`: whoever had to do something before (kubelet, namespace controller) is done. */
export interface Deletion {
  readonly kind: KubernetesKind;
  readonly key: string;
  readonly grace?: 'now';
}

/** Takes the object away, or marks it while something holds it back; 404 if absent. */
export function remove(state: KubeApiserverState, turn: Turn, deletion: Deletion): Verdict {
  const { kind, key, grace } = deletion;
  const old = stored(turn, kind, key);
  if (old === undefined) return { status: 404, reason: `NotFound: ${kind} ${key}` };
  const isHeld = old.metadata.finalizers.length > 0 || (grace !== 'now' && isHeldByServer(turn, old));
  if (!isHeld) {
    erase(turn, old);
    return { status: 200, object: old };
  }
  if (old.metadata.deletionTimestamp !== undefined) return { status: 200, object: old };
  return { status: 200, object: store(state, turn, { ...old, metadata: { ...old.metadata, deletionTimestamp: turn.now } }) };
}

function isHeldByServer(turn: Turn, object: KubernetesObject): boolean {
  if (object.kind === 'Namespace') return true;
  return object.kind === 'Pod' && isOnNode(turn, object);
}

/** Whether some node may still run it. Simplified: the server looks whether the node exists; upstream marks in any case, and pod GC removes. */
function isOnNode(turn: Turn, pod: Pod): boolean {
  const { nodeName } = pod.spec;
  const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
  return nodeName !== undefined && nodeName !== '' && !isOver && stored(turn, 'Node', nodeName) !== undefined;
}
