/**
 * The desired set: which AzureAssignedIdentities a pod shall have.
 *
 * Follows pkg/mic/mic.go:createDesiredAssignedIdentityList, for one pod at a time. Phase, readiness, deletion and uid of the pod play
 * no part: a completed or terminating pod keeps its identities until its object disappears (W44).
 */
import { BINDING_LABEL, keyIn, keyOf } from '../kubernetes.ts';
import type { AzureIdentity, AzureIdentityBinding, Pod } from '../kubernetes.ts';
import type { DesiredAssignment } from '../mic-rows.ts';
import { assignedIdentityName, assignedIdentityNamespace, isNamespaced, isUsable } from './naming.ts';
import type { NamespaceRule } from './naming.ts';

/** What a cycle sees besides the pod. */
export interface DesiredSources {
  readonly replica: string;
  readonly rule: NamespaceRule;
  bindingsOf(selector: string): readonly AzureIdentityBinding[];
  identityAt(key: string): AzureIdentity | undefined;
}

/** Bindings that select a pod, in the order in which the controller takes them: by namespace, then name. None without node or label. */
export function matchingBindings(pod: Pod, sources: Pick<DesiredSources, 'bindingsOf'>): readonly AzureIdentityBinding[] {
  const selector = pod.metadata.labels[BINDING_LABEL] ?? '';
  if (selector === '' || (pod.spec.nodeName ?? '') === '') return [];
  return [...sources.bindingsOf(selector)].sort(
    (a, b) => compare(a.metadata.namespace, b.metadata.namespace) || compare(a.metadata.name, b.metadata.name),
  );
}

/** Candidates of one pod, in the order of its bindings. Several may share a name; the first of the pod then wins over its others. */
export function desiredOf(pod: Pod, sources: DesiredSources): readonly DesiredAssignment[] {
  const rows: DesiredAssignment[] = [];
  for (const binding of matchingBindings(pod, sources)) {
    // An AzureIdentity is always looked up in the binding's own namespace.
    const identity = sources.identityAt(keyIn(binding.metadata.namespace, binding.spec.azureIdentity));
    if (identity === undefined || !isUsable(identity)) continue;
    if (isNamespaced(identity, sources.rule) && pod.metadata.namespace !== identity.metadata.namespace) continue;
    rows.push(rowOf(pod, binding, identity, sources));
  }
  return rows;
}

function rowOf(pod: Pod, binding: AzureIdentityBinding, identity: AzureIdentity, sources: DesiredSources): DesiredAssignment {
  const { name, namespace } = pod.metadata;
  return {
    replica: sources.replica,
    name: assignedIdentityName({ pod: name, podNamespace: namespace, identity: identity.metadata.name }),
    namespace: assignedIdentityNamespace(identity, sources.rule),
    podKey: keyOf(pod),
    pod: name,
    podNamespace: namespace,
    node: pod.spec.nodeName ?? '',
    bindingKey: keyOf(binding),
    bindingName: binding.metadata.name,
    bindingVersion: binding.metadata.resourceVersion,
    identityKey: keyOf(identity),
    identityName: identity.metadata.name,
    identityVersion: identity.metadata.resourceVersion,
    identityType: identity.spec.type,
    resourceID: identity.spec.resourceID,
    clientID: identity.spec.clientID,
  };
}

/** Key of a row in its table. */
export function desiredKey(row: DesiredAssignment): string {
  return `${row.replica}|${row.name}|${row.podKey}|${row.bindingKey}`;
}

/** Whether two rows of one key say the same. */
export function isSameDesired(a: DesiredAssignment, b: DesiredAssignment): boolean {
  return (
    a.node === b.node &&
    a.namespace === b.namespace &&
    a.bindingVersion === b.bindingVersion &&
    a.identityKey === b.identityKey &&
    a.identityVersion === b.identityVersion
  );
}

/** Outcome of several candidates for one name. */
export interface Contest {
  readonly winner: DesiredAssignment | undefined;
  readonly losers: readonly DesiredAssignment[];
  /** Whether the next cycle may decide otherwise: candidates of different pods, whose order is chance. */
  readonly isOpen: boolean;
}

/**
 * Who gets a name: the first candidate of the first pod; in releases before the list of names was guarded, the last of the last
 * (`kept`). `podOrder` answers the place of a pod in this cycle's list; the real cache lists in no order, so two pods that share a name
 * take turns (W40), while two bindings of one pod never do (W41).
 */
export function contest(
  candidates: readonly DesiredAssignment[],
  podOrder: (podKey: string) => number,
  kept: 'first' | 'last' = 'first',
): Contest {
  if (candidates.length <= 1) return { winner: candidates[0], losers: [], isOpen: false };
  const places = new Map<string, number>();
  for (const { podKey } of candidates) places.set(podKey, 0);
  const isOpen = places.size > 1;
  if (isOpen) for (const podKey of places.keys()) places.set(podKey, podOrder(podKey));
  const inOrder = [...candidates].sort(
    (a, b) =>
      (places.get(a.podKey) ?? 0) - (places.get(b.podKey) ?? 0) ||
      compare(a.podKey, b.podKey) ||
      compareNamespaced(a.bindingKey, b.bindingKey),
  );
  const [winner, ...losers] = kept === 'first' ? inOrder : inOrder.toReversed();
  return { winner, losers, isOpen };
}

/** By namespace, then name; `a-b/x` and `a/y` must not be compared as whole texts. */
function compareNamespaced(a: string, b: string): number {
  const [aSpace = '', aName = ''] = a.split('/');
  const [bSpace = '', bName = ''] = b.split('/');
  return compare(aSpace, bSpace) || compare(aName, bName);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
