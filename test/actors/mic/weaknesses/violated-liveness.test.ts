/** The liveness properties of MIC fall on the weaknesses that are known to break or delay them, and hold in the same world without. */
import { describe, expect, it } from 'vitest';
import type { InvariantName } from '../../../../src/scenarios/schema/claim-names.ts';
import type { ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, create, meta, node, pod, remove } from '../objects.ts';
import { BASE, edited, fault, QUICK, refuseApi } from '../troubles.ts';
import { fate } from './breaches.ts';
import { cacheAt, goneAt, nudge, podAt, RECONCILED } from './world.ts';

const OBJECTS = BASE.objects ?? [];
const ONE = podAt(1, 'p', 'n1');
const RESYNCED = { ...QUICK, 'informer.resync.mic.crds': '600s' };
const N1 = { kind: 'vm', name: 'n1' } as const;

/** Cases of one invariant: the weakness, a world with it, and the same world without. */
type Cases = readonly (readonly [string, ClusterOptions, ClusterOptions])[];

function check(name: InvariantName, cases: Cases): void {
  it.each(cases)('falls on %s, and not without it', (_weakness, bad, good) => {
    expect(fate(name, bad).breaches).toBeGreaterThan(0);
    const healthy = fate(name, good);
    expect([healthy.breaches, healthy.checks > 0]).toEqual([0, true]);
  });
}

const slow = { ...RECONCILED, 'vmss.patch.duration.serverSide': '5000s' };
const withBad = (...bad: readonly string[]): ClusterOptions => ({
  objects: [...OBJECTS, ...bad.flatMap((name) => [azureIdentity(name), binding(`b-${name}`, name, 's')])],
  steps: [ONE],
});
const flipping = (namespace: string): ClusterOptions => ({
  objects: [...OBJECTS, { kind: 'Namespace', metadata: meta(namespace, '') }],
  steps: [
    {
      at: 1,
      api: [create(pod('a-ns1', { node: 'n1', label: 's' })), create(pod('a', { node: 'v1-0', label: 's', namespace }))],
    },
    ...Array.from({ length: 20 }, (_, n) => nudge(5 + n * 70)),
  ],
  knobs: { ...QUICK, 'informer.listOrder': 'seeded' },
  until: 1600,
});
const namesakes = (identity: string): ClusterOptions => ({
  objects: [
    ...OBJECTS,
    azureIdentity(identity, { resourceID: armId('y'), clientID: 'client-y' }, 'ns1'),
    binding(identity === 'x' ? 'bx' : 'by', identity, 's', 'ns1'),
  ],
  steps: [ONE],
});

describe('a bound pod gets its identity', () => {
  const lagging = (frozen: boolean): Step[] => [
    ONE,
    ...(frozen ? [cacheAt(4, 'frozen')] : []),
    goneAt(5, 'p'),
    podAt(10, 'p', 'n1'),
    ...(frozen ? [cacheAt(20, 'flowing')] : []),
  ];
  const deletion = (...refusal: readonly Step[]): Step[] => [
    ONE,
    ...refusal,
    { at: 5, api: [remove('Pod', 'default/p')] },
    podAt(5.1, 'p', 'n1'),
    nudge(10),
  ];
  const patch = (times: number): Step[] => [
    { at: 0.5, act: (turn) => (times === 0 ? undefined : fault(turn, 'patch', { op: 'patchIdentity', times }, { status: 400 })) },
    ONE,
  ];
  check('boundPodAssigned', [
    ['W2', { steps: lagging(true) }, { steps: lagging(false) }],
    ['W5', { steps: deletion({ at: 4, act: (turn) => refuseApi(turn, 'delete', 500) }) }, { steps: deletion() }],
    [
      'W6',
      { steps: [podAt(1, 'p', 'v1-7'), { at: 5, api: [create(node('v1-7'))] }] },
      { steps: [{ at: 0.5, api: [create(node('v1-7'))] }, podAt(1, 'p', 'v1-7')] },
    ],
    ['W9', { steps: patch(1) }, { steps: patch(0) }],
    ['W26', withBad('bad1', 'bad2', 'bad3'), withBad('bad1', 'bad2')],
    [
      'W29',
      { steps: [podAt(1, 'p', 'v1-0'), podAt(5, 'q', 'n1')], knobs: slow, until: 1000 },
      { steps: [podAt(1, 'p', 'v1-0'), podAt(5, 'q', 'n1')], knobs: { ...slow, 'vmss.patch.duration.serverSide': '60s' }, until: 1000 },
    ],
    ['W40', flipping('ns1-default'), flipping('ns1-other')],
    ['W41', namesakes('x'), namesakes('y')],
  ]);
});

describe('an identity that others take off comes back', () => {
  const lossOf = (...more: readonly Step[]): ClusterOptions => ({
    steps: [
      podAt(1, 'p', 'n1'),
      podAt(2, 'q', 'v1-0'),
      ...more,
      { at: 51, arm: [{ op: 'unassignIdentity', resource: N1, identity: armId('x') }] },
    ],
    knobs: RECONCILED,
    until: 1000,
  });
  check('lossHealed', [
    ['W29', { ...lossOf(podAt(50, 'r', 'v1-1', 't')), ...held() }, lossOf(podAt(50, 'r', 'v1-1', 't'))],
    ['W30', lossOf({ at: 50, api: [remove('Node', 'v1-0')] }), lossOf()],
  ]);

  /** A PATCH of the scale set that takes longer than the time there is. */
  function held(): Partial<ClusterOptions> {
    return {
      objects: [...OBJECTS, azureIdentity('y'), binding('by', 'y', 't')],
      knobs: { ...RECONCILED, 'vmss.patch.duration.serverSide': '600s' },
      until: 1500,
    };
  }
});

