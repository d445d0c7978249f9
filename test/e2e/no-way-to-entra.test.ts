/** Who signs in at Entra by a secret, where no packet gets there: adal gives up on the connection, and that is the end of the try. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { after, inSeconds, minutes, ORIGIN } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import { described } from '../scenarios/loading.ts';
import { worldOf } from '../support/packaged.ts';
import { runWritten, told } from '../support/written.ts';

const PI = { apiVersion: 'aadpodidentity.k8s.io/v1' };
const APP = { clientID: 'application:app.clientID', clientSecret: 'application:app.secret.key1' };

const objects = (spec: object): readonly object[] => [
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'sp' }, stringData: { secret: APP.clientSecret } },
  { ...PI, kind: 'AzureIdentity', metadata: { name: 'shop' }, spec },
  { ...PI, kind: 'AzureIdentityBinding', metadata: { name: 'shop' }, spec: { azureIdentity: 'shop', selector: 'shop' } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'shop' } },
      template: { metadata: { labels: { app: 'shop', aadpodidbinding: 'shop' } }, spec: { containers: [{ name: 'a', image: 'r/a:1' }] } },
    },
  },
];

function factsOf(plan: { readonly podIdentity: object; readonly from: string; readonly spec: object }): readonly Fact[] {
  const text = stringify({
    question: 'What happens without a way to Entra?',
    horizon: '6m',
    world: {
      identities: [{ name: 'shop-id' }],
      applications: [{ name: 'app' }],
      services: [{ name: 'vault', kind: 'keyVault' }],
      cluster: {
        start: 'settled',
        nodePools: [{ name: 'pool1', nodes: 1 }],
        podIdentity: plan.podIdentity,
        workloads: [{ name: 'shop', client: 'naive', uses: 'vault', every: '30s', select: { deployment: 'shop' } }],
      },
      parameters: { 'client.http.timeout': '150s', 'sp.token.lifetime': '6m' },
    },
    story: [
      // At time zero, in a settled world: only what is applied then is there already.
      { at: '0s', fault: { id: 'cut', from: plan.from, to: 'aad', do: 'drop' } },
      { at: '1m', apply: objects(plan.spec) },
    ],
  });
  const world = worldOf(described(text), {});
  const facts: Fact[] = [];
  world.observe({ onFact: ({ fact }) => void facts.push(fact) });
  world.run({ at: after(ORIGIN, minutes(6)) });
  return facts;
}

describe('without a way to Entra', () => {
  it('NMI answers a pod of a service principal 30 s later, with 403, and since 1.8.6 with 503', () => {
    const spec = { type: 1, tenantID: 't', clientID: APP.clientID, clientPassword: { name: 'sp', namespace: 'default' } };
    for (const [version, status] of [
      ['1.8.5', 403],
      ['1.8.6', 503],
    ] as const) {
      const [answer] = factsOf({ podIdentity: { version }, from: 'nmi/*', spec }).filter(({ type }) => type === 'nmi-answered');
      if (answer?.type !== 'nmi-answered') throw new Error('NMI answered nothing');
      expect(answer.status).toBe(status);
      expect(inSeconds(answer.took)).toBeGreaterThan(30);
      expect(inSeconds(answer.took)).toBeLessThan(32);
    }
  });

  it('a call of MIC for ARM fails 30 s later', () => {
    const spec = { type: 0, resourceID: 'identity:shop-id.resourceID', clientID: 'identity:shop-id.clientID' };
    const facts = factsOf({ podIdentity: { version: '1.8.17', cloudConfig: APP }, from: 'mic/*', spec });
    const [get] = facts.filter(({ type }) => type === 'mic-cloud-operation-ended');
    if (get?.type !== 'mic-cloud-operation-ended') throw new Error('no operation of MIC ended');
    expect(get.operation).toBe('vmss_get');
    expect(get.error).toContain('adal');
    expect(inSeconds(get.took)).toBeCloseTo(30, 0);
  });
});

describe('a pod that asks Entra itself', () => {
  const ends = (connectTimeout: string): readonly string[] => {
    const made = runWritten(
      `horizon: 12m
world:
  identities: [{ name: shop-id, federated: [{ serviceAccount: default/shop }] }]
  cluster:
    start: settled
    nodePools: [{ name: pool1, nodes: 1, images: ['r/a:1'] }]
    workloadIdentity: {}
    workloads: [{ name: shop, client: naive, credential: workloadIdentity, identity: shop-id, resource: 'https://vault.azure.net', select: { labels: { app: shop } } }]
story:
  - { at: 0s, fault: { id: cut, from: 'pod/*', to: aad, do: drop } }
  - at: 1m
    apply:
      - { apiVersion: v1, kind: Pod, metadata: { name: one, labels: { app: shop, azure.workload.identity/use: 'true' } }, spec: { serviceAccountName: shop, containers: [{ name: a, image: 'r/a:1' }] } }
`,
      { 'net.connectTimeout': connectTimeout },
    );
    return told(made, 'token-try-ended').map(({ status, took }) => `${String(status)} ${String(Math.round(inSeconds(took)))}`);
  };

  it('gives up after its own time-out, or when its system has found no connection', () => {
    expect(ends('127s')[0]).toBe('-1 60');
    expect(ends('21s')[0]).toBe('0 21');
  });
});
