/** The safety properties of MIC fall on the weaknesses that are known to break them, and hold in the same world without. */
import { describe, expect, it } from 'vitest';
import { CLOUD_CONFIG_KEY } from '../../../../src/model/settings.ts';
import { defineActor } from '../../../../src/model/vocabulary.ts';
import type { KubernetesObject } from '../../../../src/model/kubernetes.ts';
import type { MessageOf } from '../../../../src/model/messages/index.ts';
import type { InvariantName } from '../../../../src/scenarios/schema/claim-names.ts';
import type { ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, create, node, pod, remove } from '../objects.ts';
import { assignedTo, BASE, edited, fault, QUICK } from '../troubles.ts';
import { fate } from './breaches.ts';
import { goneAt, instanceOf, MIC, nodeOf, nudge, patchesLate, podAt, RECONCILED } from './world.ts';

const OBJECTS = BASE.objects ?? [];
const N1 = { kind: 'vm', name: 'n1' } as const;
const UPPER = armId('x').replace('resourcegroups', 'resourceGroups');

/** Pods `p` and `q`, of which `p` goes. */
function pair(nodes: readonly [string, string], labels: readonly [string, string] = ['s', 's']): readonly Step[] {
  return [podAt(1, 'p', nodes[0], labels[0]), podAt(2, 'q', nodes[1], labels[1]), goneAt(10, 'p')];
}

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
const directoryAt: Step = { at: 0.1, act: (turn) => turn.spawn({ id: 'aad', kind: 'aad' }, { type: 'Start' }) };

const W11: Step[] = [
  { at: 1, api: ['ns1', 'ns2'].map((namespace) => create(pod('web-0', { node: 'v1-0', label: 's', namespace }))) },
  { at: 10, api: [remove('Pod', 'ns1/web-0')] },
];
const also = (clientID: string, label: string): readonly KubernetesObject[] => [
  ...OBJECTS,
  azureIdentity('also', { resourceID: armId('x'), clientID }),
  binding('balso', 'also', label),
];
/** The holes of the reference count, each beside a world that differs by the hole alone. */
const COUNTS: readonly (readonly [string, ClusterOptions, ClusterOptions])[] = [
  ['W11', { steps: W11 }, { steps: pair(['v1-0', 'v1-0']) }],
  [
    'W12',
    { objects: also('client-x', 's'), steps: [podAt(1, 'p', 'n1'), { at: 10, api: [remove('AzureIdentityBinding', 'default/balso')] }] },
    { objects: also('client-x', 't'), steps: pair(['n1', 'n1'], ['s', 't']) },
  ],
  [
    'W13',
    { objects: also('CLIENT-X', 't'), steps: pair(['n1', 'n1'], ['s', 't']) },
    { objects: also('client-x', 't'), steps: pair(['n1', 'n1'], ['s', 't']) },
  ],
  [
    'W14',
    {
      objects: [nodeOf('a', instanceOf('v1', 0)), nodeOf('b', instanceOf('v1', 1, 'RG')), azureIdentity('x'), binding('bx', 'x', 's')],
      steps: pair(['a', 'b']),
    },
    {
      objects: [nodeOf('a', instanceOf('v1', 0)), nodeOf('b', instanceOf('v1', 1)), azureIdentity('x'), binding('bx', 'x', 's')],
      steps: pair(['a', 'b']),
    },
  ],
];

describe('taking off what is in use', () => {
  it.each(COUNTS)('falls on %s, by what the API server has and by what MIC itself wanted, and not without it', (_weakness, bad, good) => {
    for (const name of ['noRemovalWhileInUse', 'noRemovalOfDesired'] as const) {
      expect([name, fate(name, bad).breaches]).toEqual([name, 1]);
      const { checks, breaches } = fate(name, { ...good, steps: [...(good.steps ?? []), goneAt(100, 'q')] });
      expect([name, breaches, checks > 0]).toEqual([name, 0, true]);
    }
  });

  it('falls on W23 in some runs, and on none where both spellings are one', () => {
    const world = (id: string): ClusterOptions => ({
      steps: [
        podAt(1, 'p', 'n1'),
        { at: 5, api: [{ verb: 'apply', object: edited(azureIdentity('x'), { resourceID: id }) }] },
        goneAt(20, 'p'),
      ],
      knobs: { ...QUICK, 'informer.listOrder': 'seeded' },
      until: 40,
    });
    const runs = Array.from({ length: 12 }, (_, n) => fate('noRemovalOfDesired', { ...world(UPPER), run: { seed: `w23/${String(n)}` } }));
    const fallen = runs.filter(({ breaches }) => breaches > 0).length;
    expect(fallen).toBeGreaterThan(0);
    expect(fallen).toBeLessThan(8);
    const { checks, breaches } = fate('noRemovalOfDesired', { ...world(armId('x')), run: { seed: 'w23/0' } });
    expect([checks, breaches]).toEqual([1, 0]);
  });
});

