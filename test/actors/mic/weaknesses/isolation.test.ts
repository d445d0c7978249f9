/** W25 to W30: one bad thing that others pay for (§7 D of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import { armCalls, at, idsOn, runCluster, secondsBetween, statuses } from '../cluster.ts';
import type { Cluster, ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, create, node, pod, remove } from '../objects.ts';
import { BASE, edited, fault, QUICK } from '../troubles.ts';
import { nudge, podAt, RECONCILED, repairs } from './world.ts';

const BASE_OBJECTS = BASE.objects ?? [];

/** Two scale sets. */
const TWO: ClusterOptions = { ...BASE, objects: [...BASE_OBJECTS, node('w-0')], scaleSets: ['v1', 'w'] };

/** Seconds at which an assignment of a pod was confirmed. */
function confirmedAt(cluster: Cluster, of: string): number | undefined {
  const ended = cluster.of('mic-event').find(({ reason, regarding }) => reason === 'binding applied' && regarding.endsWith(of));
  return ended === undefined ? undefined : secondsBetween(at(0), ended.at);
}

describe('bad identities', () => {
  it('W25: one that ARM refuses costs every later event a failing PATCH and two GETs, until its AzureIdentity is mended', () => {
    const world: ClusterOptions = { ...BASE, objects: [...BASE_OBJECTS, azureIdentity('bad'), binding('bb', 'bad', 's')] };
    const steps: Step[] = [podAt(1, 'p', 'n1'), nudge(20), nudge(30), nudge(40)];
    const cluster = runCluster({ ...world, steps });
    expect(statuses(cluster)).toEqual(['p-default-bad Created', 'p-default-x Assigned']);
    expect(armCalls(cluster, 'patchIdentity')).toEqual([1, 2, 20, 30, 40]);
    expect(armCalls(cluster, 'get')).toEqual([1, 2, 20, 20, 30, 30, 40, 40]);
    const mended: Step = {
      at: 25,
      api: [{ verb: 'apply', object: edited(azureIdentity('bad'), { resourceID: armId('y'), clientID: 'client-y' }) }],
    };
    const healed = runCluster({ ...world, steps: [...steps, mended] });
    expect(armCalls(healed, 'patchIdentity')).toEqual([1, 2, 20, 25]);
    expect(statuses(healed)).toEqual(['p-default-bad Assigned', 'p-default-x Assigned']);
  });

  const several = (...bad: readonly string[]): ClusterOptions => ({
    ...BASE,
    objects: [...BASE_OBJECTS, ...bad.flatMap((name) => [azureIdentity(name), binding(`b-${name}`, name, 's')])],
    steps: [podAt(1, 'p', 'n1'), nudge(30)],
  });
  it.each<[string, ClusterOptions, readonly string[]]>([
    ['three that ARM names one at a time', several('bad1', 'bad2', 'bad3'), []],
    ['one whose name has a dot, which the error text hides', several('bad.one'), []],
    [
      'one that hangs on the resource since it was deleted',
      { ...several(), carrying: { n1: { type: 'UserAssigned', ids: [armId('gone')] } } },
      ['gone'],
    ],
  ])('W26: good identities of the resource starve beside %s', (_case, world, left) => {
    const cluster = runCluster(world);
    expect(idsOn(cluster, 'n1')).toEqual(left);
    expect(statuses(cluster).filter((text) => !text.endsWith('Created'))).toEqual([]);
  });

  it('W26: two that ARM names one at a time do no harm', () => {
    expect(idsOn(runCluster(several('bad1', 'bad2')), 'n1')).toEqual(['x']);
  });

  it('W28: chunks behind a first one with a bad identity are lost for the cycle: of 159, 149 are assigned, the good rest at the next event', () => {
    const names = Array.from({ length: 159 }, (_, n) => `i${String(n).padStart(3, '0')}`);
    const world: ClusterOptions = {
      ...BASE,
      objects: [node('n1'), ...names.map((name) => azureIdentity(name)), ...names.map((name) => binding(`b-${name}`, name, 's'))],
      identities: names.filter((name) => name !== 'i007'),
      knobs: { ...QUICK, 'mic.clientQps': 1000, 'kubeEvents.enabled': 'false' },
    };
    const cluster = runCluster({ ...world, steps: [podAt(1, 'p', 'n1')] });
    expect(idsOn(cluster, 'n1')).toHaveLength(149);
    expect(statuses(cluster).filter((text) => text.endsWith('Created'))).toHaveLength(10);
    expect(idsOn(runCluster({ ...world, steps: [podAt(1, 'p', 'n1'), nudge(60)] }), 'n1')).toHaveLength(158);
  });
});

