/**
 * The desired set and the diff (§4.2, §4.3), kept up to date instead of recomputed: a cycle looks at the pods, bindings and identities
 * that changed since the last one, and at the names it could not finish. What it decides is what a full recomputation would.
 */
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { BINDING_LABEL, keyOf } from '../../model/kubernetes.ts';
import type { DesiredAssignment } from '../../model/mic-rows.ts';
import { contest, desiredKey, desiredOf, isSameDesired } from '../../model/mic/desired.ts';
import type { DesiredSources } from '../../model/mic/desired.ts';
import { differenceOf } from '../../model/mic/diff.ts';
import type { Difference } from '../../model/mic/diff.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { Caches } from './caches.ts';
import type { DesiredRows } from './desired-rows.ts';
import { namespaceRule } from './settings.ts';
import { clearCounts, countAll, countChanged } from './survey.ts';
import { workKey } from './work.ts';
import type { MicState } from './state.ts';

/** What a cycle found about one name, where there is something to do. */
export interface Finding {
  readonly name: string;
  readonly difference: Exclude<Difference, 'nothing'>;
  readonly cached: AzureAssignedIdentity | undefined;
  readonly desired: DesiredAssignment | undefined;
}

/** Row key of who has each contested name in this cycle. */
export type Winners = ReadonlyMap<string, string>;

/** What the comparison of a cycle gave. */
export interface Findings {
  /** By name in the order in which they were touched. */
  readonly list: readonly Finding[];
  readonly winners: Winners;
}

/** Forgets what an earlier process of this pod, or a process that is dead, kept in the tables. */
export function clearTables(turn: Turn): void {
  for (const name of ['micDesired', 'micTouched'] as const) {
    const table = turn.table(name);
    for (const row of table.all()) {
      if (row.replica !== turn.self && turn.isAlive(row.replica)) continue;
      table.delete('podKey' in row ? desiredKey(row) : touchedKey(row.replica, row.name));
    }
  }
  for (const row of turn.table('micWork').all()) {
    if (row.replica === turn.self || !turn.isAlive(row.replica)) turn.table('micWork').delete(workKey(row));
  }
  clearCounts(turn);
}

/** Builds the whole set from fresh caches; every name is to be looked at. */
export function listAll(rows: DesiredRows, caches: Caches, turn: Turn): void {
  const names = new Set<string>();
  const sources = sourcesOf(caches, turn);
  for (const pod of caches.pods.all()) {
    for (const row of desiredOf(pod, sources)) {
      rows.put(row);
      names.add(row.name);
    }
  }
  const assigned = caches.assigned.all();
  for (const { metadata } of assigned) names.add(metadata.name);
  touch(names, turn);
  if (behaves(turn, 'micReconciles')) countAll(assigned, turn);
}

/** Forgets what the watches brought so far: it is in the list. */
export function skipToNow(turn: Turn): void {
  drainAll(turn);
  turn.drain('azureAssignedIdentities');
}

/** Takes in what changed since the last cycle. */
export function refresh(state: MicState, rows: DesiredRows, caches: Caches, turn: Turn): void {
  noteAssignedChanges(state, turn);
  const changed = drainAll(turn);
  const pods = new Set(changed.pods);
  for (const key of changed.bindings) addPodsOfBinding(key, pods, rows, caches);
  for (const key of changed.identities) addPodsOfIdentity(key, pods, rows, caches);
  const names = new Set<string>();
  const sources = sourcesOf(caches, turn);
  for (const podKey of pods) renewPod(podKey, names, rows, { sources, caches });
  touch(names, turn);
}

/**
 * Assigned identities that changed, by whomever: their names are looked at by the next cycle, their resources by the next reconcile.
 * Answers how many.
 */
export function noteAssignedChanges(state: MicState, turn: Turn): number {
  const keys = turn.drain('azureAssignedIdentities');
  if (keys.length === 0) return 0;
  state.isReconciled = false;
  touch(new Set(keys.map(nameOf)), turn);
  if (behaves(turn, 'micReconciles')) countChanged(keys, turn);
  return keys.length;
}

/** Compares every touched name with the cache; clean ones are dropped, the others stay for the next cycle too. By name. */
export function findDifferences(rows: DesiredRows, caches: Caches, turn: Turn): Findings {
  const touched = turn.table('micTouched');
  const order = podOrder(caches, turn);
  const kept = behaves(turn, 'micKeepsFirstOfSameName') ? 'first' : 'last';
  const list: Finding[] = [];
  const winners = new Map<string, string>();
  for (const { name } of [...touched.by('replica', turn.self)]) {
    const candidates = rows.named(name);
    const { winner, losers, isOpen } = contest(candidates, order, kept);
    if (isOpen && winner !== undefined) winners.set(name, desiredKey(winner));
    const held = caches.assigned.by('name', name);
    const cached = pick(held, turn);
    const difference = differenceOf(cached, winner);
    if (difference === 'nothing') {
      if (!isOpen && held.length <= 1) touched.delete(touchedKey(turn.self, name));
      continue;
    }
    for (const loser of losers) turn.fact({ type: 'mic-name-collision', replica: turn.self, name, loser: loser.podKey });
    list.push({ name, difference, cached, desired: winner });
  }
  return { list, winners };
}

