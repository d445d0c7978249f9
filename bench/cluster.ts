/**
 * How the simulator grows with the cluster: the shape of `aks-sql-token` (one identity per application, pods that read Azure SQL), begun
 * settled, at 10, 100 and 1,000 nodes with 30 pods each; one simulated hour in which 5 % of the pods are deleted and replaced.
 *
 * Prints wall time, peak memory and events per second, and how they grow. Each size runs in a process of its own, so that peak memory is
 * its own. `--json` for machines; `--sizes 10,100` for others; `--runs N` (default 3) for the median of N runs.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '../src/scenarios/load.ts';
import { assemble } from '../src/scenarios/assemble/index.ts';
import { defaultCalibration } from '../src/model/calibration/index.ts';
import { ORIGIN, after, seconds } from '../src/kernel/time.ts';
import type { StoryRow } from '../src/model/story.ts';

interface Figures {
  readonly nodes: number;
  readonly pods: number;
  readonly replaced: number;
  readonly events: number;
  /** Making the settled world [s]. */
  readonly setUp: number;
  /** Running the hour [s]. */
  readonly wall: number;
  /** Largest resident set [MiB]. */
  readonly memory: number;
  readonly fingerprint: string;
}

const PODS_PER_NODE = 30;
const APPLICATIONS = 10;
const REPLACED = 0.05;
/** Room for NMI and MIC beside the 30 pods of applications. */
const MAX_PODS = 33;

function scenarioOf(nodes: number): string {
  const replicas = (nodes * PODS_PER_NODE) / APPLICATIONS;
  const names = Array.from({ length: APPLICATIONS }, (_, n) => `app${String(n)}`);
  const objects = names.flatMap((name) => [
    {
      apiVersion: 'aadpodidentity.k8s.io/v1',
      kind: 'AzureIdentity',
      metadata: { name, namespace: 'default' },
      spec: { type: 0, resourceID: `identity:${name}.resourceID`, clientID: `identity:${name}.clientID` },
    },
    {
      apiVersion: 'aadpodidentity.k8s.io/v1',
      kind: 'AzureIdentityBinding',
      metadata: { name, namespace: 'default' },
      spec: { azureIdentity: name, selector: name },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name, aadpodidbinding: name } }, spec: { containers: [{ name: 'main', image: 'orders' }] } },
      },
    },
  ]);
  return JSON.stringify({
    question: 'How does the simulator grow with the cluster?',
    group: 'scale',
    horizon: '1h',
    world: {
      identities: names.map((name) => ({ name })),
      services: [{ name: 'orders', kind: 'sql' }],
      roles: names.map((name) => ({ to: name, role: 'SQL DB Contributor', on: 'orders' })),
      cluster: {
        start: 'settled',
        nodePools: [{ name: 'pool1', nodes, maxPods: MAX_PODS }],
        podIdentity: { mode: 'standard' },
        workloads: names.map((name) => ({ name, uses: 'orders', identity: name, every: '10m', select: { deployment: name } })),
      },
    },
    story: [{ at: '0s', apply: objects }],
  });
}

function measure(nodes: number): Figures {
  const started = performance.now();
  const loaded = loadScenario({ path: 'bench.yaml', text: scenarioOf(nodes), readText: () => undefined });
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => `${problem.path}: ${problem.rule}`).join('\n'));
  const world = assemble(loaded.scenario, defaultCalibration(), { mode: 'fast' });
  const pods = world
    .table('pods')
    .all()
    .filter((pod) => pod.metadata.name.startsWith('app'));
  const replaced = Math.round(pods.length * REPLACED);
  for (let n = 0; n < replaced; n += 1) {
    const pod = pods[Math.floor((n * pods.length) / replaced)];
    if (pod === undefined) continue;
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
    const row: StoryRow = {
      id: `step-9${String(n).padStart(5, '0')}`,
      at: seconds(60 + (3300 * n) / replaced),
      text: '',
      actions: [{ kind: 'api', call: { verb: 'delete', kind: 'Pod', key } }],
    };
    world.fill('story', row.id, row);
  }
  let earliest = ORIGIN;
  world.observe({
    onDelivery: ({ at }) => {
      earliest = after(at, seconds(0));
    },
  });
  world.retainTrace(() => earliest);
  const ready = performance.now();
  const outcome = world.run();
  const ended = performance.now();
  return {
    nodes,
    pods: pods.length,
    replaced,
    events: outcome.events,
    setUp: (ready - started) / 1000,
    wall: (ended - ready) / 1000,
    memory: process.resourceUsage().maxRSS / 1024,
    fingerprint: outcome.fingerprint,
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
  const figures = option('sizes', '10,100,1000')
    .split(',')
    .map(Number)
    .map((nodes) => {
      const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--measure', String(nodes)];
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
  process.stdout.write('nodes    pods  replaced      events  set-up s  wall s  events/s  peak MiB  growth of wall\n');
  let before: Figures | undefined;
  for (const row of figures) {
    const growth =
      before === undefined ? '' : `x ${(row.wall / before.wall).toFixed(1)} for x ${(row.nodes / before.nodes).toFixed(0)} nodes`;
    const cells = [
      String(row.nodes).padStart(5),
      String(row.pods).padStart(7),
      String(row.replaced).padStart(9),
      String(row.events).padStart(11),
      row.setUp.toFixed(2).padStart(9),
      row.wall.toFixed(2).padStart(7),
      String(Math.round(row.events / row.wall)).padStart(9),
      row.memory.toFixed(0).padStart(9),
    ];
    process.stdout.write(`${cells.join(' ')}  ${growth}\n`);
    before = row;
  }
  process.stdout.write('\nset-up: loading and making the settled world. peak: largest resident set of the process.\n');
}

main();
