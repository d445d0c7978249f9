/** What MIC does when something fails: the failure path, ARM's refusals, caches that lag, names that collide. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { MicState } from '../../../src/actors/mic/index.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import { armCalls, at, idsOn, runCluster, secondsBetween, statuses } from './cluster.ts';
import type { ClusterOptions, Step } from './cluster.ts';
import { armId, azureIdentity, binding, create, pod, remove } from './objects.ts';
import { BASE, QUICK } from './troubles.ts';

const ONE: Step = { at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] };

describe('the failure path', () => {
  it('sorts good from bad by a second GET, says binding apply error for the bad one, and tries again at every event', () => {
    const cluster = runCluster({
      ...BASE,
      objects: [...(BASE.objects ?? []), azureIdentity('bad'), binding('bb', 'bad', 's')],
      steps: [ONE, { at: 20, api: [create(pod('other', {}))] }],
    });
    expect(statuses(cluster)).toEqual(['p-default-bad Created', 'p-default-x Assigned']);
    expect(idsOn(cluster, 'n1')).toEqual(['x']);
    expect(
      cluster
        .of('mic-event')
        .map(({ level, reason, regarding }) => `${level} ${reason} ${regarding.slice(-2)}`)
        .sort(),
    ).toEqual(['Normal binding applied bx', 'Warning binding apply error bb', 'Warning binding apply error bb']);
    // GET, PATCH with both, 1 s, PATCH with the good one, GET; then GET, PATCH with the bad one alone, GET.
    expect(armCalls(cluster, 'patchIdentity')).toEqual([1, 2, 20]);
    expect(armCalls(cluster, 'get')).toEqual([1, 2, 20, 20]);
  });

  it('gives an operation up after 15 minutes of polling', () => {
    const cluster = runCluster({ ...BASE, steps: [ONE], knobs: { ...QUICK, 'vm.patch.duration': '2000s' }, until: 1000 });
    const [ended] = cluster.of('mic-worker-ended');
    expect(secondsBetween(at(1), ended?.at ?? at(0))).toBe(900);
    expect(ended?.error).toContain('deadline exceeded');
  });

  it('waits for the machine to break a connection that died, and then asks again', () => {
    const cut: Step = { at: 1, act: (turn: Turn) => turn.inject({ id: 'dead', to: 'arm', times: 1, action: { kind: 'drop' } }) };
    const cluster = runCluster({ ...BASE, steps: [cut, ONE], until: 1000 });
    // 924.6 s until the kernel gives the GET up, 30 s of the SDK, and all the rest takes no time.
    const [read] = cluster.of('mic-cloud-operation-ended');
    expect(read).toMatchObject({ operation: 'vm_get', error: '', took: seconds(954.6) });
    expect(statuses(cluster)).toEqual(['p-default-x Assigned']);
  });
});

describe('Events', () => {
  it('writes nine about one binding, combines the others, lets 25 through at once, and never starves the lease', () => {
    const pods = Array.from({ length: 60 }, (_, n) => create(pod(`p${String(n)}`, { node: 'n1', label: 's' })));
    const cluster = runCluster({
      ...BASE,
      replicas: ['mic-0', 'mic-1'],
      steps: [{ at: 1, api: pods }],
      knobs: { ...QUICK, 'mic.clientQps': 5 },
      until: 120,
    });
    const delivered = cluster.of('mic-event').filter((fact) => fact.delivered === 'yes');
    expect(cluster.of('mic-event')).toHaveLength(60);
    expect(delivered).toHaveLength(25);
    // Nine of their own, then one that counts the others that were let through.
    const written = cluster.sim.table('events').all();
    expect(written.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 16]);
    expect(
      written.filter(({ message }) => message.startsWith('(combined from similar events): Binding bx applied on node n1')),
    ).toHaveLength(1);
    expect(cluster.of('mic-stopped')).toEqual([]);
  });
});

describe('reconcile', () => {
  it('brings back within a period what somebody took off, and never asks ARM again while nothing changes', () => {
    const cluster = runCluster({
      ...BASE,
      steps: [ONE, { at: 1000, arm: [{ op: 'unassignIdentity', resource: { kind: 'vm', name: 'n1' }, identity: armId('x') }] }],
      knobs: { ...QUICK, 'mic.reconcile': '180s' },
      until: 4000,
    });
    expect(idsOn(cluster, 'n1')).toEqual(['x']);
    const passes = cluster.of('mic-reconciled');
    expect(passes.map(({ added }) => added).filter((added) => added > 0)).toEqual([1]);
    const repaired = passes.find(({ added }) => added === 1);
    expect(secondsBetween(at(1000), repaired?.at ?? at(0))).toBeLessThanOrEqual(181);
    expect(passes.length).toBeLessThanOrEqual(4);
    expect((passes.at(-1)?.at ?? at(0)) < at(1600)).toBe(true);
  });

  it('gives the same facts with and without parking', () => {
    const world: ClusterOptions = {
      ...BASE,
      replicas: ['mic-0', 'mic-1'],
      steps: [ONE, { at: 300, api: [remove('Pod', 'default/p')] }],
      knobs: { ...QUICK, 'mic.reconcile': '180s' },
      until: 900,
    };
    const facts = (parking: 'on' | 'off'): readonly unknown[] =>
      runCluster({ ...world, run: { parking } }).facts.map(({ at: moment, actor, fact }) => ({ moment, actor, fact }));
    expect(facts('off')).toEqual(facts('on'));
  });
});

describe('a new leader', () => {
  it('finishes what the old one left: Created is retried, and the loop works through one event for each object', () => {
    const cluster = runCluster({
      ...BASE,
      replicas: ['mic-0', 'mic-1'],
      steps: [ONE, { at: 3, act: (turn) => turn.stop('mic/default/mic-0') }],
      knobs: { ...QUICK, 'vm.patch.duration': '30s' },
      until: 120,
    });
    expect(statuses(cluster)).toEqual(['p-default-x Assigned']);
    expect(idsOn(cluster, 'n1')).toEqual(['x']);
    // One pod, one identity, one binding; the first cycle has the work.
    expect((cluster.sim.stateOf('mic/default/mic-1') as MicState).loop.cycles).toBe(3);
    expect(cluster.sim.table('micWork').size).toBe(0);
    expect(
      cluster.sim
        .table('micDesired')
        .all()
        .map(({ replica }) => replica),
    ).toEqual(['mic/default/mic-1']);
  });
});

describe('the door for NMI (variant)', () => {
  it('says denied, pending, and assigned as soon as the status is written', () => {
    const lookup = (podName: string) => (turn: Turn) =>
      turn.send('mic/default/mic-0', { type: 'IdentityLookup', request: `q-${podName}`, podNamespace: 'default', podName });
    const cluster = runCluster({
      ...BASE,
      steps: [ONE, { at: 2, api: [create(pod('plain', { node: 'n1' }))] }, { at: 3, act: lookup('p') }, { at: 3, act: lookup('plain') }],
      knobs: { ...QUICK, 'vm.patch.duration': '8s', 'variantS.micServiceTime': '5ms', 'net.rtt.inRegion': '0s' },
    });
    const answers = cluster.deliveries.flatMap(({ at: moment, message }) =>
      message.type === 'IdentityLookupResult' ? [`${secondsBetween(at(0), moment).toFixed(3)} ${message.request} ${message.outcome}`] : [],
    );
    expect(answers).toEqual(['3.005 q-p pending', '3.005 q-plain denied', '11.000 q-p assigned']);
  });
});
