/** INC-01: 173 pods deleted at once. The figures of the incident come out of the rate limit and the batch alone. */
import { describe, expect, it } from 'vitest';
import { at, armCalls, runCluster, secondsBetween, statuses } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { armId, assignedIdentity, azureIdentity, binding, create, node, pod, remove } from './objects.ts';

const PODS = 173;

function massDeletion(): Cluster {
  const identity = azureIdentity('x');
  const bound = binding('b', 'x', 's');
  const pods = Array.from({ length: PODS + 1 }, (_, n) => pod(`p${String(n)}`, { node: 'v1-0', label: 's' }));
  return runCluster({
    // The last pod stays: the identity is in use, so that no PATCH is mixed with the deletions.
    objects: [node('v1-0'), identity, bound, ...pods, ...pods.map((each) => assignedIdentity(each, identity, bound))],
    scaleSets: ['v1'],
    identities: ['x'],
    carrying: { v1: { type: 'UserAssigned', ids: [armId('x')] } },
    steps: [
      { at: 1, api: pods.slice(0, PODS).map((each) => remove('Pod', `default/${each.metadata.name}`)) },
      { at: 2, api: [create(pod('late', { node: 'v1-0', label: 's' }))] },
    ],
    knobs: { 'watch.latency': '30ms' },
    until: 200,
  });
}

describe('a mass deletion (INC-01)', () => {
  const cluster = massDeletion();
  const seen = cluster.deliveries.find(({ message }) => message.type === 'WatchEvent')?.at ?? at(0);
  const gone = cluster.of('mic-assigned-identity-written').filter(({ operation }) => operation === 'deletion');

  it('takes 102.5 s to 106 s from the first deletion seen to the last finalizer removed', () => {
    expect(gone).toHaveLength(PODS);
    const took = secondsBetween(seen, gone.at(-1)?.at ?? at(0));
    expect(took).toBeGreaterThan(102.5);
    expect(took).toBeLessThan(106);
  });

  it('makes each call wait about 4 s for the rate limit: a batch of 20 at 5 a second', () => {
    const waits = cluster
      .of('client-throttled')
      .filter(({ bucket }) => bucket === 'crd')
      .map(({ waited }) => waited / 1e6)
      .sort((a, b) => a - b);
    expect(waits[Math.floor(waits.length / 2)]).toBeGreaterThan(3.7);
    expect(waits[Math.floor(waits.length / 2)]).toBeLessThan(4.1);
  });

  it('keeps a pod that comes one second later waiting until all of them are gone', () => {
    expect(statuses(cluster)).toContain('late-default-x Assigned');
    const [added] = cluster.of('mic-assigned-identity-written').filter(({ operation }) => operation === 'addition');
    expect(added?.at).toBeGreaterThan(gone.at(-1)?.at ?? Infinity);
    expect(armCalls(cluster, 'patchIdentity')).toEqual([]);
  });
});
