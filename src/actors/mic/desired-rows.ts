/**
 * The table of desired rows as one cycle works on it: what is stored, with this cycle's changes laid over it.
 *
 * The kernel's own view of staged writes searches all of them at each read, which is right for a handful; a cycle can change
 * thousands. Here changes are indexed by name and client id, and staged once, at the end.
 */
import type { DesiredAssignment } from '../../model/mic-rows.ts';
import { desiredKey } from '../../model/mic/desired.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Desired rows of this process within one turn. */
export class DesiredRows {
  readonly #turn: Turn;
  /** Rows of this turn by key; undefined: taken away. */
  readonly #changed = new Map<string, DesiredAssignment | undefined>();
  readonly #byName = new Map<string, Set<string>>();
  readonly #byClient = new Map<string, Set<string>>();

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Rows as they were before this turn, of that pod, binding or identity, by creation. */
  before(index: 'pod' | 'binding' | 'identity', value: string): readonly DesiredAssignment[] {
    return this.#turn.table('micDesired').by(index, `${this.#turn.self}|${value}`);
  }

  /** Rows with that name: stored ones by creation, then this turn's. */
  named(name: string): readonly DesiredAssignment[] {
    const stored = this.#turn.table('micDesired').by('name', `${this.#turn.self}|${name}`);
    if (this.#changed.size === 0) return stored;
    const rows = stored.filter((row) => !this.#changed.has(desiredKey(row)));
    for (const key of this.#byName.get(name) ?? []) {
      const row = this.#changed.get(key);
      if (row?.name === name) rows.push(row);
    }
    return rows;
  }

  /** Whether a row with that client id, on that node if one is named, passes; none is looked at after the first that does. */
  some(
    { clientID, node }: { readonly clientID: string; readonly node: string | undefined },
    test: (row: DesiredAssignment) => boolean,
  ): boolean {
    const { self } = this.#turn;
    const table = this.#turn.table('micDesired');
    const passes = (row: DesiredAssignment): boolean => !this.#changed.has(desiredKey(row)) && test(row);
    const isStored =
      node === undefined ? table.some('client', `${self}|${clientID}`, passes) : table.some('place', `${self}|${clientID}|${node}`, passes);
    if (isStored) return true;
    for (const key of this.#byClient.get(clientID) ?? []) {
      const row = this.#changed.get(key);
      if (row?.clientID === clientID && (node === undefined || row.node === node) && test(row)) return true;
    }
    return false;
  }

  put(row: DesiredAssignment): void {
    const key = desiredKey(row);
    this.#changed.set(key, row);
    note(this.#byName, row.name, key);
    note(this.#byClient, row.clientID, key);
  }

  delete(row: DesiredAssignment): void {
    this.#changed.set(desiredKey(row), undefined);
  }

  /** Stages the changes. Nothing is to be read after that. */
  commit(): void {
    const table = this.#turn.table('micDesired');
    for (const [key, row] of this.#changed) {
      if (row === undefined) table.delete(key);
      else table.put(key, row);
    }
  }
}

function note(index: Map<string, Set<string>>, value: string, key: string): void {
  let keys = index.get(value);
  if (keys === undefined) index.set(value, (keys = new Set()));
  keys.add(key);
}
