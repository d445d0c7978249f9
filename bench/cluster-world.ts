/** The cluster that the benchmark and the test of handlers' cost run: the shape of `aks-sql-token`, begun settled, of any size. */
import { seconds } from '../src/kernel/time.ts';
import type { Simulation } from '../src/kernel/simulation.ts';
import { defaultCalibration } from '../src/model/calibration/index.ts';
import type { StoryRow } from '../src/model/story.ts';
import type { Identity } from '../src/model/vocabulary.ts';
import { assemble } from '../src/scenarios/assemble/index.ts';
import { loadScenario } from '../src/scenarios/load.ts';

/** A settled cluster whose pods are about to be replaced. */
export interface BenchedCluster {
  readonly world: Simulation<Identity>;
  readonly pods: number;
  /** Pods deleted within the hour; their controllers replace them. */
  readonly replaced: number;
}

const PODS_PER_NODE = 30;
const APPLICATIONS = 10;
/** Share of the pods that is replaced in the hour. */
export const REPLACED = 0.05;
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

/** Makes the settled world; from 60 s on, REPLACED of the pods are deleted, evenly spread over 55 minutes. */
export function benchedCluster(nodes: number): BenchedCluster {
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
  return { world, pods: pods.length, replaced };
}
