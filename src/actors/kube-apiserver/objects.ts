/** The API server's storage: reading and writing objects with their versions. All writes to the tables of objects go through here. */
import type { Duration, Moment } from '../../kernel/time.ts';
import type { TableView } from '../../kernel/revision.ts';
import { TABLE_OF_KIND } from '../../model/tables.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { KubernetesKind, KubernetesObject } from '../../model/kubernetes.ts';
import type { ObjectMeta } from '../../model/object-meta.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** The API server's own memory. */
export interface KubeApiserverState {
  /** Writes so far [count] -- changes. Each becomes a resource version. */
  writes: number;
  /** Ends of the calls being served, and of some that are over -- changes. */
  inflight: { reads: Moment[]; writes: Moment[] };
}

/** What a call came to. */
export interface Verdict {
  /** HTTP status. */
  readonly status: number;
  readonly object?: KubernetesObject;
  readonly objects?: readonly KubernetesObject[];
  readonly reason?: string;
  readonly retryAfter?: Duration;
}

/** Versions of what a world starts with lie below, so that none of them comes again. */
const FIRST_VERSION = 1_000_000;

/** An object as it is stored; this call's own writes included. */
export function stored(turn: Turn, kind: KubernetesKind, key: string): KubernetesObject | undefined {
  return tableOf(turn, kind).get(key);
}

/** Stores an object under a new version and answers it as stored. */
export function store(state: KubeApiserverState, turn: Turn, object: KubernetesObject): KubernetesObject {
  state.writes += 1;
  const version: Pick<ObjectMeta, 'resourceVersion'> = { resourceVersion: String(FIRST_VERSION + state.writes) };
  const written: KubernetesObject = { ...object, metadata: { ...object.metadata, ...version } };
  tableOf(turn, object.kind).put(keyOf(object), written);
  return written;
}

/** Takes an object away and remembers that its name was used. */
export function erase(turn: Turn, object: KubernetesObject): void {
  const key = keyOf(object);
  tableOf(turn, object.kind).delete(key);
  const names = turn.table('usedNames');
  names.put(nameKey(object.kind, key), { count: timesUsed(turn, object.kind, key) + 1 });
}

/** How many objects of that kind and name are gone already. */
export function timesUsed(turn: Turn, kind: KubernetesKind, key: string): number {
  return turn.table('usedNames').get(nameKey(kind, key))?.count ?? 0;
}

/** Identity of the next object of that name: equal to no earlier one's. */
export function nextUid(turn: Turn, kind: KubernetesKind, key: string): string {
  return `${key}@${String(timesUsed(turn, kind, key) + 1)}`;
}

function nameKey(kind: KubernetesKind, key: string): string {
  return `${kind}/${key}`;
}

/** The table of a kind. */
export function tableOf(turn: Turn, kind: KubernetesKind): TableView<KubernetesObject> {
  return turn.table(TABLE_OF_KIND[kind]) as unknown as TableView<KubernetesObject>;
}
