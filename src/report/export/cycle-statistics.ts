/**
 * What MIC prints at the end of a cycle with work: durations of its parts and numbers of its calls.
 *
 * Follows pkg/stats of aad-pod-identity v1.8.17, its names and its order; what runs at once counts from the first beginning to the last
 * end. Simplified: a cycle reads its caches and compares in no time of its own, so those lines are 0s; a deletion counts its status patch
 * as nobody's time.
 */
import type { Duration, Moment } from '../../kernel/time.ts';
import { handleFact } from '../watcher.ts';
import type { FactHandlers, Stamped } from '../watcher.ts';

/** Calls of one kind within a cycle. */
interface Span {
  count: number;
  from: number;
  to: number;
}

type Part = 'GET' | 'PATCH' | 'addition' | 'update' | 'deletion';

/** Statistics of one MIC process, cycle by cycle. */
export class CycleStatistics {
  #startedAt: number | undefined;
  #worksSince: number | undefined;
  #parts = new Map<Part, Span>();
  readonly #handlers: FactHandlers<void> = {
    'mic-cycle-started': (_fact, { at }) => {
      this.#startedAt = at;
      this.#worksSince = undefined;
      this.#parts = new Map();
    },
    'mic-worker-started': (_fact, { at }) => {
      this.#worksSince ??= at;
    },
    'mic-cloud-operation-ended': ({ operation, took }, { at }) => {
      this.#note(operation.endsWith('_get') ? 'GET' : 'PATCH', at, took);
    },
    'mic-assigned-identity-written': ({ operation, error, took }, { at }) => {
      if (operation !== 'status' && error === '') this.#note(operation, at, took);
    },
  };

  /** Takes in a fact of the process. */
  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  /** The lines at the end of a cycle, which is now. */
  lines(at: Moment): readonly string[] {
    const startedAt = this.#startedAt ?? at;
    const worksSince = this.#worksSince ?? at;
    const none: readonly string[] = LISTS.map((name) => `${name}: 0s`);
    return [
      '** stats collected **',
      ...none,
      `System: ${seconds(worksSince - startedAt)}`,
      'CacheSync: 0s',
      ...TIMED.map(([part, name]) => `${name}: ${seconds(this.#took(part))}`),
      ...COUNTED.map(([part, name]) => `${name}: ${String(this.#parts.get(part)?.count ?? 0)}`),
      'Find AzureAssignedIdentities to create: 0s',
      'Find AzureAssignedIdentities to delete: 0s',
      `Total time to assign or update AzureAssignedIdentities: ${seconds(at - worksSince)}`,
      `Total: ${seconds(at - startedAt)}`,
      '*********************',
    ];
  }

  #note(part: Part, at: Moment, took: Duration): void {
    const from = at - took;
    const known = this.#parts.get(part);
    if (known === undefined) this.#parts.set(part, { count: 1, from, to: at });
    else this.#parts.set(part, { count: known.count + 1, from: Math.min(known.from, from), to: Math.max(known.to, at) });
  }

  #took(part: Part): number {
    const span = this.#parts.get(part);
    return span === undefined ? 0 : span.to - span.from;
  }
}

const LISTS = ['Pod listing', 'AzureIdentity listing', 'AzureIdentityBinding listing', 'AzureAssignedIdentity listing'] as const;

const TIMED = [
  ['GET', 'Cloud provider GET'],
  ['PATCH', 'Cloud provider PATCH'],
  ['addition', 'AzureAssignedIdentity creation'],
  ['update', 'AzureAssignedIdentity update'],
  ['deletion', 'AzureAssignedIdentity deletion'],
] as const;

const COUNTED = [
  ['PATCH', 'Number of cloud provider PATCH'],
  ['GET', 'Number of cloud provider GET'],
  ['addition', 'Number of AzureAssignedIdentities created in this sync cycle'],
  ['update', 'Number of AzureAssignedIdentities updated in this sync cycle'],
  ['deletion', 'Number of AzureAssignedIdentities deleted in this sync cycle'],
] as const;

function seconds(micros: number): string {
  return `${String(micros / 1_000_000)}s`;
}
