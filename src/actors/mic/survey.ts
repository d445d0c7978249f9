/**
 * What the reconcile pass starts from (§4.9), kept up to date instead of listed: which VMs and scale sets have assigned identities, and
 * which ids each should carry. A pass costs what changed since the last look, and what it must compare, resource by resource.
 */
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { AssignmentCount, CountedAssignment, CountedNode } from '../../model/mic-rows.ts';
import { placeOfNode, surveyOf, wishOf } from '../../model/mic/assignment-survey.ts';
import type { SurveyedResource } from '../../model/mic/assignment-survey.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { cachesOf } from './caches.ts';

/** Forgets what an earlier process of this pod, or a process that is dead, had counted. */
export function clearCounts(turn: Turn): void {
  const isStale = (replica: string): boolean => replica === turn.self || !turn.isAlive(replica);
  for (const row of turn.table('micCounted').all()) if (isStale(row.replica)) turn.table('micCounted').delete(`${row.replica}|${row.key}`);
  for (const row of turn.table('micNodes').all()) if (isStale(row.replica)) turn.table('micNodes').delete(`${row.replica}|${row.node}`);
  for (const row of turn.table('micCounts').all()) if (isStale(row.replica)) turn.table('micCounts').delete(countKey(row));
}

/** Counts everything there is. For a start. */
export function countAll(assigned: readonly AzureAssignedIdentity[], turn: Turn): void {
  const counting = new Counting(turn, 'nothing');
  for (const object of assigned) counting.enter(`${object.metadata.namespace}/${object.metadata.name}`, object);
  counting.commit();
}

/** Counts anew what changed. Keys of AzureAssignedIdentities. */
export function countChanged(keys: readonly string[], turn: Turn): void {
  const { assigned } = cachesOf(turn);
  const counting = new Counting(turn, 'counts');
  for (const key of keys) counting.enter(key, assigned.get(key));
  counting.commit();
}

/** Nodes changed, came or went: what is assigned on them belongs where they are now. */
export function moveNodes(names: readonly string[], turn: Turn): void {
  const counting = new Counting(turn, 'counts');
  for (const name of names) counting.move(name);
  counting.commit();
}

/** Resources with assigned identities and what each should carry, or why that cannot be said. */
export function surveyNow(turn: Turn): readonly SurveyedResource[] | string {
  return surveyOf(turn.table('micCounts').by('replica', turn.self));
}

/** One turn's counting: laid over the tables, and staged once. */
class Counting {
  readonly #turn: Turn;
  readonly #start: 'nothing' | 'counts';
  readonly #nodes = new Map<string, CountedNode>();
  readonly #counts = new Map<string, AssignmentCount>();

  constructor(turn: Turn, start: 'nothing' | 'counts') {
    this.#turn = turn;
    this.#start = start;
  }

  /** An AzureAssignedIdentity as the cache shows it now; undefined: gone. */
  enter(key: string, object: AzureAssignedIdentity | undefined): void {
    const table = this.#turn.table('micCounted');
    const rowKey = `${this.#turn.self}|${key}`;
    const old = this.#start === 'nothing' ? undefined : table.get(rowKey);
    const now = object === undefined ? undefined : { replica: this.#turn.self, key, ...wishOf(object) };
    if (old?.node === now?.node && old?.id === now?.id) return;
    if (old !== undefined) this.#add(old, -1);
    if (now !== undefined) this.#add(now, 1);
    if (now === undefined) table.delete(rowKey);
    else table.put(rowKey, now);
  }

  /** A node as the cache shows it now. */
  move(name: string): void {
    const old = this.#turn.table('micNodes').get(`${this.#turn.self}|${name}`);
    if (old === undefined) return;
    const place = this.#placeOf(name);
    if (place.kind === old.kind && place.name === old.name) return;
    const here = this.#turn.table('micCounted').by('node', `${this.#turn.self}|${name}`);
    for (const row of here) this.#add(row, -1);
    this.#nodes.set(name, { replica: this.#turn.self, node: name, ...place, assigned: 0 });
    for (const row of here) this.#add(row, 1);
  }

  commit(): void {
    for (const [name, row] of this.#nodes) {
      const key = `${this.#turn.self}|${name}`;
      if (row.assigned > 0) this.#turn.table('micNodes').put(key, row);
      else this.#turn.table('micNodes').delete(key);
    }
    for (const [key, row] of this.#counts) {
      if (row.count > 0) this.#turn.table('micCounts').put(key, row);
      else this.#turn.table('micCounts').delete(key);
    }
  }

  #add({ node: name, id }: Pick<CountedAssignment, 'node' | 'id'>, by: 1 | -1): void {
    const node = this.#nodeAt(name);
    this.#nodes.set(name, { ...node, assigned: node.assigned + by });
    const count: AssignmentCount = { replica: this.#turn.self, kind: node.kind, name: node.name, id, count: 0 };
    const key = countKey(count);
    const old = this.#counts.get(key) ?? (this.#start === 'nothing' ? undefined : this.#turn.table('micCounts').get(key)) ?? count;
    this.#counts.set(key, { ...old, count: old.count + by });
  }

  #nodeAt(name: string): CountedNode {
    const known =
      this.#nodes.get(name) ?? (this.#start === 'nothing' ? undefined : this.#turn.table('micNodes').get(`${this.#turn.self}|${name}`));
    return known ?? { replica: this.#turn.self, node: name, ...this.#placeOf(name), assigned: 0 };
  }

  #placeOf(name: string): Pick<CountedNode, 'kind' | 'name'> {
    return placeOfNode(name, cachesOf(this.#turn).nodes.get(name));
  }
}

function countKey({ replica, kind, name, id }: AssignmentCount): string {
  return `${replica}|${kind}|${name}|${id}`;
}
