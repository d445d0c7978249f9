/**
 * A second MIC of plain means: every cycle lists everything, builds the whole desired set, compares all of it, and counts references
 * by walking the set. It stands in the place of the incremental `desired-set.ts` and `plan.ts`, keeps nothing between cycles, and is
 * written from the description of the cycle alone (§4.2 to §4.7), so that a mistake of the one is not a mistake of the other.
 */
import type { Caches } from '../../../src/actors/mic/caches.ts';
import type { DesiredRows } from '../../../src/actors/mic/desired-rows.ts';
import type { Finding, Findings } from '../../../src/actors/mic/desired-set.ts';
import type { MicState } from '../../../src/actors/mic/state.ts';
import type { AzureAssignedIdentity, AzureIdentity, Pod } from '../../../src/model/kubernetes.ts';
import type { DesiredAssignment } from '../../../src/model/mic-rows.ts';
import type { DesiredSources } from '../../../src/model/mic/desired.ts';
import { SETTINGS_KEY } from '../../../src/model/settings.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';

const IDENTITY_ID = /\/subscriptions\/.+\/resourcegroups\/.+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/.+/i;

const before = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Nothing is kept, so nothing is to be cleared. */
export function clearTables(): void {
  return;
}

/** Nothing is kept, so nothing is to be listed. */
export function listAll(): void {
  return;
}

/** What the watches brought is not looked at: the next cycle lists anyway. */
export function skipToNow(turn: Turn): void {
  for (const table of ['pods', 'azureIdentityBindings', 'azureIdentities', 'azureAssignedIdentities'] as const) turn.drain(table);
}

/** The same at the beginning of a cycle; whether a reconcile pass has anything to look at depends on it. */
export function refresh(state: MicState, _rows: DesiredRows, _caches: Caches, turn: Turn): void {
  noteAssignedChanges(state, turn);
  skipToNow(turn);
}

/** Assigned identities changed: the next reconcile pass is not idle. */
export function noteAssignedChanges(state: MicState, turn: Turn): number {
  const changed = turn.drain('azureAssignedIdentities').length;
  if (changed > 0) state.isReconciled = false;
  return changed;
}

/** Every name of the cache and of the desired set, compared. */
export function findDifferences(_rows: DesiredRows, caches: Caches, turn: Turn): Findings {
  const candidates = allCandidates(caches, turn);
  const desired = wholeDesiredSet(candidates, caches, turn);
  const cached = new Map<string, AzureAssignedIdentity>();
  const held = new Map<string, AzureAssignedIdentity[]>();
  for (const assigned of caches.assigned.all()) held.set(assigned.metadata.name, [...(held.get(assigned.metadata.name) ?? []), assigned]);
  for (const [name, namesakes] of held) {
    const place =
      isGiven(turn) || namesakes.length === 1 ? namesakes.length - 1 : Math.floor(turn.uniform('mic/namesakes', name) * namesakes.length);
    const shown = namesakes[place];
    if (shown !== undefined) cached.set(name, shown);
  }
  const list: Finding[] = [];
  for (const name of [...new Set([...cached.keys(), ...desired.keys()])].sort(before)) {
    const old = cached.get(name);
    const wish = desired.get(name);
    const difference = compare(old, wish);
    if (difference === 'nothing') continue;
    for (const loser of candidates.filter((row) => row.name === name && row !== wish)) {
      turn.fact({ type: 'mic-name-collision', replica: turn.self, name, loser: loser.podKey });
    }
    list.push({ name, difference, cached: old, desired: wish });
  }
  return { list, winners: new Map([...desired.values()].map((row) => [row.name, `${row.podKey} ${row.bindingKey}`])) };
}

/** The order of the cycle's lists. */
export function inListOrder(findings: readonly Finding[], turn: Turn): readonly Finding[] {
  if (findings.length <= 1) return findings;
  const places = new Map(findings.map(({ name }) => [name, isGiven(turn) ? 0 : turn.uniform('mic/listOrder', name)]));
  return [...findings].sort((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0) || before(a.name, b.name));
}

/** What the door for NMI asks for. */
export function sourcesOf(caches: Caches, turn: Turn): DesiredSources {
  return {
    replica: turn.self,
    rule: { scope: isForced(turn) ? 'namespaced' : 'cluster', sharedNamespace: turn.knob('mic.assignedIdentity.namespace') },
    bindingsOf: (selector) => caches.bindings.all().filter((binding) => binding.spec.selector === selector),
    identityAt: (key) => caches.identities.get(key),
  };
}

/** Pods that some binding selects, whatever their AzureIdentity is. */
export function selectedPods(caches: Caches): readonly Pod[] {
  return caches.pods.all().filter((pod) => bindingsFor(pod, caches).length > 0);
}

