/** What MIC does when something fails: the failure path, ARM's refusals, caches that lag, names that collide. */
import { describe, expect, it } from 'vitest';
import type { MicState } from '../../../src/actors/mic/index.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import { armCalls, at, idsOn, runCluster, secondsBetween, statuses } from './cluster.ts';
import type { ClusterOptions, Step } from './cluster.ts';
import { armId, azureIdentity, binding, create, node, pod, remove } from './objects.ts';
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

  it('leaves everything as it is, without an Event, when the second GET fails too (W9)', () => {
    const cluster = runCluster({ ...BASE, vms: [], steps: [ONE] });
    expect(statuses(cluster)).toEqual(['p-default-x Created']);
    expect(cluster.of('mic-event')).toEqual([]);
    expect(cluster.of('mic-worker-ended').map(({ error }) => error.includes('404'))).toEqual([true]);
  });

  it('loses the chunks behind a bad first one: of 159 identities with one bad, 149 are assigned (W28)', () => {
    const names = Array.from({ length: 159 }, (_, n) => `i${String(n).padStart(3, '0')}`);
    const cluster = runCluster({
      ...BASE,
      objects: [node('n1'), ...names.map((name) => azureIdentity(name)), ...names.map((name) => binding(`b-${name}`, name, 's'))],
      identities: names.filter((name) => name !== 'i007'),
      steps: [ONE],
      knobs: { ...QUICK, 'mic.clientQps': 1000, 'kubeEvents.enabled': 'false' },
    });
    expect(idsOn(cluster, 'n1')).toHaveLength(149);
    expect(statuses(cluster).filter((text) => text.endsWith('Created'))).toHaveLength(10);
  });

  it('gives an operation up after 15 minutes of polling', () => {
    const cluster = runCluster({ ...BASE, steps: [ONE], knobs: { ...QUICK, 'vm.patch.duration': '2000s' }, until: 1000 });
    const [ended] = cluster.of('mic-worker-ended');
    expect(secondsBetween(at(1), ended?.at ?? at(0))).toBe(900);
    expect(ended?.error).toContain('deadline exceeded');
  });
});

describe('caches that lag', () => {
  it('leaves a pod of the same name without assignment when the old one is still in the cache as its deletion ends (W2)', () => {
    const steps: Step[] = [
      ONE,
      { at: 4, act: (turn) => turn.stall('mic/default/mic-0', 'azureAssignedIdentities', 'frozen') },
      { at: 5, api: [remove('Pod', 'default/p')] },
      { at: 10, api: [create(pod('p', { node: 'n1', label: 's' }))] },
      { at: 20, act: (turn) => turn.stall('mic/default/mic-0', 'azureAssignedIdentities', 'flowing') },
    ];
    expect(statuses(runCluster({ ...BASE, steps }))).toEqual([]);
    // The next event, of any pod, mends it.
    expect(statuses(runCluster({ ...BASE, steps: [...steps, { at: 50, api: [create(pod('nudge', {}))] }] }))).toEqual([
      'p-default-x Assigned',
    ]);
  });

  it('lets an assignment flip between two pods that share its name, cycle by cycle (W40)', () => {
    const cluster = runCluster({
      ...BASE,
      steps: [
        {
          at: 1,
          api: [
            create(pod('a-ns1', { node: 'n1', label: 's', namespace: 'default' })),
            create(pod('a', { node: 'v1-0', label: 's', namespace: 'ns1-default' })),
          ],
        },
        ...Array.from({ length: 20 }, (_, n): Step => ({ at: 5 + n, api: [create(pod(`nudge-${String(n)}`, {}))] })),
      ],
      objects: [
        ...(BASE.objects ?? []),
        {
          kind: 'Namespace',
          metadata: {
            name: 'ns1-default',
            namespace: '',
            uid: '',
            resourceVersion: '',
            labels: {},
            annotations: {},
            finalizers: [],
            ownerReferences: [],
          },
        },
      ],
      knobs: { ...QUICK, 'informer.listOrder': 'seeded' },
    });
    const updates = cluster.of('mic-cycle-started').filter((fact) => fact.updates === 1).length;
    expect(updates).toBeGreaterThan(3);
    expect(updates).toBeLessThan(18);
    expect(cluster.of('mic-name-collision').length).toBeGreaterThanOrEqual(updates);
    expect(cluster.sim.table('azureAssignedIdentities').size).toBe(1);
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

  it('is stopped for the whole cluster by one node that is gone (W30)', () => {
    const cluster = runCluster({
      ...BASE,
      steps: [
        ONE,
        { at: 2, api: [create(pod('q', { node: 'v1-0', label: 's' }))] },
        {
          at: 50,
          api: [remove('Node', 'v1-0')],
          arm: [{ op: 'unassignIdentity', resource: { kind: 'vm', name: 'n1' }, identity: armId('x') }],
        },
      ],
      knobs: { ...QUICK, 'mic.reconcile': '180s' },
      until: 1000,
    });
    expect(idsOn(cluster, 'n1')).toEqual([]);
    expect(cluster.of('mic-reconciled').at(-1)?.aborted).toBe('node v1-0 not found');
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
