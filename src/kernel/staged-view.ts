/** A table as one turn sees it: committed rows with this turn's own writes laid over them. */
import type { Table } from './table.ts';
import type { Revision, TableView } from './revision.ts';

/** Reads through to the table; keeps writes until the kernel takes them at the end of the turn. */
export class StagedView<Row> implements TableView<Row> {
  readonly #table: Table<Row>;
  readonly #onFirstWrite: () => void;
  #staged = new Map<string, Row | undefined>();

  /** `onFirstWrite` is told when a turn writes here for the first time. */
  constructor(table: Table<Row>, onFirstWrite: () => void) {
    this.#table = table;
    this.#onFirstWrite = onFirstWrite;
  }

  get size(): number {
    return this.#table.size;
  }

  get(key: string): Row | undefined {
    return this.#staged.has(key) ? this.#staged.get(key) : this.#table.get(key);
  }

  revision(key: string): Revision<Row> | undefined {
    return this.#table.newest(key);
  }

  by(index: string, value: string): readonly Row[] {
    const rows = this.#table.by(index, value);
    if (this.#staged.size === 0) return rows;
    const found: Row[] = [];
    for (const key of this.#table.bucket(index, value)?.keys() ?? []) {
      const row = this.get(key);
      if (row !== undefined && this.#table.isIn(index, value, { row, key })) found.push(row);
    }
    for (const [key, row] of this.#staged) {
      if (row === undefined || this.#isIn(index, value, key)) continue;
      if (this.#table.isIn(index, value, { row, key })) found.push(row);
    }
    return found;
  }

  some(index: string, value: string, test: (row: Row) => boolean): boolean {
    return this.#staged.size === 0 ? this.#table.some(index, value, test) : this.by(index, value).some(test);
  }

  count(index: string, value: string): number {
    return this.#table.bucket(index, value)?.size ?? 0;
  }

  pick(index: string, value: string, chance: () => number): Row | undefined {
    if (this.#staged.size > 0) {
      const rows = this.by(index, value);
      return rows.length === 0 ? undefined : rows[Math.floor(chance() * rows.length)];
    }
    const keys = this.#table.bucket(index, value)?.keys() ?? [];
    const key = keys.length === 0 ? undefined : keys[Math.floor(chance() * keys.length)];
    return key === undefined ? undefined : this.#table.get(key);
  }

  all(): readonly Row[] {
    const rows: Row[] = [];
    for (const key of this.#table.keys()) {
      const row = this.get(key);
      if (row !== undefined) rows.push(row);
    }
    for (const [key, row] of this.#staged) if (row !== undefined && this.#table.newest(key) === undefined) rows.push(row);
    return rows;
  }

  put(key: string, row: Row): void {
    this.#stage(key, row);
  }

  delete(key: string): void {
    this.#stage(key, undefined);
  }

  /** Hands over the staged writes, in the order in which their keys were first written, and forgets them. */
  take(): readonly (readonly [string, Row | undefined])[] {
    if (this.#staged.size === 0) return [];
    const writes = [...this.#staged];
    this.#staged = new Map();
    return writes;
  }

  #stage(key: string, row: Row | undefined): void {
    if (this.#staged.size === 0) this.#onFirstWrite();
    this.#staged.set(key, row);
  }

  #isIn(index: string, value: string, key: string): boolean {
    const row = this.#table.get(key);
    return row !== undefined && this.#table.isIn(index, value, { row, key });
  }
}