describe('an Assigned identity that is not there', () => {
  const put: Step = {
    at: 10,
    arm: [{ op: 'putScaleSet', name: 'v1', instances: 1, systemAssigned: false, identities: [armId('y')] }],
  };
  const stale: ClusterOptions = {
    objects: [...OBJECTS, azureIdentity('bad'), binding('bb', 'bad', 't')],
    carrying: { n1: { type: 'UserAssigned', ids: [armId('x'), armId('y')] } },
    steps: [
      { at: 4, arm: [{ op: 'unassignIdentity', resource: N1, identity: armId('x') }] },
      { at: 5, api: [create(pod('p', { node: 'n1', label: 's' })), create(pod('q', { node: 'n1', label: 't' }))] },
    ],
    knobs: { 'arm.get.staleFor': '10s', 'watch.latency': '1s' },
  };
  const worlds: readonly (readonly [string, ClusterOptions])[] = [
    ...COUNTS.map(([weakness, world]) => [weakness, world] as const),
    ['W22', { steps: [podAt(1, 'p', 'v1-0'), put] }],
    ['W24', stale],
  ];

  it.each(worlds)('stays so after %s where no reconcile pass works, and is back in time where one does', (_weakness, world) => {
    const knobs = { ...QUICK, ...world.knobs };
    expect(fate('assignedMeansAttached', { ...world, knobs }).breaches).toBe(1);
    const healed = fate('assignedMeansAttached', { ...world, knobs: { ...RECONCILED, ...world.knobs } });
    expect([healed.breaches, healed.checks > 0]).toEqual([0, true]);
  });

  it('stays so after W19, where one who took it off and puts it back meets a removal of MIC that empties what MIC saw', () => {
    const meeting = (...late: readonly Step[]): ClusterOptions => ({
      objects: [...OBJECTS, azureIdentity('y'), binding('by', 'y', 't')],
      steps: [
        podAt(1, 'p', 'n1'),
        podAt(2, 'q', 'n1', 't'),
        { at: 4, arm: [{ op: 'unassignIdentity', resource: N1, identity: armId('y') }] },
        ...late,
        goneAt(5, 'p'),
        { at: 7, arm: [{ op: 'assignIdentity', resource: N1, identity: armId('y') }] },
      ],
    });
    expect(fate('assignedMeansAttached', meeting(patchesLate(4.5, 5))).breaches).toBe(1);
    const { checks, breaches } = fate('assignedMeansAttached', meeting());
    expect([breaches, checks > 0]).toEqual([0, true]);
  });

  it('stays so after W22 where W30 stops the pass', () => {
    const steps = [podAt(1, 'p', 'v1-0'), podAt(2, 'q', 'n1'), put, { at: 11, api: [remove('Node', 'n1')] }];
    expect(fate('assignedMeansAttached', { steps, knobs: RECONCILED }).breaches).toBe(1);
  });
});

describe('a PATCH that changes more than it names', () => {
  const carrying = { n1: { type: 'UserAssigned', ids: [armId('y')] } } as const;
  const enabled: Step = { at: 3, arm: [{ op: 'setSystemAssigned', resource: N1, state: 'enabled' }] };
  const world = (more: ClusterOptions): ClusterOptions => ({
    definitions: [directory],
    knobs: { ...QUICK, 'mi.systemAssigned.enableExtra': '0s' },
    until: 60,
    ...more,
  });
  it.each<[string, ClusterOptions, ClusterOptions]>([
    [
      'W20',
      world({ carrying, steps: [directoryAt, patchesLate(0.5, 5), podAt(1, 'p', 'n1'), enabled] }),
      world({ carrying, steps: [directoryAt, podAt(1, 'p', 'n1'), enabled] }),
    ],
    [
      'W21',
      world({
        objects: [...OBJECTS, assignedTo('p', 'n1', 'Assigned')],
        carrying: { n1: { type: 'SystemAssigned', ids: [] } },
        steps: [directoryAt, nudge(1)],
      }),
      world({
        objects: [...OBJECTS, assignedTo('p', 'n1', 'Assigned')],
        carrying: { n1: { type: 'SystemAssigned, UserAssigned', ids: [armId('x')] } },
        steps: [directoryAt, nudge(1)],
      }),
    ],
  ])('falls on %s, and not without it', (_weakness, bad, good) => {
    expect(fate('patchTouchesOnlyNamed', bad)).toEqual({ checks: 1, breaches: 1 });
    expect(fate('patchTouchesOnlyNamed', good)).toEqual({ checks: 1, breaches: 0 });
  });
});

