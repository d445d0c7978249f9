/** The API server: conflicts, finalizers, deletion, refusals. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApiCall } from '../../../src/model/messages/kubernetes.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import { create, meta, pod, podsIn, runCluster } from '../../support/cluster.ts';
import type { Said } from '../../support/cluster.ts';

const secret = (name: string, more: Partial<KubernetesObject['metadata']> = {}, value = 'a'): KubernetesObject => ({
  kind: 'Secret',
  metadata: meta(name, more),
  data: { value },
});

describe('optimistic concurrency', () => {
  test('a second create is 409, an update without version 200, one with a stale version 409, one of nothing 404', () => {
    const { statuses, sim } = runCluster({
      script: [
        create(1, secret('a')),
        create(2, secret('a')),
        { at: 3, call: { verb: 'update', object: secret('a', {}, 'b') } },
        { at: 4, call: { verb: 'update', object: secret('a', { resourceVersion: '7' }, 'c') } },
        { at: 5, call: { verb: 'update', object: secret('b') } },
        { at: 6, call: { verb: 'get', kind: 'Secret', key: 'default/a' } },
      ],
    });
    expect(statuses).toEqual({ '0': 201, '1': 409, '2': 200, '3': 409, '4': 404, '5': 200 });
    expect(sim.table('secrets').get('default/a')?.data).toEqual({ value: 'b' });
  });

  // Claim: of any number of updates made from one version exactly one wins, whatever else is said between; by random call sequences.
  test('of all updates made from the first version exactly one wins', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('update', 'get', 'patch'), { minLength: 1, maxLength: 12 }), (kinds) => {
        const calls = kinds.map((kind, n): ApiCall => {
          if (kind === 'update') return { verb: 'update', object: secret('a', { resourceVersion: '1' }, `v${String(n)}`) };
          if (kind === 'get') return { verb: 'get', kind: 'Secret', key: 'default/a' };
          return { verb: 'scale', kind: 'Deployment', key: 'default/none', replicas: n };
        });
        const { statuses } = runCluster({
          fill: (sim) => sim.fill('secrets', 'default/a', secret('a', { resourceVersion: '1' }) as never),
          script: calls.map((call, n): Said => ({ at: 1 + n, call })),
        });
        const updates = kinds.flatMap((kind, n) => (kind === 'update' ? [statuses[String(n)]] : []));
        expect(updates.filter((status) => status === 200)).toHaveLength(Math.min(1, updates.length));
        expect(updates.filter((status) => status === 409)).toHaveLength(Math.max(0, updates.length - 1));
      }),
      { numRuns: 40 },
    );
  });
});

describe('deletion', () => {
  test('an object with a finalizer is marked, and goes when an update empties the list', () => {
    const held = secret('a', { finalizers: ['keep'] });
    const early = runCluster({ script: [create(1, held), { at: 2, call: { verb: 'delete', kind: 'Secret', key: 'default/a' } }] });
    expect(early.sim.table('secrets').get('default/a')?.metadata.deletionTimestamp).toBe(2_000_000);
    const late = runCluster({
      script: [
        create(1, held),
        { at: 2, call: { verb: 'delete', kind: 'Secret', key: 'default/a' } },
        { at: 3, call: { verb: 'update', object: secret('a') } },
      ],
    });
    expect(late.sim.table('secrets').size).toBe(0);
  });

  test('a pod without a node goes at once, and its name comes back as another incarnation', () => {
    const run = runCluster({
      script: [create(1, pod('p')), { at: 2, call: { verb: 'delete', kind: 'Pod', key: 'default/p' } }, create(2.5, pod('p'))],
    });
    expect(podsIn(run).map(({ metadata }) => metadata.uid)).toEqual(['default/p@2']);
  });
});

describe('refusals', () => {
  test('a label value of 64 characters is 422, one of 63 is not', () => {
    const { statuses } = runCluster({
      script: [
        create(1, secret('a', { labels: { nodename: 'x'.repeat(64) } })),
        create(2, secret('b', { labels: { nodename: 'x'.repeat(63) } })),
      ],
    });
    expect(statuses).toEqual({ '0': 422, '1': 201 });
  });

  test('an apply of a running pod keeps its node, address and uid', () => {
    const run = runCluster({
      nodes: ['node-0'],
      script: [create(1, pod('p')), { at: 600, call: { verb: 'apply', object: pod('p', {}, { labels: { a: 'b' } }) } }],
    });
    const [only] = podsIn(run);
    expect(only?.metadata.labels).toEqual({ a: 'b' });
    expect(only?.metadata.uid).toBe('default/p@1');
    expect(only?.status.phase).toBe('Running');
    expect(only?.spec.nodeName).toBe('node-0');
  });
});
