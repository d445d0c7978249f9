/** What the API server refuses for its own sake: admission, too many calls at once; and what it lists and forgets. */
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import { at, create, meta, pod, runCluster } from '../../support/cluster.ts';

const secret = (name: string): KubernetesObject => ({ kind: 'Secret', metadata: meta(name), data: {} });
const event = (name: string): KubernetesObject => ({
  kind: 'Event',
  metadata: meta(name),
  type: 'Normal',
  reason: 'r',
  regarding: 'Pod/default/a',
  message: 'm',
});
const identity = (name: string, resourceID: string): KubernetesObject => ({
  kind: 'AzureIdentity',
  metadata: meta(name),
  spec: { type: 0, resourceID, clientID: 'c', tenantID: '', auxiliaryTenantIDs: [], adResourceID: '', adEndpoint: '' },
});

describe('admission', () => {
  test('refuses with 403 what a rule denies, on create and on update, and lets the rest through', () => {
    const form = '(?i)/subscriptions/(.+?)/resourcegroups/(.+?)/providers/Microsoft.ManagedIdentity/(.+?)/(.+)';
    const good = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i';
    const { statuses, sim } = runCluster({
      fill: (world) =>
        world.fill('admissionRules', 'rule-0001', {
          id: 'rule-0001',
          kind: 'AzureIdentity',
          when: { 'spec.type': 0, 'spec.resourceID': { notMatching: form } },
        }),
      script: [
        create(1, identity('bad', 'nothing/like/it')),
        create(2, identity('good', good)),
        { at: 3, call: { verb: 'apply', object: identity('good', 'spoilt') } },
        create(4, secret('other')),
      ],
    });
    expect(statuses).toEqual({ '0': 403, '1': 201, '2': 403, '3': 201 });
    expect(sim.table('azureIdentities').get('default/bad')).toBeUndefined();
  });
});

describe('calls in flight', () => {
  test('of 5 writes at once with room for 3, two get 429; a read has room of its own', () => {
    const script = [1, 2, 3, 4, 5].map((n) => create(1, secret(`s${String(n)}`)));
    const { statuses } = runCluster({
      caller: 'client',
      overrides: { 'api.inflight.mutating': 3, 'api.mutate.latency': '0.5s' },
      script: [...script, { at: 1.1, call: { verb: 'get', kind: 'Secret', key: 'default/s1' } }, create(2, secret('later'))],
    });
    const atOnce = [0, 1, 2, 3, 4].map((n) => statuses[String(n)] ?? 0).sort((a, b) => a - b);
    expect(atOnce).toEqual([201, 201, 201, 429, 429]);
    expect([statuses['5'] === 429, statuses['6']]).toEqual([false, 201]);
  });
});

describe("the cluster's admin", () => {
  test('is served beyond the limits', () => {
    const script = [1, 2, 3, 4, 5].map((n) => create(1, secret(`s${String(n)}`)));
    const { statuses } = runCluster({ overrides: { 'api.inflight.mutating': 3, 'api.mutate.latency': '0.5s' }, script });
    expect(Object.values(statuses)).toEqual([201, 201, 201, 201, 201]);
  });
});

describe('a list', () => {
  test('takes its base time and what its objects add, and holds what labels and fields select', () => {
    const objects = ['a', 'b', 'c', 'd'].map((name) => pod(name, { nodeName: name === 'a' ? 'x' : 'y' }, { labels: { app: name } }));
    const list = (selectors: object): ReturnType<typeof runCluster> =>
      runCluster({
        objects,
        horizon: at(60),
        overrides: { 'api.list.latency': '1s', 'api.list.latency.perThousandObjects': '1000s' },
        script: [{ at: 1, call: { verb: 'list', kind: 'Pod', ...selectors } }],
      });
    const answered = (run: ReturnType<typeof runCluster>): number => run.listed.map(({ objects: found }) => found).at(-1) ?? -1;
    expect(answered(list({}))).toBe(4);
    expect(answered(list({ labelSelector: { app: 'b' } }))).toBe(1);
    expect(answered(list({ fieldSelector: { 'spec.nodeName': 'y' } }))).toBe(3);
    expect(answered(list({ fieldSelector: { 'metadata.name': 'd' } }))).toBe(1);
    expect(answered(list({ namespace: 'elsewhere' }))).toBe(0);
    expect(list({}).listed.map(({ at: moment }) => moment)).toEqual([at(1 + 1 + 4)]);
  });
});

describe('an Event', () => {
  test('is kept for an hour, to the end of its minute', () => {
    const kept = (s: number): number =>
      runCluster({ script: [create(1, event('first')), create(90, event('second'))], horizon: at(s) }).sim.table('events').size;
    expect([3659, 3661, 3721].map(kept)).toEqual([2, 1, 0]);
  });
});
