/** The invariants of MIC fall on the weaknesses that are known to break them, and on nothing in tame worlds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InvariantName } from '../../../../src/scenarios/schema/claim-names.ts';
import { arbitraryPlan, checkPlan } from '../../../../src/testing/index.ts';
import type { ClusterOptions, Step } from '../cluster.ts';
import { fate } from './breaches.ts';
import { armId, azureIdentity, binding, create, meta, node, pod, remove } from '../objects.ts';
import { BASE, edited, fault, QUICK, refuseApi } from '../troubles.ts';
import { cacheAt, goneAt, nodeOf, nudge, patchesLate, podAt, RECONCILED } from './world.ts';

const ONE = podAt(1, 'p', 'n1');
const N1 = { kind: 'vm', name: 'n1' } as const;
const odd: ClusterOptions = {
  objects: [...(BASE.objects ?? []), nodeOf('odd', 'no-resource-id')],
  steps: [ONE, podAt(2, 'q', 'odd'), goneAt(10, 'p')],
};
const namesakes: Step[] = [
  { at: 1, api: ['ns1', 'ns2'].map((namespace) => create(pod('web-0', { node: 'v1-0', label: 's', namespace }))) },
  { at: 10, api: [remove('Pod', 'ns1/web-0')] },
];
const flipping: ClusterOptions = {
  objects: [...(BASE.objects ?? []), { kind: 'Namespace', metadata: meta('ns1-default', '') }],
  steps: [
    {
      at: 1,
      api: [create(pod('a-ns1', { node: 'n1', label: 's' })), create(pod('a', { node: 'v1-0', label: 's', namespace: 'ns1-default' }))],
    },
    ...Array.from({ length: 20 }, (_, n) => nudge(5 + n)),
  ],
  knobs: { ...QUICK, 'informer.listOrder': 'seeded' },
};
const blank: ClusterOptions = {
  objects: [
    node('n1'),
    ...['x', 'y'].map((name) => azureIdentity(name, { clientID: '' })),
    binding('bx', 'x', 's'),
    binding('by', 'y', 't'),
  ],
  steps: [ONE, podAt(2, 'q', 'n1', 't'), goneAt(10, 'p'), goneAt(20, 'q')],
};

const VIOLATED: readonly (readonly [InvariantName, string, ClusterOptions])[] = [
  ['noRemovalWhileInUse', 'W11', { steps: namesakes }],
  [
    'onlyLeaderWrites',
    'W36',
    {
      replicas: ['mic-0', 'mic-1'],
      steps: [
        ONE,
        goneAt(70, 'p'),
        { at: 70.5, act: (turn) => turn.freeze('mic/default/mic-0', 'frozen') },
        { at: 120, act: (turn) => turn.freeze('mic/default/mic-0', 'running') },
      ],
      knobs: { ...QUICK, 'arm.get.latency': '1s' },
    },
  ],
  ['takenOffBeforeDeletion', 'W10', odd],
  ['immutableStays', 'W17', { steps: [ONE, goneAt(10, 'p')], settings: { immutableClientIds: [' client-x'] } }],
  [
    'patchTouchesOnlyNamed',
    'W19',
    { steps: [ONE, patchesLate(4, 5), goneAt(5, 'p'), { at: 7, arm: [{ op: 'assignIdentity', resource: N1, identity: armId('y') }] }] },
  ],
  ['nameTellsPod', 'W40', flipping],
  ['noLeakedIdentity', 'W3', { steps: [{ at: 0.5, act: (turn) => refuseApi(turn, 'patchStatus', 500) }, ONE, goneAt(5, 'p')] }],
  ['noLeakedIdentity', 'W4', { steps: [podAt(1, 'p', 'v1-0'), { at: 5, api: [remove('Node', 'v1-0')] }, goneAt(6, 'p')] }],
  [
    'noLeakedIdentity',
    'W7',
    { steps: [ONE, cacheAt(4, 'frozen'), goneAt(5, 'p'), cacheAt(300, 'flowing')], knobs: RECONCILED, until: 1000 },
  ],
  ['noLeakedIdentity', 'W10', odd],
  ['noLeakedIdentity', 'W13', blank],
  [
    'noLeakedIdentity',
    'W16',
    {
      steps: [
        ONE,
        { at: 4, act: (turn) => fault(turn, 'patch', { op: 'patchIdentity', times: 1 }, { status: 400 }) },
        { at: 5, api: [{ verb: 'apply', object: edited(azureIdentity('x'), { resourceID: armId('y'), clientID: 'client-y' }) }] },
        goneAt(20, 'p'),
      ],
    },
  ],
  [
    'assignmentGoesWithPod',
    'W9',
    {
      steps: [
        ONE,
        { at: 4, act: (turn) => fault(turn, 'patch', { op: 'patchIdentity', times: 3 }, { status: 400 }) },
        { at: 5, api: [remove('AzureIdentity', 'default/x'), remove('AzureIdentityBinding', 'default/bx'), remove('Pod', 'default/p')] },
      ],
      until: 2000,
    },
  ],
  [
    'leaderReplaced',
    'an outage',
    {
      replicas: ['mic-0', 'mic-1'],
      steps: [
        { at: 90, act: (turn) => turn.inject({ id: 'cut', from: 'mic/default/mic-1', to: 'kube-apiserver', action: { kind: 'drop' } }) },
        { at: 100, act: (turn) => turn.send('mic/default/mic-0', { type: 'Signal', signal: 'SIGTERM' }) },
      ],
    },
  ],
];

describe('a weakness that is known to break it', () => {
  it.each(VIOLATED)('%s falls on %s', (name, _weakness, world) => {
    expect(fate(name, world).breaches).toBeGreaterThan(0);
  });

  it('breaks nothing where a pod comes and goes in peace', () => {
    const peace: ClusterOptions = { steps: [ONE, podAt(2, 'q', 'v1-0'), goneAt(20, 'p'), goneAt(30, 'q')], knobs: RECONCILED };
    for (const name of new Set(VIOLATED.map(([invariant]) => invariant))) expect([name, fate(name, peace).breaches]).toEqual([name, 0]);
  });
});

describe('tame random worlds', () => {
  const MIC_SIDE = [
    'assignedOnlyAfterAttached',
    'statusTransitionsAllowed',
    'noAssignmentWithoutBinding',
    'noRemovalWhileInUse',
    'oneCycleAtATime',
    'onlyLeaderWrites',
    'takenOffBeforeDeletion',
    'immutableStays',
    'patchTouchesOnlyNamed',
    'namespacedStaysHome',
    'nameTellsPod',
    'patchWithinLimit',
    'finalizerHonoured',
    'noLeakedIdentity',
    'assignmentGoesWithPod',
    'leaderReplaced',
  ] as const satisfies readonly InvariantName[];

  it('keep every invariant of MIC’s side, each put to the test', () => {
    const checks = new Map<InvariantName, number>();
    const plans = fc.sample(
      // No name is used twice, no cache is stalled, nothing fails: what MIC promises, it keeps.
      arbitraryPlan({ acts: ['scaleDeployment', 'drain', 'killMic'], pool: 'vmss', minSteps: 2, maxSteps: 6, namespaces: ['default'] }),
      { numRuns: 25, seed: 3 },
    );
    for (const plan of plans) {
      const run = checkPlan(plan, { invariants: MIC_SIDE });
      expect(run.violations.map(({ invariant, first }) => `${invariant}: ${first.text} in ${JSON.stringify(plan)}`)).toEqual([]);
      for (const name of MIC_SIDE) checks.set(name, (checks.get(name) ?? 0) + (run.checks[name] ?? 0));
    }
    expect(MIC_SIDE.filter((name) => (checks.get(name) ?? 0) === 0)).toEqual([]);
  });
});