/** Order in which the cycle's lists run: by creation, or by chance as the real caches list. */
export function inListOrder(findings: readonly Finding[], turn: Turn): readonly Finding[] {
  if (findings.length <= 1) return findings;
  const isGiven = turn.knob('informer.listOrder') === 'given';
  const placed = findings.map((finding) => ({ finding, place: isGiven ? 0 : turn.uniform('mic/listOrder', finding.name) }));
  return placed.sort((a, b) => a.place - b.place || (a.finding.name < b.finding.name ? -1 : 1)).map(({ finding }) => finding);
}

/** The cache is a map by name alone: of two namesakes in two namespaces one hides the other. */
function pick(held: readonly AzureAssignedIdentity[], turn: Turn): AzureAssignedIdentity | undefined {
  if (held.length <= 1) return held[0];
  if (turn.knob('informer.listOrder') === 'given') return held.at(-1);
  return held[Math.floor(turn.uniform('mic/namesakes', held[0]?.metadata.name ?? '') * held.length)];
}

/** Place of a pod in this cycle's list: one list, so one place, for however many names it competes. */
function podOrder(caches: Caches, turn: Turn): (podKey: string) => number {
  const isGiven = turn.knob('informer.listOrder') === 'given';
  const places = new Map<string, number>();
  return (podKey) => {
    let place = places.get(podKey);
    if (place === undefined) {
      place = isGiven ? (caches.pods.revision(podKey)?.created ?? 0) : turn.uniform('mic/podOrder', podKey);
      places.set(podKey, place);
    }
    return place;
  };
}

function drainAll(turn: Turn): Record<'pods' | 'bindings' | 'identities', readonly string[]> {
  return {
    pods: turn.drain('pods'),
    bindings: turn.drain('azureIdentityBindings'),
    identities: turn.drain('azureIdentities'),
  };
}

/** Pods a binding selects now, and those it selected when they were last looked at. */
function addPodsOfBinding(key: string, pods: Set<string>, rows: DesiredRows, caches: Caches): void {
  for (const row of rows.before('binding', key)) pods.add(row.podKey);
  const selector = caches.bindings.get(key)?.spec.selector ?? '';
  if (selector !== '') for (const pod of caches.pods.by('selector', selector)) pods.add(keyOf(pod));
}

function addPodsOfIdentity(key: string, pods: Set<string>, rows: DesiredRows, caches: Caches): void {
  for (const row of rows.before('identity', key)) pods.add(row.podKey);
  for (const binding of caches.bindings.by('identity', key)) addPodsOfBinding(keyOf(binding), pods, rows, caches);
}

/** Computes one pod anew and notes the names for which that made a difference. */
function renewPod(
  podKey: string,
  names: Set<string>,
  rows: DesiredRows,
  from: { readonly sources: DesiredSources; readonly caches: Caches },
): void {
  const pod = from.caches.pods.get(podKey);
  const isLabelled = (pod?.metadata.labels[BINDING_LABEL] ?? '') !== '';
  const before = new Map(rows.before('pod', podKey).map((row) => [desiredKey(row), row]));
  for (const row of pod !== undefined && isLabelled ? desiredOf(pod, from.sources) : []) {
    const key = desiredKey(row);
    const old = before.get(key);
    before.delete(key);
    if (old !== undefined && isSameDesired(old, row)) continue;
    rows.put(row);
    names.add(row.name);
  }
  for (const row of before.values()) {
    rows.delete(row);
    names.add(row.name);
  }
}

/** What a desired set is made from, as the caches show it in this turn. */
export function sourcesOf(caches: Caches, turn: Turn): DesiredSources {
  return {
    replica: turn.self,
    rule: namespaceRule(turn),
    bindingsOf: (selector) => caches.bindings.by('selector', selector),
    identityAt: (key) => caches.identities.get(key),
  };
}

function touch(names: ReadonlySet<string>, turn: Turn): void {
  const table = turn.table('micTouched');
  for (const name of names) {
    const key = touchedKey(turn.self, name);
    if (table.get(key) === undefined) table.put(key, { replica: turn.self, name });
  }
}

function touchedKey(replica: string, name: string): string {
  return `${replica}|${name}`;
}

function nameOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}