describe('calls too soon or too many', () => {
  const throttle: Step = {
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
  };
  const two: ClusterOptions = {
    objects: [...OBJECTS, node('w-0'), azureIdentity('bad'), binding('bb', 'bad', 't')],
    scaleSets: ['v1', 'w'],
    knobs: { ...QUICK, 'watch.latency': '1s' },
    until: 100,
  };
  const both: Step = { at: 1, api: [create(pod('q', { node: 'w-0', label: 't' })), create(pod('p', { node: 'v1-0', label: 's' }))] };
  const alone: Step = { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] };
  const conflict: Step = {
    at: 0.5,
    act: (turn) => fault(turn, 'conflict', { op: 'patchIdentity', times: 3 }, { status: 409, retryAfter: 300 }),
  };

  it('W27 breaks the promise to keep to a Retry-After: by a failure without one, and after a 409', () => {
    expect(fate('retryAfterHonoured', { ...two, steps: [throttle, both, nudge(20)] }).breaches).toBeGreaterThan(0);
    expect(fate('retryAfterHonoured', { steps: [conflict, podAt(1, 'p', 'n1'), nudge(3)], until: 100 }).breaches).toBe(1);
    const kept = fate('retryAfterHonoured', { ...two, steps: [throttle, alone, nudge(20), nudge(70)] });
    expect([kept.breaches, kept.checks]).toEqual([0, 1]);
  });

  it('W49 breaks it as well: the clients of a written azure.json remember no Retry-After', () => {
    const written: Step = {
      at: 20,
      act: (turn) => {
        turn.table('cloudConfigs').put(CLOUD_CONFIG_KEY, { userAssignedIdentityID: '', clientID: '', clientSecret: '' });
        turn.send(MIC, { type: 'CloudConfigWritten', how: 'write' });
      },
    };
    const world = (...more: readonly Step[]): ClusterOptions => ({ ...two, steps: [throttle, alone, ...more, nudge(30), nudge(70)] });
    expect(fate('retryAfterHonoured', world(written)).breaches).toBeGreaterThan(0);
    const kept = fate('retryAfterHonoured', world());
    expect([kept.breaches, kept.checks > 0]).toEqual([0, true]);
  });

  it('MIC before 1.6.3 breaks it by every call', () => {
    const world: ClusterOptions = { ...two, steps: [throttle, alone, nudge(20)], settings: { version: '1.6.2' } };
    expect(fate('retryAfterHonoured', world).breaches).toBeGreaterThan(0);
  });

  it('a PATCH that runs for longer than MIC polls is joined by another of its own', () => {
    const world = (duration: string): ClusterOptions => ({
      steps: [podAt(1, 'p', 'v1-0'), podAt(1000, 'q', 'v1-1'), nudge(1100)],
      knobs: { ...QUICK, 'vmss.patch.duration.serverSide': duration, 'vmss.concurrentWrite.outcome': 'preempt' },
      until: 3000,
    });
    expect(fate('onePatchPerResource', world('1500s')).breaches).toBeGreaterThan(0);
    const short = fate('onePatchPerResource', world('500s'));
    expect([short.breaches, short.checks > 0]).toEqual([0, true]);
  });

  it.each<[InvariantName, ClusterOptions]>([
    ['batchWithinLimit', { knobs: { ...QUICK, 'mic.clientQps': 1000, 'mic.clientBurst': 1000, 'api.mutate.latency': '100ms' } }],
    ['callsWithinRate', {}],
  ])('%s holds while 45 pods come and go at once', (name, options) => {
    const names = Array.from({ length: 45 }, (_, n) => `p${String(n)}`);
    const steps: Step[] = [
      { at: 1, api: names.map((one) => create(pod(one, { node: 'n1', label: 's' }))) },
      { at: 100, api: names.map((one) => remove('Pod', `default/${one}`)) },
    ];
    const { checks, breaches } = fate(name, { ...options, steps, until: 200 });
    expect([breaches, checks > 1]).toEqual([0, true]);
  });
});

it('a leader that was frozen finds its lease lost before it begins anything, as one that was awake has it all along', () => {
  const world = (frozen: boolean): ClusterOptions => ({
    replicas: ['mic-0', 'mic-1'],
    steps: [
      podAt(1, 'p', 'n1'),
      ...(frozen ? [{ at: 70.5, act: (turn): void => turn.freeze(MIC, 'frozen') } satisfies Step] : []),
      podAt(80, 'q', 'v1-0'),
      ...(frozen ? [{ at: 120, act: (turn): void => turn.freeze(MIC, 'running') } satisfies Step] : []),
    ],
  });
  for (const frozen of [true, false]) {
    const { checks, breaches } = fate('cycleNeedsLease', world(frozen));
    expect([frozen, breaches, checks > 1]).toEqual([frozen, 0, true]);
  }
});