describe('throttling', () => {
  const throttled = (turn: Parameters<typeof fault>[0]): void =>
    fault(turn, 'throttle', { op: 'patchIdentity', times: 1 }, { status: 429, retryAfter: 60 });

  it('W27: one 429 holds back the PATCHes of every scale set of the cluster, and no VM’s', () => {
    const steps: Step[] = [
      { at: 0.5, act: throttled },
      podAt(1, 'p', 'v1-0'),
      podAt(10, 'q', 'w-0'),
      podAt(20, 'r', 'n1'),
      nudge(60),
      nudge(62),
    ];
    const cluster = runCluster({ ...TWO, steps });
    expect(armCalls(cluster, 'patchIdentity')).toEqual([20, 62, 62]);
    expect(armCalls(cluster, 'get').filter((moment) => moment < 15)).toEqual([1, 1, 10, 10, 10, 10]);
  });

  it('W27: a failure of another kind wipes the memory of a 429, and PATCHes go out before its Retry-After is over', () => {
    // The PATCH of w reaches ARM first and is answered last: with a 400, after v1's 429.
    const world: ClusterOptions = { ...TWO, objects: [...(TWO.objects ?? []), azureIdentity('bad'), binding('bb', 'bad', 't')] };
    const steps: Step[] = [
      {
        at: 0.5,
        act: (turn) => {
          turn.inject({
            id: 'late',
            from: 'arm',
            to: 'mic/*',
            where: { type: 'ArmResponse', status: 400 },
            action: { kind: 'delay', by: 5_000_000 as never, label: 'other' },
          });
          turn.inject({
            id: 'throttle',
            to: 'arm',
            where: { 'call.op': 'patchIdentity', 'call.resource.name': 'v1' },
            times: 1,
            action: { kind: 'answer', with: { type: 'ArmResponse', request: '', status: 429, retryAfter: 60_000_000 as never } },
          });
        },
      },
      { at: 1, api: [create(pod('q', { node: 'w-0', label: 't' })), create(pod('p', { node: 'v1-0', label: 's' }))] },
      nudge(20),
    ];
    const knobs = { ...QUICK, 'watch.latency': '1s' };
    expect(idsOn(runCluster({ ...world, steps, knobs, until: 50 }), 'v1')).toEqual(['x']);
    // Without the other failure the 60 s are kept.
    const { objects } = TWO;
    expect(idsOn(runCluster({ ...world, ...(objects === undefined ? {} : { objects }), steps, knobs, until: 50 }), 'v1')).toEqual([]);
  });

  it('W27: the Retry-After of a 409 is not kept to', () => {
    const steps: Step[] = [
      { at: 0.5, act: (turn) => fault(turn, 'conflict', { op: 'patchIdentity', times: 3 }, { status: 409, retryAfter: 300 }) },
      podAt(1, 'p', 'n1'),
      nudge(3),
    ];
    const cluster = runCluster({ ...BASE, steps });
    expect([armCalls(cluster, 'patchIdentity'), statuses(cluster)]).toEqual([[3], ['p-default-x Assigned']]);
  });
});

describe('one for all', () => {
  it('W29: a cycle takes as long as its slowest resource: a stuck PATCH holds everybody up for 15 minutes, a storm of 503 for 450 s a call', () => {
    const steps: Step[] = [podAt(1, 'p', 'v1-0'), podAt(5, 'q', 'n1')];
    const stuck = runCluster({ ...BASE, steps, knobs: { ...RECONCILED, 'vmss.patch.duration.serverSide': '5000s' }, until: 950 });
    expect(
      statuses(runCluster({ ...BASE, steps, knobs: { ...RECONCILED, 'vmss.patch.duration.serverSide': '5000s' }, until: 900 })),
    ).toEqual(['p-default-x Created']);
    expect(statuses(stuck)).toEqual(['p-default-x Created', 'q-default-x Assigned']);
    expect(confirmedAt(stuck, 'bx')).toBeGreaterThan(901);
    // Reconcile runs in the same loop.
    expect(stuck.of('mic-reconciled').filter((fact) => fact.at > at(2) && fact.at < at(900))).toEqual([]);

    const storm: Step = {
      at: 0.5,
      act: (turn) =>
        turn.inject({
          id: 'storm',
          to: 'arm',
          where: { 'call.op': 'get', 'call.resource.name': 'v1' },
          action: { kind: 'answer', with: { type: 'ArmResponse', request: '', status: 503 } },
        }),
    };
    const stormy = runCluster({ ...BASE, steps: [storm, ...steps], until: 1000 });
    const [ended] = stormy.of('mic-worker-ended');
    // 30 + 60 + 120 + 240 s for the GET, and the same for the GET of the failure path.
    expect(secondsBetween(at(1), ended?.at ?? at(0))).toBeCloseTo(900, 3);
    expect(confirmedAt(stormy, 'bx')).toBeGreaterThan(901);
  });

  it.each<[string, Step]>([
    ['a node that is gone', { at: 50, api: [remove('Node', 'v1-0')] }],
    ['a scale set that is gone from ARM', { at: 50, act: (turn) => turn.table('computeResources').delete(idOf('v1')) }],
  ])('W30: reconcile is stopped for the whole cluster by %s', (_case, harm) => {
    const cluster = runCluster({
      ...BASE,
      steps: [
        podAt(1, 'p', 'n1'),
        podAt(2, 'q', 'v1-0'),
        harm,
        { at: 51, arm: [{ op: 'unassignIdentity', resource: { kind: 'vm', name: 'n1' }, identity: armId('x') }] },
      ],
      knobs: RECONCILED,
      until: 1000,
    });
    expect([statuses(cluster), idsOn(cluster, 'n1')]).toEqual([['p-default-x Assigned', 'q-default-x Assigned'], []]);
    expect(cluster.of('mic-reconciled').at(-1)?.aborted).not.toBe('');
    expect(repairs(cluster)).toBe(0);
  });

  it('W30: the clean-up of the missing node, at the next event after its pods are gone, lets reconcile work again', () => {
    const cluster = runCluster({
      ...BASE,
      steps: [
        podAt(1, 'p', 'n1'),
        podAt(2, 'q', 'v1-0'),
        { at: 50, api: [remove('Node', 'v1-0')] },
        { at: 51, arm: [{ op: 'unassignIdentity', resource: { kind: 'vm', name: 'n1' }, identity: armId('x') }] },
        { at: 400, api: [remove('Pod', 'default/q')] },
      ],
      knobs: RECONCILED,
      until: 700,
    });
    expect([statuses(cluster), idsOn(cluster, 'n1')]).toEqual([['p-default-x Assigned'], ['x']]);
  });
});

function idOf(scaleSet: string): string {
  return `/subscriptions/s1/resourcegroups/rg/providers/microsoft.compute/virtualmachinescalesets/${scaleSet}`;
}
