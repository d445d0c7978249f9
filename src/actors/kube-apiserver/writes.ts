/**
 * Whole objects into the API server: create (POST), update (PUT) and apply.
 *
 * Follows `apiserver/pkg/registry/generic/registry/store.go`: versions are compared on update, a write that changes nothing makes no new
 * version, and an object in deletion goes when its last finalizer does.
 */
import { keyOf } from '../../model/kubernetes.ts';
import type { KubernetesObject, Pod } from '../../model/kubernetes.ts';
import type { ObjectMeta } from '../../model/object-meta.ts';
import { isSameData } from '../../model/plain-data.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { limitLife } from './events.ts';
import { erase, nextUid, store, stored } from './objects.ts';
import type { KubeApiserverState, Verdict } from './objects.ts';
import { forbiddance, homelessness, invalidity } from './validation.ts';

/** POST: 201, or 409 if the name is taken, even by an object in deletion. */
export function create(state: KubeApiserverState, turn: Turn, object: KubernetesObject): Verdict {
  const refusal = invalidity(object) ?? homelessness(turn, object) ?? forbiddance(turn, object);
  if (refusal !== undefined) return refusal;
  const key = keyOf(object);
  if (stored(turn, object.kind, key) !== undefined) return { status: 409, reason: `AlreadyExists: ${object.kind} ${key}` };
  if (object.kind === 'Event') limitLife(turn);
  const { name, namespace, labels, annotations, finalizers, ownerReferences } = object.metadata;
  const given = { name, namespace, labels, annotations, finalizers, ownerReferences };
  // What only the server can say starts anew, whatever the manifest says.
  const metadata: ObjectMeta = { ...given, uid: nextUid(turn, object.kind, key), resourceVersion: '', creationTimestamp: turn.now };
  return { status: 201, object: store(state, turn, unborn({ ...object, metadata })) };
}

/** PUT: 404 if absent, 409 if the version or the uid it was made from is not the stored one. */
export function update(state: KubeApiserverState, turn: Turn, object: KubernetesObject): Verdict {
  const key = keyOf(object);
  const old = stored(turn, object.kind, key);
  if (old === undefined) return { status: 404, reason: `NotFound: ${object.kind} ${key}` };
  const refusal = invalidity(object) ?? forbiddance(turn, object);
  if (refusal !== undefined) return refusal;
  const { resourceVersion, uid } = object.metadata;
  if ((resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) || (uid !== '' && uid !== old.metadata.uid)) {
    return { status: 409, reason: `Conflict: ${object.kind} ${key} has been modified` };
  }
  const { finalizers, ownerReferences } = object.metadata;
  return replace(state, turn, { old, content: object, metadata: { finalizers, ownerReferences } });
}

/**
 * kubectl apply: creates, or replaces what a manifest can say; finalizers, owners and status stay.
 *
 * Simplified: labels and annotations are replaced, not merged by their last-applied values.
 */
export function apply(state: KubeApiserverState, turn: Turn, object: KubernetesObject): Verdict {
  const old = stored(turn, object.kind, keyOf(object));
  if (old === undefined) return create(state, turn, object);
  const refusal = invalidity(object) ?? forbiddance(turn, object);
  if (refusal !== undefined) return refusal;
  const { finalizers, ownerReferences } = old.metadata;
  const content = old.kind === 'AzureAssignedIdentity' && object.kind === old.kind ? { ...object, status: old.status } : object;
  return replace(state, turn, { old, content, metadata: { finalizers, ownerReferences } });
}

/** Writes `next` in the place of `old`, if it is different; takes it away if it was only waiting for its finalizers. */
export function settle(
  state: KubeApiserverState,
  turn: Turn,
  change: { readonly old: KubernetesObject; readonly next: KubernetesObject },
): Verdict {
  const { old, next } = change;
  if (isWaitingForFinalizers(old) && next.metadata.finalizers.length === 0) {
    erase(turn, old);
    return { status: 200, object: next };
  }
  if (isSameData(old, next)) return { status: 200, object: old };
  return { status: 200, object: store(state, turn, next) };
}

interface Replacement {
  readonly old: KubernetesObject;
  readonly content: KubernetesObject;
  readonly metadata: Pick<ObjectMeta, 'finalizers' | 'ownerReferences'>;
}

function replace(state: KubeApiserverState, turn: Turn, { old, content, metadata }: Replacement): Verdict {
  const { labels, annotations } = content.metadata;
  const next = keepServed(old, { ...content, metadata: { ...old.metadata, labels, annotations, ...metadata } });
  return settle(state, turn, { old, next });
}

/** What only other calls may change: binding and status of pods, status of nodes. */
function keepServed(old: KubernetesObject, next: KubernetesObject): KubernetesObject {
  if (next.kind === 'Node' && old.kind === 'Node') return { ...next, status: old.status };
  if (next.kind !== 'Pod' || old.kind !== 'Pod') return next;
  const { nodeName } = old.spec;
  return { ...next, spec: nodeName === undefined ? next.spec : { ...next.spec, nodeName }, status: old.status };
}

/** A new pod has no past, whatever its manifest says. */
function unborn(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Pod') return object;
  const pod: Pod = { ...object, status: { phase: 'Pending', podIP: '', ready: false, restarts: 0 } };
  return pod;
}

/** A pod in deletion waits for its kubelet, not only for finalizers; a namespace for its content. */
function isWaitingForFinalizers(object: KubernetesObject): boolean {
  const { deletionTimestamp, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && finalizers.length > 0 && object.kind !== 'Pod' && object.kind !== 'Namespace';
}