describe('good identities beside bad ones', () => {
  const dangling = { carrying: { n1: { type: 'UserAssigned', ids: [armId('gone')] } } } as const;
  check('goodDespiteBad', [
    ['W26, three that ARM names one at a time', withBad('bad1', 'bad2', 'bad3'), withBad('bad1', 'bad2')],
    ['W26, one whose name is cut off at a dot', withBad('bad.one'), withBad('bad-one')],
    ['W26, one that hangs there since it was deleted', { ...withBad(), ...dangling }, withBad('bad1')],
    ['W28, chunks behind one with a bad identity', crowd(159), crowd(140)],
  ]);
});

/** A pod with so many identities, one of which does not exist. */
function crowd(size: number): ClusterOptions {
  const names = Array.from({ length: size }, (_, n) => `i${String(n).padStart(3, '0')}`);
  return {
    objects: [node('n1'), ...names.map((name) => azureIdentity(name)), ...names.map((name) => binding(`b-${name}`, name, 's'))],
    identities: names.filter((name) => name !== 'i007'),
    steps: [ONE],
    knobs: { ...QUICK, 'mic.clientQps': 1000, 'kubeEvents.enabled': 'false' },
  };
}

describe('a leader that dies is followed', () => {
  const refusal = { type: 'ApiResponse', request: '', status: 403, reason: 'Forbidden' } as const;
  const world = (...more: readonly Step[]): ClusterOptions => ({
    replicas: Array.from({ length: 12 }, (_, n) => `mic-${String(n)}`),
    steps: [...more, { at: 100, act: (turn) => turn.send('mic/default/mic-0', { type: 'Signal', signal: 'SIGTERM' }) }],
    until: 240,
  });
  check('leaderReplaced', [
    [
      'W39, a type upgrade that fails',
      world({
        at: 90,
        act: (turn) =>
          turn.inject({
            id: 'forbidden',
            to: 'kube-apiserver',
            where: { 'call.kind': 'AzureIdentityBinding' },
            action: { kind: 'answer', with: refusal },
          }),
      }),
      world(),
    ],
  ]);
});

describe('an event is followed by a cycle', () => {
  const storm = (cycle: string): ClusterOptions => ({
    steps: [nudge(1), podAt(2, 'p', 'n1'), nudge(200), nudge(300)],
    knobs: { ...QUICK, 'mic.sync.noopCycle': cycle },
  });
  check('changeIsTakenIn', [['W32, a cycle that computes for very long', storm('400s'), storm('1s')]]);
});

describe('work without end', () => {
  const bad: ClusterOptions = { ...withBad('bad'), knobs: RESYNCED, until: 2600 };
  check('micComesToRest', [
    ['W25', bad, { ...bad, identities: ['x', 'bad'] }],
    ['W40', flipping('ns1-default'), flipping('ns1-other')],
  ]);
});

describe('what a resync mends', () => {
  const failing: ClusterOptions = {
    steps: [{ at: 0.5, act: (turn) => fault(turn, 'patch', { op: 'patchIdentity', times: 1 }, { status: 400 }) }, ONE],
    until: 1500,
  };
  check('createdGetsAssigned', [['W9 without a resync', { ...failing, knobs: QUICK }, { ...failing, knobs: RESYNCED }]]);
});

describe('a watch of MIC that stands still', () => {
  const podsAt = (at: number, state: 'frozen' | 'flowing'): Step => ({ at, act: (turn) => turn.stall('mic/default/mic-0', 'pods', state) });

  it('is no fault of MIC: what it cannot know it does not owe, and once it knows the time begins', () => {
    const blind: ClusterOptions = {
      steps: [ONE, podsAt(4, 'frozen'), goneAt(5, 'p'), podAt(6, 'q', 'n1'), ...Array.from({ length: 20 }, (_, n) => nudge(100 * (n + 1)))],
      until: 2400,
    };
    for (const name of ['assignmentGoesWithPod', 'boundPodAssigned', 'changeIsTakenIn'] as const)
      expect([name, fate(name, blind).breaches]).toEqual([name, 0]);
    const seeing: ClusterOptions = { ...blind, steps: [...(blind.steps ?? []), podsAt(1950, 'flowing')] };
    for (const name of ['assignmentGoesWithPod', 'boundPodAssigned', 'changeIsTakenIn'] as const) {
      const { checks, breaches } = fate(name, seeing);
      expect([name, breaches, checks > 0]).toEqual([name, 0, true]);
    }
  });
});

it('an identity edited while its PATCH runs is Assigned in the end', () => {
  const steps: Step[] = [
    ONE,
    { at: 5, api: [{ verb: 'apply', object: edited(azureIdentity('x'), { resourceID: armId('y'), clientID: 'client-y' }) }] },
  ];
  const world: ClusterOptions = { steps, knobs: { ...QUICK, 'vm.patch.duration': '20s' } };
  for (const name of ['boundPodAssigned', 'createdGetsAssigned', 'changeIsTakenIn'] as const) {
    const { checks, breaches } = fate(name, world);
    expect([name, breaches, checks > 0]).toEqual([name, 0, true]);
  }
});
