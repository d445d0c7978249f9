/** W19 to W24: what others write at ARM between MIC's GET and its PATCH (§7 C of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import { defineActor } from '../../../../src/model/vocabulary.ts';
import type { MessageOf } from '../../../../src/model/messages/index.ts';
import { idsOn, runCluster, statuses } from '../cluster.ts';
import type { Cluster, ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, create, pod, remove } from '../objects.ts';
import { assignedTo, BASE, edited, QUICK } from '../troubles.ts';
import { goneAt, nudge, patches, patchesLate, podAt, RECONCILED, repairs } from './world.ts';

const N1 = { kind: 'vm', name: 'n1' } as const;

/** Stands for the directory: a principal at once. */
const directory = defineActor<object, MessageOf<'Start' | 'PrincipalWanted' | 'PrincipalUnwanted'>>({
  kind: 'aad',
  initial: () => ({}),
  handlers: {
    Start: () => undefined,
    PrincipalWanted: (_state, { operation }, turn) => {
      turn.reply({ type: 'PrincipalReady', operation, objectId: `sp-${operation}`, appId: `app-${operation}` });
    },
    PrincipalUnwanted: () => undefined,
  },
});
const WITH_DIRECTORY: Partial<ClusterOptions> = { definitions: [directory] };
const directoryAt = (at: number): Step => ({ at, act: (turn) => turn.spawn({ id: 'aad', kind: 'aad' }, { type: 'Start' }) });

function typeOf(cluster: Cluster): string | undefined {
  return cluster.sim
    .table('computeResources')
    .all()
    .find(({ name }) => name === 'n1')?.identityType;
}

describe('between GET and PATCH', () => {
  it('W19: an identity that another adds is wiped when MIC’s own removal empties the set it saw, and kept when it does not', () => {
    const steps: Step[] = [
      podAt(1, 'p', 'n1'),
      patchesLate(4, 5),
      goneAt(5, 'p'),
      { at: 7, arm: [{ op: 'assignIdentity', resource: N1, identity: armId('y') }] },
    ];
    const emptied = runCluster({ ...BASE, steps });
    expect(patches(emptied).at(-1)).toEqual({ on: 'n1', type: 'None', delta: 'none' });
    expect(idsOn(emptied, 'n1')).toEqual([]);
    const carrying = { n1: { type: 'UserAssigned', ids: [armId('z')] } } as const;
    const kept = runCluster({ ...BASE, steps, carrying, identities: ['x', 'y', 'z'] });
    expect(patches(kept).at(-1)).toEqual({ on: 'n1', type: 'UserAssigned', delta: ['remove x'] });
    expect(idsOn(kept, 'n1')).toEqual(['y', 'z']);
    // Reconcile knows only what assignments say: nothing brings y back.
    expect(idsOn(runCluster({ ...BASE, steps, knobs: RECONCILED, until: 400 }), 'n1')).toEqual([]);
  });

  it.each([
    ['enabled', { type: 'UserAssigned', ids: [armId('y')] }, 'UserAssigned'],
    ['disabled', { type: 'SystemAssigned, UserAssigned', ids: [armId('y')] }, 'SystemAssigned, UserAssigned'],
  ] as const)('W20: a system-assigned identity that is %s meanwhile is as the GET showed it again', (state, n1, after) => {
    const cluster = runCluster({
      ...BASE,
      ...WITH_DIRECTORY,
      carrying: { n1 },
      steps: [
        directoryAt(0.1),
        patchesLate(0.5, 5),
        podAt(1, 'p', 'n1'),
        { at: 3, arm: [{ op: 'setSystemAssigned', resource: N1, state }] },
      ],
      knobs: { ...QUICK, 'mi.systemAssigned.enableExtra': '0s' },
    });
    const types = cluster.of('arm-operation-ended').map(({ client }) => client.split('/')[0]);
    expect(types).toEqual(['driver', 'mic']);
    expect(typeOf(cluster)).toBe(after);
    expect(idsOn(cluster, 'n1')).toEqual(['x', 'y']);
  });

  it('W21: removing what is not there from a machine with a system-assigned identity alone deletes that one', () => {
    const cluster = runCluster({
      ...BASE,
      ...WITH_DIRECTORY,
      objects: [...(BASE.objects ?? []), assignedTo('p', 'n1', 'Assigned')],
      carrying: { n1: { type: 'SystemAssigned', ids: [] } },
      steps: [directoryAt(0.1), nudge(1)],
    });
    expect(patches(cluster)).toEqual([{ on: 'n1', type: 'None', delta: 'none' }]);
    expect(typeOf(cluster)).toBe('None');
    expect(statuses(cluster)).toEqual([]);
  });

  it('W23: an id that goes and comes in another letter case is taken off instead of kept in about one of eight runs', () => {
    const upper = armId('x').replace('resourcegroups', 'resourceGroups');
    const steps: Step[] = [
      podAt(1, 'p', 'n1'),
      { at: 5, api: [{ verb: 'apply', object: edited(azureIdentity('x'), { resourceID: upper }) }] },
    ];
    const lost = Array.from({ length: 120 }, (_, n) => {
      const knobs = { ...QUICK, 'informer.listOrder': 'seeded' };
      return idsOn(runCluster({ ...BASE, steps, knobs, run: { seed: `w23/${String(n)}` }, until: 8 }), 'n1').length === 0;
    }).filter((isLost) => isLost).length;
    // 15 are to be expected, give or take 11 (3 σ).
    expect(lost).toBeGreaterThan(4);
    expect(lost).toBeLessThan(26);
    const healed = runCluster({
      ...BASE,
      steps,
      knobs: { ...RECONCILED, 'informer.listOrder': 'seeded' },
      run: { seed: firstLost() },
      until: 400,
    });
    expect([idsOn(healed, 'n1'), repairs(healed)]).toEqual([['x'], 1]);

    function firstLost(): string {
      for (let n = 0; ; n += 1) {
        const seed = `w23/${String(n)}`;
        const knobs = { ...QUICK, 'informer.listOrder': 'seeded' };
        if (idsOn(runCluster({ ...BASE, steps, knobs, run: { seed }, until: 8 }), 'n1').length === 0) return seed;
      }
    }
  });
});

