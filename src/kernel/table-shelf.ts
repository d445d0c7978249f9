/** All tables of a world, with the staged view of each that the running turn writes to. */
import type { TableDefinition } from './revision.ts';
import { StagedView } from './staged-view.ts';
import { Table } from './table.ts';

/** A table with what the turn staged for it. */
export interface StagedTable {
  readonly table: Table<unknown>;
  readonly view: StagedView<unknown>;
}

/** The tables by name. */
export class TableShelf {
  readonly #tables = new Map<string, StagedTable>();
  /** Tables the running turn wrote to, in the order of its first writes. */
  #dirty: StagedTable[] = [];

  constructor(definitions: Readonly<Record<string, TableDefinition<never>>>) {
    for (const [name, definition] of Object.entries(definitions)) {
      const table = new Table<unknown>(name, definition as TableDefinition<unknown>);
      const view = new StagedView<unknown>(table, () => {
        this.#dirty.push({ table, view });
      });
      this.#tables.set(name, { table, view });
    }
  }

  /** Whether the running turn wrote to any table. */
  get isDirty(): boolean {
    return this.#dirty.length > 0;
  }

  /** A table that must exist. */
  table(name: string): Table<unknown> {
    return this.#of(name).table;
  }

  view(name: string): StagedView<unknown> {
    return this.#of(name).view;
  }

  /** Hands over the tables that were written to, and begins anew. */
  takeDirty(): readonly StagedTable[] {
    if (this.#dirty.length === 0) return this.#dirty;
    const dirty = this.#dirty;
    this.#dirty = [];
    return dirty;
  }

  /** Keeps the content of all tables; the answer brings it back. */
  snapshot(): () => void {
    const kept = [...this.#tables.values()].map(({ table }) => ({ table, content: table.snapshot() }));
    return () => {
      for (const { table, content } of kept) table.restore(content);
    };
  }

  #of(name: string): StagedTable {
    const found = this.#tables.get(name);
    if (found === undefined) throw new Error(`no table ${name}`);
    return found;
  }
}
