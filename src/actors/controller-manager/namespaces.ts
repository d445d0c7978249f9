/**
 * Deletion of namespaces: everything in them first, then they go.
 *
 * Follows `pkg/controller/namespace/deletion/namespaced_resources_deleter.go`. Simplified: one list of all objects in seeded chance order
 * (upstream kind by kind, the kinds in map order), read from the caches; what stays (pods that end, finalizers) is looked at again every
 * half `pod.terminationGrace`, as upstream estimates it, and only after something in the namespace changed.
 */
import type { Duration } from '../../kernel/time.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { KubernetesKind, KubernetesObject } from '../../model/kubernetes.ts';
import { TABLE_OF_KIND } from '../../model/tables.ts';
import type { Informer } from '../../kernel/informer.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { call } from './state.ts';
import type { ControllerManagerState } from './state.ts';

/** Kinds that live in namespaces, in one fixed order. */
const NAMESPACED = (Object.keys(TABLE_OF_KIND) as KubernetesKind[]).filter((kind) => kind !== 'Node' && kind !== 'Namespace').sort();

/** A namespace changed: if it is on its way out, its content is deleted and looked after. */
export function onNamespace(state: ControllerManagerState, name: string, turn: Turn): void {
  const namespace = turn.informer('namespaces').get(name);
  if (namespace === undefined) {
    turn.cancelTimer(timerOf(name));
    return;
  }
  if (namespace.metadata.deletionTimestamp === undefined) return;
  const period = Math.max(1, Math.round(turn.knob('pod.terminationGrace') / 2)) as Duration;
  const inputs = NAMESPACED.map((kind) => ({ table: TABLE_OF_KIND[kind], partition: { index: 'namespace', value: name } }));
  turn.park(
    timerOf(name),
    { type: 'ControllerDue', kind: 'NamespaceContent', key: name },
    { period, inputs, label: 'other', start: 'due' },
  );
  emptyNamespace(state, name, turn);
}

/** Deletes what is there and not yet asked to go; the namespace itself once nothing is left. */
export function emptyNamespace(state: ControllerManagerState, name: string, turn: Turn): void {
  const content = contentOf(name, turn);
  if (content.length === 0) {
    finalize(state, name, turn);
    return;
  }
  const leaving = content.filter((object) => object.metadata.deletionTimestamp === undefined);
  const order = leaving.map((object) => ({ object, place: turn.uniform('namespaceOrder', name) })).sort((a, b) => a.place - b.place);
  for (const { object } of order) call(state, turn, ['content', name], { verb: 'delete', kind: object.kind, key: keyOf(object) });
}

/** An object of it is gone: if it was the last, the namespace goes at once. What the cache still shows waits for the next look. */
export function onContentGone(state: ControllerManagerState, name: string, turn: Turn): void {
  if (contentOf(name, turn).length === 0) finalize(state, name, turn);
}

function finalize(state: ControllerManagerState, name: string, turn: Turn): void {
  if (turn.informer('namespaces').get(name)?.metadata.deletionTimestamp === undefined) return;
  call(state, turn, ['namespace', name], { verb: 'delete', kind: 'Namespace', key: name, grace: 'now' });
}

function contentOf(name: string, turn: Turn): readonly KubernetesObject[] {
  return NAMESPACED.flatMap((kind) => {
    const informer = turn.informer(TABLE_OF_KIND[kind]) as unknown as Informer<KubernetesObject>;
    return informer.by('namespace', name);
  });
}

function timerOf(name: string): string {
  return `namespace|${name}`;
}