describe('behind MIC’s back', () => {
  it('W22: a PUT of the whole scale set drops what MIC put there: assignments go on saying Assigned until reconcile has added it again', () => {
    const steps: Step[] = [
      podAt(1, 'p', 'v1-0'),
      { at: 10, arm: [{ op: 'putScaleSet', name: 'v1', instances: 1, systemAssigned: false, identities: [armId('y')] }] },
    ];
    const early = runCluster({ ...BASE, steps, until: 20 });
    expect([statuses(early), idsOn(early, 'v1')]).toEqual([['p-default-x Assigned'], ['y']]);
    const late = runCluster({ ...BASE, steps, knobs: RECONCILED, until: 195 });
    expect([idsOn(late, 'v1'), repairs(late)]).toEqual([['x', 'y'], 1]);
  });
});

describe('a read that lags behind the writes', () => {
  const world: ClusterOptions = {
    ...BASE,
    objects: [...(BASE.objects ?? []), azureIdentity('bad'), binding('bb', 'bad', 't')],
    knobs: { ...QUICK, 'arm.get.staleFor': '10s', 'watch.latency': '1s' },
  };
  const unassigned: Step = { at: 4, arm: [{ op: 'unassignIdentity', resource: N1, identity: armId('x') }] };
  const assignedByHand: Step = { at: 4, arm: [{ op: 'assignIdentity', resource: N1, identity: armId('x') }] };

  it('W24: lets the failure path say Assigned of what is not on the resource, until reconcile puts it there', () => {
    const steps: Step[] = [
      unassigned,
      { at: 5, api: [create(pod('p', { node: 'n1', label: 's' })), create(pod('q', { node: 'n1', label: 't' }))] },
    ];
    const carrying = { n1: { type: 'UserAssigned', ids: [armId('x'), armId('y')] } } as const;
    const early = runCluster({ ...world, carrying, steps, until: 12 });
    expect(early.of('mic-worker-ended').some(({ error }) => error !== '')).toBe(true);
    expect([statuses(early), idsOn(early, 'n1')]).toEqual([['p-default-x Assigned', 'q-default-bad Created'], ['y']]);
    const late = runCluster({ ...world, carrying, steps, knobs: { ...world.knobs, 'mic.reconcile': '180s' }, until: 400 });
    expect(idsOn(late, 'n1')).toEqual(['x', 'y']);
  });

  it('W24: lets the failure path delete an assignment whose identity is still there, for good', () => {
    const steps: Step[] = [assignedByHand, { at: 5, api: [remove('Pod', 'default/p'), create(pod('q', { node: 'n1', label: 't' }))] }];
    const cluster = runCluster({
      ...world,
      objects: [...(world.objects ?? []), assignedTo('p', 'n1', 'Assigned'), pod('p', { node: 'n1', label: 's' })],
      carrying: { n1: { type: 'UserAssigned', ids: [armId('y')] } },
      steps,
      knobs: { ...world.knobs, 'mic.reconcile': '180s' },
      until: 400,
    });
    expect([statuses(cluster), idsOn(cluster, 'n1')]).toEqual([['q-default-bad Created'], ['x', 'y']]);
  });
});