/** One row for each desired AzureAssignedIdentity, by name, after names that collide were given to one of theirs. */
function wholeDesiredSet(candidates: readonly DesiredAssignment[], caches: Caches, turn: Turn): ReadonlyMap<string, DesiredAssignment> {
  const pods = new Map<string, Set<string>>();
  for (const { name, podKey } of candidates) pods.set(name, (pods.get(name) ?? new Set()).add(podKey));
  const contested = new Set([...pods.values()].filter((keys) => keys.size > 1).flatMap((keys) => [...keys]));
  // A list has an order only where it matters; there it is one for the whole cycle.
  const place = new Map(
    [...contested].map((key) => [key, isGiven(turn) ? (caches.pods.revision(key)?.created ?? 0) : turn.uniform('mic/podOrder', key)]),
  );
  const inOrder = [...candidates].sort(
    (a, b) =>
      (place.get(a.podKey) ?? 0) - (place.get(b.podKey) ?? 0) ||
      before(a.podKey, b.podKey) ||
      candidates.indexOf(a) - candidates.indexOf(b),
  );
  const desired = new Map<string, DesiredAssignment>();
  for (const row of inOrder) if (!desired.has(row.name)) desired.set(row.name, row);
  return desired;
}

/** Every pair of a pod and a binding that counts. */
export function allCandidates(caches: Caches, turn: Turn): readonly DesiredAssignment[] {
  return caches.pods.all().flatMap((pod) =>
    bindingsFor(pod, caches).flatMap((binding): readonly DesiredAssignment[] => {
      const identityKey = `${binding.metadata.namespace}/${binding.spec.azureIdentity}`;
      const identity = caches.identities.get(identityKey);
      if (identity === undefined || (identity.spec.type === 0 && !IDENTITY_ID.test(identity.spec.resourceID))) return [];
      const isNarrow = isForced(turn) || identity.metadata.annotations['aadpodidentity.k8s.io/Behavior'] === 'namespaced';
      if (isNarrow && pod.metadata.namespace !== binding.metadata.namespace) return [];
      return [rowOf(pod, binding, identity, { turn, namespace: isNarrow ? identity.metadata.namespace : 'default', identityKey })];
    }),
  );
}

type Binding = ReturnType<Caches['bindings']['all']>[number];

function bindingsFor(pod: Pod, caches: Caches): readonly Binding[] {
  const label = pod.metadata.labels['aadpodidbinding'];
  if (label === undefined || label === '' || pod.spec.nodeName === undefined || pod.spec.nodeName === '') return [];
  return caches.bindings
    .all()
    .filter((binding) => binding.spec.selector === label)
    .sort((a, b) => before(a.metadata.namespace, b.metadata.namespace) || before(a.metadata.name, b.metadata.name));
}

function rowOf(
  pod: Pod,
  binding: Binding,
  identity: AzureIdentity,
  of: { readonly turn: Turn; readonly namespace: string; readonly identityKey: string },
): DesiredAssignment {
  const podKey = `${pod.metadata.namespace}/${pod.metadata.name}`;
  return {
    replica: of.turn.self,
    name: `${pod.metadata.name}-${pod.metadata.namespace}-${identity.metadata.name}`,
    namespace: of.namespace,
    podKey,
    pod: pod.metadata.name,
    podNamespace: pod.metadata.namespace,
    node: pod.spec.nodeName ?? '',
    bindingKey: `${binding.metadata.namespace}/${binding.metadata.name}`,
    bindingName: binding.metadata.name,
    bindingVersion: binding.metadata.resourceVersion,
    identityKey: of.identityKey,
    identityName: identity.metadata.name,
    identityVersion: identity.metadata.resourceVersion,
    identityType: identity.spec.type,
    resourceID: identity.spec.resourceID,
    clientID: identity.spec.clientID,
  };
}

function compare(old: AzureAssignedIdentity | undefined, wish: DesiredAssignment | undefined): Finding['difference'] | 'nothing' {
  if (wish === undefined) return old === undefined ? 'nothing' : 'delete';
  if (old === undefined) return 'create';
  const { azureBindingRef: aib, azureIdentityRef: ai, pod, podNamespace, nodename } = old.spec;
  const is = [aib.metadata.name, aib.metadata.resourceVersion, ai.metadata.name, ai.metadata.resourceVersion, pod, podNamespace, nodename];
  const shall = [wish.bindingName, wish.bindingVersion, wish.identityName, wish.identityVersion, wish.pod, wish.podNamespace, wish.node];
  if (is.some((part, n) => part !== shall[n])) return 'update';
  return old.status.status === 'Created' ? 'retry' : 'nothing';
}

function isGiven(turn: Turn): boolean {
  return turn.knob('informer.listOrder') === 'given';
}

function isForced(turn: Turn): boolean {
  return turn.table('settings').get(SETTINGS_KEY)?.forceNamespaced === 'yes' || turn.knob('mic.namespaced');
}
