/** W40 to W44: names that collide, scopes that are wide, pods that are done (§7 G of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import type { Turn } from '../../../../src/model/vocabulary.ts';
import { idsOn, runCluster, statuses } from '../cluster.ts';
import type { ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, create, meta, node, pod } from '../objects.ts';
import { BASE, QUICK } from '../troubles.ts';
import { goneAt, nudge, podAt } from './world.ts';

const NODES = [node('n1'), node('v1-0')];

describe('names', () => {
  it('W40: two pods whose names and namespaces join to one name take turns with their assignment, identity and all', () => {
    const steps: Step[] = [
      {
        at: 1,
        api: [create(pod('a-ns1', { node: 'n1', label: 's' })), create(pod('a', { node: 'v1-0', label: 's', namespace: 'ns1-default' }))],
      },
      ...Array.from({ length: 20 }, (_, n) => nudge(5 + n)),
    ];
    const world: ClusterOptions = {
      ...BASE,
      steps,
      objects: [...(BASE.objects ?? []), { kind: 'Namespace', metadata: meta('ns1-default', '') }],
      knobs: { ...QUICK, 'informer.listOrder': 'seeded' },
    };
    const cluster = runCluster(world);
    const updates = cluster.of('mic-cycle-started').filter((fact) => fact.updates === 1).length;
    expect(updates).toBeGreaterThan(3);
    expect(updates).toBeLessThan(18);
    expect(cluster.of('mic-name-collision').length).toBeGreaterThanOrEqual(updates);
    expect(cluster.sim.table('azureAssignedIdentities').size).toBe(1);
    const moves = cluster.of('arm-operation-ended').flatMap(({ added }) => added);
    expect(moves.length).toBeGreaterThan(updates / 2);
    // At the end one of the two resources carries it, and one pod has nothing.
    expect([...idsOn(cluster, 'n1'), ...idsOn(cluster, 'v1')]).toEqual(['x']);
  });

  it('W41: of AzureIdentities of one name in two namespaces the first by namespace has the pod for good', () => {
    const world: ClusterOptions = {
      ...BASE,
      objects: [...NODES, ...['ns1', 'ns2'].flatMap((ns, n) => [azureIdentity('app', ids(n), ns), binding('bapp', 'app', 's', ns)])],
      steps: [{ at: 1, api: [create(pod('p', { node: 'n1', label: 's', namespace: 'ns2' }))] }, nudge(10), nudge(20)],
    };
    const cluster = runCluster(world);
    expect(statuses(cluster)).toEqual(['p-ns2-app Assigned']);
    expect(cluster.sim.table('azureAssignedIdentities').all()).toMatchObject([
      { spec: { azureIdentityRef: { metadata: { namespace: 'ns1' } } } },
    ]);
    expect(idsOn(cluster, 'n1')).toEqual(['x']);
    // In namespaced mode each pod has its own.
    expect(idsOn(runCluster({ ...world, settings: { forceNamespaced: 'yes' } }), 'n1')).toEqual(['y']);

    function ids(n: number): { readonly resourceID: string; readonly clientID: string } {
      const name = n === 0 ? 'x' : 'y';
      return { resourceID: armId(name), clientID: `client-${name}` };
    }
  });

  it.each([
    ['a node whose name is no label value', 'n'.repeat(64), 'x'],
    ['an AzureIdentity whose name leaves no room', 'n1', 'x'.repeat(250)],
  ])('W43: %s: the POST is refused in every cycle, yet the identity is put on the machine', (_case, host, name) => {
    const identity = { resourceID: armId('x'), clientID: 'client-x' };
    const cluster = runCluster({
      ...BASE,
      vms: [host],
      objects: [node(host), azureIdentity(name, identity), binding('bx', name, 's')],
      steps: [podAt(1, 'p', host), nudge(10)],
    });
    const written = cluster.of('mic-assigned-identity-written').map(({ operation, error }) => [operation, error.slice(0, 8)]);
    const refused = [
      ['addition', 'Invalid:'],
      ['status', 'NotFound'],
    ];
    expect(written).toEqual([...refused, ...refused]);
    expect([statuses(cluster), idsOn(cluster, host)]).toEqual([[], ['x']]);
  });
});

describe('scope', () => {
  const stranger: Step = { at: 1, api: [create(pod('stranger', { node: 'n1', label: 's', namespace: 'ns2' }))] };
  it('W42: any pod of any namespace that wears the label has the identity, unless scopes are namespaces', () => {
    expect(statuses(runCluster({ ...BASE, steps: [stranger] }))).toEqual(['stranger-ns2-x Assigned']);
    expect(statuses(runCluster({ ...BASE, steps: [stranger], settings: { forceNamespaced: 'yes' } }))).toEqual([]);
    const own = azureIdentity('x');
    const objects = [
      ...NODES,
      { ...own, metadata: { ...own.metadata, annotations: { 'aadpodidentity.k8s.io/Behavior': 'namespaced' } } },
      binding('bx', 'x', 's'),
    ];
    expect(statuses(runCluster({ ...BASE, objects, steps: [stranger] }))).toEqual([]);
    expect(statuses(runCluster({ ...BASE, objects, steps: [podAt(1, 'p', 'n1')] }))).toEqual(['p-default-x Assigned']);
  });

  it('W44: a pod that has completed keeps its identity until its object is collected', () => {
    const done: Step[] = [podAt(1, 'job', 'n1'), { at: 5, act: (turn) => completed(turn, 'default/job') }, nudge(20)];
    const kept = runCluster({ ...BASE, steps: done });
    expect(kept.sim.table('pods').get('default/job')?.status.phase).toBe('Succeeded');
    expect([statuses(kept), idsOn(kept, 'n1')]).toEqual([['job-default-x Assigned'], ['x']]);
    const collected = runCluster({ ...BASE, steps: [...done, goneAt(30, 'job')] });
    expect([statuses(collected), idsOn(collected, 'n1')]).toEqual([[], []]);
  });
});

function completed(turn: Turn, key: string): void {
  const row = turn.table('pods').get(key);
  if (row === undefined) throw new Error(`there is no pod ${key}`);
  turn.table('pods').put(key, { ...row, status: { ...row.status, phase: 'Succeeded' } });
}
