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
  /** All of them together, the kernel's share included [ms]. */
  readonly time: number;
}

interface Sum {
  count: number;
  reads: number;
  mostReads: number;
  time: number;
}

/** Kind under which ticks of parked timers go that found nothing to do. */
export const IDLE_TICK = 'idle tick';

/** Runs a world to its horizon, event by event, and answers what each kind cost; the dearest first. */
export function runCounting(world: Simulation<Identity>): readonly EventCost[] {
  const tables = (Object.keys(TABLES) as TableName[]).map((name) => world.table(name));
  const reads = (): number => {
    let sum = 0;
    for (const table of tables) sum += table.reads;
    return sum;
  };
  let kind = IDLE_TICK;
  world.observe({
    onDelivery: (delivery) => {
      kind = `${delivery.kind} ${delivery.message.type}`;
    },
  });
  const sums = new Map<string, Sum>();
  const horizon = world.options.horizon ?? Infinity;
  let readsBefore = reads();
  while (world.nextAt <= horizon) {
    kind = IDLE_TICK;
    const started = performance.now();
    if (!world.step()) break;
    const time = performance.now() - started;
    const readsNow = reads();
    add(sums, kind, { reads: readsNow - readsBefore, time });
    readsBefore = readsNow;
  }
  return [...sums]
    .map(([name, { count, reads: all, mostReads, time }]) => ({ kind: name, count, meanReads: all / count, mostReads, time }))
    .sort((one, other) => other.time - one.time);
}

function add(sums: Map<string, Sum>, kind: string, cost: { readonly reads: number; readonly time: number }): void {
  let sum = sums.get(kind);
  if (sum === undefined) sums.set(kind, (sum = { count: 0, reads: 0, mostReads: 0, time: 0 }));
  sum.count += 1;
  sum.reads += cost.reads;
  sum.mostReads = Math.max(sum.mostReads, cost.reads);
  sum.time += cost.time;
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
