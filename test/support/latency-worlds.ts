/** Small settled clusters in which one pod waits for its first token, for tests that lengthen one cause of that wait. */
import { stringify } from 'yaml';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { LatencyPart } from '../../src/model/labels.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { formatProblem } from '../../src/scenarios/problem.ts';
import { worldOf } from './packaged.ts';

/** Seconds by part. */
export type Parts = Readonly<Partial<Record<LatencyPart, number>>>;

/** A wait to measure: what the cluster is like, and what happens beside the pod that comes at 60 s. */
export interface Wait {
  readonly knobs?: Overrides;
  /** Token client of the pod. Default: one that waits as long as it takes. */
  readonly client?: string;
  readonly retryAfterDenial?: string;
  /** Whether the identity is on the scale set already. Default: it is not. */
  readonly identity?: 'new' | 'attached';
  /** `checked`: MIC may do only what its role lets it, which it has from `roleAt` on [s]. */
  readonly roleAt?: number;
  readonly story?: readonly object[];
}

/** Every time that would else be drawn; nothing fails by chance, and the pod asks as soon as MIC hears of it. */
const CALM: Overrides = {
  'api.mutate.latency': '20ms',
  'arm.error5xx.prob': 0,
  'arm.get.latency': '45ms',
  'arm.get.pathological.prob': 0,
  'arm.write.acceptLatency': '500ms',
  'entra.token.errorProb': 0,
  'entra.token.latency': '350ms',
  'image.pull.cached': '200ms',
  'imds.assign.visibleAt': 0.9,
  'imds.error5xx.prob': 0,
  'imds.latency.cacheMiss': '1s',
  'imds.latency.firstUse': '1s',
  'imds.timeout.prob': 0,
  'imds.update410.interarrival': '1000d',
  'nmi.init': '1s',
  'nmi.init.listenToRules': '100ms',
  'nmi.overhead': '1ms',
  'pod.ipVisibleLag': '100ms',
  'pod.start': '1ms',
  'scheduler.latency': '20ms',
  'vmss.patch.duration.serverSide': '31s',
  'vmss.patch.perIdentityCost': '0s',
  'watch.latency': '30ms',
};

const object = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'aadpodidentity.k8s.io/v1',
  kind,
  metadata: { name },
  spec,
});

/** A pod with the label of the binding. */
export function podNamed(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { aadpodidbinding: 'app' } },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  };
}

/** A binding that selects no pod: an event for MIC. */
export function idleBinding(name: string): object {
  return object('AzureIdentityBinding', name, { azureIdentity: 'app', selector: `nobody-${name}` });
}

function textOf(wait: Wait): string {
  const { client = 'adalGo', retryAfterDenial = '500ms', identity = 'new', roleAt, story = [] } = wait;
  const scope = '/subscriptions/11111111-1111-4111-8111-111111111111';
  return stringify({
    question: 'What does the pod wait for?',
    group: 'basics',
    horizon: '8m',
    world: {
      subscription: scope.slice('/subscriptions/'.length),
      identities: [{ name: 'app-id' }, { name: 'mic-id' }],
      cluster: {
        start: 'settled',
        nodePools: [{ name: 'pool1', nodes: 1, images: ['app:1'], identities: ['mic-id', ...(identity === 'attached' ? ['app-id'] : [])] }],
        podIdentity: { clusterIdentity: 'mic-id' },
        workloads: [
          { name: 'app', client, identity: 'app-id', resource: 'https://vault.azure.net', retryAfterDenial, select: { pod: 'app' } },
        ],
      },
      parameters: { 'arm.authorization.mode': roleAt === undefined ? 'granted' : 'checked' },
    },
    story: [
      {
        at: '0s',
        apply: [
          object('AzureIdentity', 'app', { type: 0, resourceID: 'identity:app-id.resourceID', clientID: 'identity:app-id.clientID' }),
          object('AzureIdentityBinding', 'app', { azureIdentity: 'app', selector: 'app' }),
        ],
      },
      { at: '60s', apply: [podNamed('app')] },
      ...(roleAt === undefined ? [] : [{ at: `${String(roleAt)}s`, assignRole: { to: 'mic-id', role: 'Contributor', on: scope } }]),
      ...story,
    ],
  });
}

/** The first token of the pod, divided. Throws where there is none. */
export function partsOfWait(wait: Wait): { readonly parts: Parts; readonly sum: number; readonly whole: number } {
  const loaded = loadScenario({ path: 'wait.yaml', text: textOf(wait), readText: () => undefined });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const world = worldOf(loaded.scenario, { seed: 'interventions', overrides: { ...CALM, ...wait.knobs } });
  let found: { readonly parts: Parts; readonly sum: number; readonly whole: number } | undefined;
  world.observe({
    onFact: ({ at, event, fact }) => {
      if (fact.type !== 'token-answered' || !fact.isFirst || fact.pod !== 'default/app') return;
      const parts: Record<string, number> = {};
      let sum = 0;
      for (const { label, from, to } of world.trace.divide(event, fact.since)) {
        parts[label] = (parts[label] ?? 0) + (to - from) / 1e6;
        sum += to - from;
      }
      found = { parts, sum, whole: at - fact.since };
    },
  });
  world.run();
  if (found === undefined) throw new Error('the pod got no token');
  return found;
}
