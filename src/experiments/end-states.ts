/**
 * Where the runs of a sweep end up: runs with as much of everything in the end are one end state, and two end states part at the earliest
 * moment at which something of the world went one way here and another way there.
 *
 * Paths are compared thing by thing, so that two independent things in another order are no parting. Simplified: what is followed are
 * AzureAssignedIdentities, identities on machines, service principals and role assignments; of each path the first 20,000 steps.
 */
import type { Observer } from '../kernel/world.ts';
import type { Moment } from '../kernel/time.ts';
import { keyIn } from '../model/kubernetes.ts';
import type { Identity } from '../model/vocabulary.ts';
import type { Report } from '../report/document/index.ts';
import { idsWithout } from '../report/identity-lists.ts';
import { byText, handleWrite } from '../report/watcher.ts';
import type { Write, WriteHandlers, WriteOf } from '../report/watcher.ts';

/** One step of one thing. */
export interface PathStep {
  readonly at: Moment;
  readonly what: string;
  readonly state: string;
}

/** What a run came to in the end, and how. */
export interface Ending {
  /** Same text, same end state. */
  readonly text: string;
  readonly path: readonly PathStep[];
}

/** Where two paths part: what became of a thing in the most common end state, and here. */
export interface Parting {
  readonly atUs: number;
  readonly what: string;
  readonly usually: string;
  readonly here: string;
}

/** One end state of a sweep. */
export interface EndState {
  readonly text: string;
  /** Seeds that ended so [1]. */
  readonly seeds: number;
  /** Smallest index of a shard that did. */
  readonly first: number;
  /** Against the most common end state; null for that one itself, and where no followed thing tells them apart. */
  readonly parts: Parting | null;
}

const STEPS_MOST = 20_000;

/** Writes down the path of a run. */
export class PathRecorder implements Observer<Identity> {
  readonly path: PathStep[] = [];
  /** Pods by what seeds have in common: whose they are, and the how manieth. */
  readonly #names = new Map<string, string>();
  readonly #made = new Map<string, number>();

  onWrite(table: Write['table'], entry: Write['entry'], actor: Write['actor']): void {
    if (this.path.length >= STEPS_MOST) return;
    const write = { table, entry, actor } as Write;
    if (write.table === 'pods') this.#name(write);
    else if (write.table === 'azureAssignedIdentities') this.#follow(write);
    else for (const [what, state] of handleWrite(STEPS, write) ?? []) this.path.push({ at: write.entry.at, what, state });
  }

  /** Names of pods that a controller makes are drawn: no seed has those of another. */
  #name({ entry: { key, before, after } }: WriteOf<'pods'>): void {
    const [owner] = after?.metadata.ownerReferences ?? [];
    if (before !== undefined || after === undefined || owner === undefined || owner.kind === 'StatefulSet') return;
    const whose = `${owner.kind} ${keyIn(after.metadata.namespace, owner.name)}`;
    const made = (this.#made.get(whose) ?? 0) + 1;
    this.#made.set(whose, made);
    this.#names.set(key, `pod ${String(made)} of ${whose}`);
  }

  #follow({ entry: { before, after, at } }: WriteOf<'azureAssignedIdentities'>): void {
    const spec = (after ?? before)?.spec;
    if (spec === undefined || before?.status.status === after?.status.status) return;
    const pod = keyIn(spec.podNamespace, spec.pod);
    const what = `AzureAssignedIdentity of ${spec.azureIdentityRef.metadata.name} for ${this.#names.get(pod) ?? `pod ${pod}`}`;
    this.path.push({ at, what, state: after?.status.status ?? 'gone' });
  }
}

const STEPS: WriteHandlers<readonly (readonly [what: string, state: string])[]> = {
  computeResources: ({ entry: { before, after } }) => {
    const name = (after ?? before)?.name ?? '';
    const [was, is] = [before?.userAssigned ?? [], after?.userAssigned ?? []];
    const step = (id: string, state: string): readonly [string, string] => [`${id.slice(id.lastIndexOf('/') + 1)} on ${name}`, state];
    const come = [...new Set(idsWithout(is, was))].map((id) => step(id, 'attached'));
    return [...come, ...[...new Set(idsWithout(was, is))].map((id) => step(id, 'taken off'))];
  },
  servicePrincipals: ({ entry: { before, after } }) => {
    const isGone = after === undefined || after.deletedAt !== undefined;
    return before === undefined || before.deletedAt !== undefined || !isGone ? [] : [[`service principal ${before.displayName}`, 'gone']];
  },
  roleAssignments: ({ entry: { before, after } }) => {
    const isGone = after === undefined || after.deletedAt !== undefined;
    return before === undefined || before.deletedAt !== undefined || !isGone
      ? []
      : [[`role ${before.role} of ${before.principalId}`, 'gone']];
  },
};

/** Measures of what is there in the end, and what they are called. */
const THERE = {
  'identities.left.count': 'identities on machines',
  'assignments.left.count': 'AzureAssignedIdentities',
  'tokens.gaveUp.count': 'processes without a token',
} as const;

/** The end state of a run: what is there, what is left behind, and deletions that are not complete. */
export function endingOf(report: Report): string {
  const there = Object.entries(THERE).map(([name, what]): readonly [string, number] => [
    what,
    report.metrics.find(({ metric }) => metric === name)?.value ?? 0,
  ]);
  const left = Object.entries(report.cleanup.left).map(([kind, count]): readonly [string, number] => [`${kind} left`, count]);
  const incomplete = report.cleanup.kinds.map(({ kind, incomplete }): readonly [string, number] => [`${kind} incomplete`, incomplete]);
  const found = [...there, ...left, ...incomplete].filter(([, count]) => count > 0);
  return found.length === 0 ? 'nothing is there' : found.map(([what, count]) => `${what}: ${String(count)}`).join(', ');
}

/** The end states of runs, the most common first; of equally common ones that of the smaller index. */
export function endStatesOf(runs: readonly { readonly index: number; readonly ending: Ending }[]): readonly EndState[] {
  const groups = grouped(runs, ({ ending }) => ending.text);
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length || (a[0]?.index ?? 0) - (b[0]?.index ?? 0));
  const usual = sorted[0]?.[0];
  return sorted.flatMap(([first, ...others]) => {
    if (first === undefined || usual === undefined) return [];
    const parts = first === usual ? null : (partingOf(usual.ending.path, first.ending.path) ?? null);
    return [{ text: first.ending.text, seeds: others.length + 1, first: first.index, parts }];
  });
}

/** The earliest point at which one path differs from the usual one; undefined if none does. */
export function partingOf(usual: readonly PathStep[], here: readonly PathStep[]): Parting | undefined {
  const [there, ours] = [usual, here].map((path) => grouped(path, ({ what }) => what));
  const names = new Set([...(there?.keys() ?? []), ...(ours?.keys() ?? [])]);
  const partings = [...names].flatMap((what): readonly Parting[] => {
    const [a, b] = [there?.get(what) ?? [], ours?.get(what) ?? []];
    const place = Array.from({ length: Math.max(a.length, b.length) }, (_, index) => index).find(
      (index) => a[index]?.state !== b[index]?.state,
    );
    if (place === undefined) return [];
    const [one, other] = [a[place], b[place]];
    const atUs = Math.min(one?.at ?? Infinity, other?.at ?? Infinity);
    return [{ atUs, what, usually: one?.state ?? 'no change', here: other?.state ?? 'no change' }];
  });
  return partings.sort((a, b) => a.atUs - b.atUs || byText(a.what, b.what))[0];
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
