/** What each kind of event costs: how often it comes, how many rows of tables it looks at, how long it takes. */
import type { Simulation } from '../src/kernel/simulation.ts';
import { TABLES } from '../src/model/tables.ts';
import type { TableName } from '../src/model/tables.ts';
import type { Identity } from '../src/model/vocabulary.ts';

/** Costs of one kind of event: a message type at an actor kind. */
export interface EventCost {
  /** `actor kind` and `message type`. */
  readonly kind: string;
  readonly count: number;
  /** Rows looked at: the mean of all events of the kind, and the most of one. */
  readonly meanReads: number;
  readonly mostReads: number;
  /** Time from the event before to its end, together [ms]. */
  readonly time: number;
}

interface Sum {
  count: number;
  reads: number;
  mostReads: number;
  time: number;
}

/** Watches a run and adds up. Begin to watch before the run; other observers' time falls on the event they look at. */
export class EventCosts {
  readonly #sums = new Map<string, Sum>();
  readonly #reads: () => number;
  #readsBefore: number;
  #timeBefore = performance.now();

  constructor(world: Simulation<Identity>) {
    const tables = (Object.keys(TABLES) as TableName[]).map((name) => world.table(name));
    this.#reads = () => {
      let reads = 0;
      for (const table of tables) reads += table.reads;
      return reads;
    };
    this.#readsBefore = this.#reads();
    world.observe({
      onDelivery: ({ kind, message }) => {
        this.#add(`${kind} ${message.type}`);
      },
    });
  }

  /** What was seen so far, the dearest kinds first. */
  list(): readonly EventCost[] {
    return [...this.#sums]
      .map(([kind, sum]) => ({
        kind,
        count: sum.count,
        meanReads: sum.reads / sum.count,
        mostReads: sum.mostReads,
        time: sum.time,
      }))
      .sort((a, b) => b.time - a.time);
  }

  #add(kind: string): void {
    const reads = this.#reads() - this.#readsBefore;
    const now = performance.now();
    let sum = this.#sums.get(kind);
    if (sum === undefined) this.#sums.set(kind, (sum = { count: 0, reads: 0, mostReads: 0, time: 0 }));
    sum.count += 1;
    sum.reads += reads;
    sum.mostReads = Math.max(sum.mostReads, reads);
    sum.time += now - this.#timeBefore;
    this.#readsBefore += reads;
    this.#timeBefore = performance.now();
  }
}

/** Both sizes side by side, by time at the larger one. */
export function tableOfCosts(smaller: readonly EventCost[], larger: readonly EventCost[]): string {
  const before = new Map(smaller.map((cost) => [cost.kind, cost]));
  const rows = larger.map((cost) => {
    const small = before.get(cost.kind);
    return [
      cost.kind,
      String(cost.count),
      cost.time.toFixed(0),
      ((1000 * cost.time) / cost.count).toFixed(1),
      small === undefined ? '-' : ((1000 * small.time) / small.count).toFixed(1),
      cost.meanReads.toFixed(1),
      small === undefined ? '-' : small.meanReads.toFixed(1),
      String(cost.mostReads),
      small === undefined ? '-' : String(small.mostReads),
    ];
  });
  const header = ['kind of event', 'events', 'ms', 'us each', '(smallest)', 'rows each', '(smallest)', 'most', '(smallest)'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  return [header, ...rows]
    .map((row) => row.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))).join('  '))
    .join('\n');
}
