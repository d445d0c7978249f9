/**
 * Claim: the load test of the project holds here: 2,000 pods in 100 namespaces on 35 nodes have their tokens within 40 minutes
 * (aad-pod-identity test/TESTING.md, #744). Its small sister of 40 pods is incident INC-62.
 */
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { runScenario } from '../../src/experiments/run.ts';
import { described } from '../scenarios/loading.ts';

const NAMESPACES = Array.from({ length: 100 }, (_, n) => `load-${String(n)}`);
const LABELS = { app: 'load', aadpodidbinding: 'load' };
const V1 = { apiVersion: 'aadpodidentity.k8s.io/v1' };
const SPEC = { type: 0, resourceID: 'identity:load-id.resourceID', clientID: 'identity:load-id.clientID' };

const text = stringify({
  question: 'How long until 2,000 pods have their token?',
  group: 'scale',
  horizon: '45m',
  world: {
    identities: [{ name: 'load-id' }],
    services: [{ name: 'vault', kind: 'keyVault' }],
    roles: [{ to: 'load-id', role: 'Key Vault Secrets User', on: 'vault' }],
    cluster: {
      start: 'settled',
      nodePools: [{ name: 'pool1', nodes: 35, maxPods: 110, images: ['registry.example/app:1'] }],
      podIdentity: {},
      workloads: NAMESPACES.map((namespace) => ({
        name: namespace,
        client: 'azCli',
        identity: 'load-id',
        uses: 'vault',
        every: '2h',
        select: { namespace, deployment: 'load' },
      })),
    },
  },
  story: [
    {
      at: '1m',
      key: 'load',
      apply: [
        { ...V1, kind: 'AzureIdentity', metadata: { name: 'load' }, spec: SPEC },
        { ...V1, kind: 'AzureIdentityBinding', metadata: { name: 'load' }, spec: { azureIdentity: 'load', selector: 'load' } },
        ...NAMESPACES.flatMap((namespace) => [
          { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: 'load', namespace },
            spec: {
              replicas: 20,
              selector: { matchLabels: { app: 'load' } },
              template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] } },
            },
          },
        ]),
      ],
    },
  ],
  expect: [{ measure: 'tokens.first.count == 2000' }, { measure: 'last(token-answered[isFirst=true].at) after load <= 40m' }],
});

test('2,000 pods have their tokens within 40 minutes', () => {
  const { report } = runScenario({ scenario: described(text) });
  expect(report.expectations.map(({ verdict }) => verdict)).toEqual(['held', 'held']);
});
