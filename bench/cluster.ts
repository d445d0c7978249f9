/**
 * How the simulator grows with the cluster: the shape of `aks-sql-token` (one identity per application, pods that read Azure SQL), begun
 * settled, at 10, 100 and 1,000 nodes with 30 pods each; one simulated hour in which 5 % of the pods are deleted and replaced.
 *
 * Prints wall and processor time, peak memory and events per second, and how they grow. Each size runs in a process of its own, so that
 * peak memory is its own. `--json` for machines; `--sizes 10,100` for others; `--runs N` (default 3) for the median of N runs;
 * `--profile` adds what each kind of event costs at the smallest and the largest size: rows of tables looked at, and time. A kind whose
 * cost grows with the cluster does work in proportion to it.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ORIGIN } from '../src/kernel/time.ts';
import { REPLACED, benchedCluster } from './cluster-world.ts';
import { runCounting, tableOfCosts } from './event-costs.ts';
import type { EventCost } from './event-costs.ts';

interface Figures {
  readonly nodes: number;
  readonly pods: number;
  readonly replaced: number;
  readonly events: number;
  /** Making the settled world [s]. */
  readonly setUp: number;
  /** Running the hour [s], and the processor time of it, garbage collection in other threads included [s]. */
  readonly wall: number;
  readonly processor: number;
  /** Largest resident set [MiB]. */
  readonly memory: number;
  readonly fingerprint: string;
  /** With `--profile`: by kind of event. */
  readonly costs?: readonly EventCost[];
}

function measure(nodes: number): Figures {
  const started = performance.now();
  const { world, pods, replaced } = benchedCluster(nodes);
  let now = ORIGIN;
  world.observe({
    onDelivery: ({ at }) => {
      now = at;
    },
  });
  world.retainTrace(() => now);
  const ready = performance.now();
  const before = process.cpuUsage();
  // After a counted run this delivers nothing and tells how it ended.
  const costs = process.argv.includes('--profile') ? runCounting(world) : undefined;
  const outcome = world.run();
  const ended = performance.now();
  const { user, system } = process.cpuUsage(before);
  return {
    nodes,
    pods,
    replaced,
    events: outcome.events,
    setUp: (ready - started) / 1000,
    wall: (ended - ready) / 1000,
    processor: (user + system) / 1e6,
    memory: process.resourceUsage().maxRSS / 1024,
    fingerprint: outcome.fingerprint,
    ...(costs === undefined ? {} : { costs }),
  };
}

function median(runs: readonly Figures[]): Figures {
  const sorted = [...runs].sort((a, b) => a.wall - b.wall);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('no run');
  return middle;
}

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
}

function main(): void {
  const child = option('measure', '');
  if (child !== '') {
    process.stdout.write(JSON.stringify(measure(Number(child))));
    return;
  }
  const runs = Number(option('runs', '3'));
  const profile = process.argv.includes('--profile') ? ['--profile'] : [];
  const figures = option('sizes', '10,100,1000')
    .split(',')
    .map(Number)
    .map((nodes) => {
      const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--measure', String(nodes), ...profile];
      return median(
        Array.from(
          { length: runs },
          () => JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 })) as Figures,
        ),
      );
    });
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ runs, figures }, undefined, 2)}\n`);
    return;
  }
  process.stdout.write(`One simulated hour, ${String(REPLACED * 100)} % of the pods replaced, median of ${String(runs)} runs\n\n`);
  process.stdout.write('nodes    pods  replaced      events  set-up s  wall s   cpu s  events/s  peak MiB  growth of cpu and events\n');
  let before: Figures | undefined;
  for (const row of figures) {
    const growth =
      before === undefined
        ? ''
        : `x ${(row.processor / before.processor).toFixed(1)} for x ${(row.events / before.events).toFixed(1)} events, x ${(row.nodes / before.nodes).toFixed(0)} nodes`;
    const cells = [
      String(row.nodes).padStart(5),
      String(row.pods).padStart(7),
      String(row.replaced).padStart(9),
      String(row.events).padStart(11),
      row.setUp.toFixed(2).padStart(9),
      row.wall.toFixed(2).padStart(7),
      row.processor.toFixed(2).padStart(7),
      String(Math.round(row.events / row.wall)).padStart(9),
      row.memory.toFixed(0).padStart(9),
    ];
    process.stdout.write(`${cells.join(' ')}  ${growth}\n`);
    before = row;
  }
  process.stdout.write('\nset-up: loading and making the settled world. peak: largest resident set of the process.\n');
  process.stdout.write('cpu: processor time of all threads; unlike wall time it does not move with what else the machine does.\n');
  const [smallest, largest] = [figures[0]?.costs, figures.at(-1)?.costs];
  if (smallest !== undefined && largest !== undefined) process.stdout.write(`\n${tableOfCosts(smallest, largest)}\n`);
}

main();
