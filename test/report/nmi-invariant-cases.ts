/** For each invariant of NMI's side: a stream over which it holds, and one that breaks it. */
import { micros, seconds } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import { noRules, written } from '../../src/model/iptables-rules.ts';
import type { NodeRules } from '../../src/model/node-rules.ts';
import type { InvariantName } from '../../src/scenarios/schema/claim-names.ts';
import { assigned, CLIENT, fact, pod, READER, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
import { states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

/** What a test of an invariant needs. */
export interface Case {
  readonly good: readonly Step[];
  readonly bad: readonly Step[];
  readonly fill?: Filling;
}

const RESOURCE = SCALE_SET.toLowerCase();
const BINDING = 'default/reader-binding';
const ASSIGNED = 'default/web-default-reader';
const OTHER = 'another-client';

const phase = (name: 'serving' | 'draining' | 'dead'): Fact => ({ type: 'nmi-phase', node: 'node-a', phase: name });
const resolved = (as: string): Fact => ({
  type: 'nmi-resolved',
  node: 'node-a',
  request: 'r',
  sender: 'default/web',
  resolved: as,
  isExcepted: false,
});
const upstream = (took: number): Fact => ({
  type: 'nmi-upstream-ended',
  node: 'node-a',
  request: 'r',
  operation: 'adal_token_msi_userassignedid',
  status: 200,
  took: micros(took),
});
const good: NodeRules = { ...written(noRules('node-a')), listener: 'up' };
const rules = (after: number, row: NodeRules): Step => writes(after, 'nodeRules', { 'node-a': row });
const unbind = writes(1, 'azureIdentityBindings', { [BINDING]: undefined });
const kept = [
  states(1, fact.issued('uti-k', 10_000_000_000)),
  states(1, fact.answered('k', { uti: 'uti-k', servedBy: 'clientCache', isFirst: false })),
];

/** NMI's watch of pods stops, and one changes. */
const cut = (state: 'frozen' | 'flowing'): Step => ({ after: seconds(1), act: (turn) => turn.stall('nmi/node-a', 'pods', state) });
const nmiLives: Step = {
  after: seconds(1),
  act: (turn) => {
    turn.spawn({ id: 'nmi/node-a', kind: 'scribe' });
    turn.fact(phase('serving'));
  },
};
const podChanges = writes(1, 'pods', { 'default/web': pod('web', { label: 'other' }) });

/** Good and bad streams by invariant. */
export const NMI_CASES = {
  nmiCatchesUp: {
    fill: settledWorld(),
    good: [nmiLives, cut('frozen'), podChanges, states(70, phase('serving')), cut('flowing'), states(30)],
    bad: [nmiLives, cut('frozen'), podChanges, states(88)],
  },
  tokensMediated: {
    fill: settledWorld(),
    good: [states(1, fact.answered('r1'), fact.answered('r2', { pod: 'machine/app', servedBy: 'imds' }))],
    bad: [states(1, fact.answered('r1', { servedBy: 'imds' }))],
  },
  tokenOnlyIfBound: {
    fill: settledWorld(),
    good: [states(1, fact.answered('r1')), unbind, states(590, fact.answered('r2'))],
    bad: [states(1, fact.answered('r1', { appId: OTHER }))],
  },
  senderRecognised: { good: [states(1, resolved('default/web'))], bad: [states(1, resolved('default/other'))] },
  unnamedIdentityStable: {
    good: [states(1, fact.answered('r1', { requestedClientId: '' }), fact.answered('r2', { requestedClientId: '' }))],
    bad: [states(1, fact.answered('r1', { requestedClientId: '' }), fact.answered('r2', { requestedClientId: '', appId: OTHER }))],
  },
  assignedMeansAttached: {
    fill: settledWorld(),
    good: [
      writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) }),
      writes(180, 'computeResources', { [RESOURCE]: scaleSet([READER]) }),
      writes(1, 'azureAssignedIdentities', { [ASSIGNED]: assigned('web', 'Assigned') }),
      states(700),
    ],
    bad: [writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) }), states(601)],
  },
  rulesInPlace: {
    good: [states(1, phase('serving')), rules(1, good), rules(10, { ...good, chain: 'empty' }), rules(60, good), states(900)],
    bad: [states(1, phase('serving')), rules(1, good), rules(10, { ...good, chain: 'reversed' }), states(66)],
  },
  nmiKeepsNoToken: {
    good: [states(1, upstream(1000), fact.nmi(200), upstream(1000), fact.nmi(200))],
    bad: [states(1, upstream(1000), fact.nmi(200), fact.nmi(200))],
  },
  assignedServedAtOnce: {
    good: [states(1, upstream(112_000_000), fact.nmi(200, { took: micros(113_200_000) }))],
    bad: [states(1, upstream(1000), fact.nmi(200, { took: micros(5_000_000) }))],
  },
  nmiAnswersInTime: {
    good: [states(1, fact.nmi(503, { took: seconds(363) }))],
    bad: [states(1, fact.nmi(503, { took: seconds(365) }))],
  },
  boundPodServed: {
    fill: { ...settledWorld(), azureAssignedIdentities: {} },
    good: [
      states(1, fact.asked('r1')),
      writes(1, 'azureAssignedIdentities', { [ASSIGNED]: assigned('web', 'Assigned') }),
      states(300, fact.answered('r1')),
      states(900),
    ],
    bad: [states(1, fact.asked('r1')), writes(1, 'azureAssignedIdentities', { [ASSIGNED]: assigned('web', 'Assigned') }), states(601)],
  },
  nmiRecovers: {
    fill: settledWorld(),
    good: [states(1, phase('dead')), states(310, phase('serving')), states(900)],
    bad: [states(1, phase('dead')), states(601)],
  },
  noNewTokenAfterUnbinding: {
    fill: settledWorld(),
    good: [unbind, states(590, fact.answered('r1')), states(1, fact.answered('r2', { appId: OTHER }))],
    bad: [unbind, states(601, fact.answered('r1'))],
  },
  clientsGiveUp: {
    good: [states(1, fact.asked('r1')), states(3600, fact.failed('r1'))],
    bad: [states(1, fact.asked('r1')), states(14_401)],
  },
  tokenBridgesOutage: {
    good: [
      ...kept,
      states(60, fact.failed('r', { purpose: 'inline', status: 500 }), fact.answered('k', { uti: 'uti-k', servedBy: 'clientCache' })),
    ],
    bad: [...kept, states(60, fact.failed('r', { purpose: 'inline', status: 0 })), states(1, fact.answered('k', { uti: 'uti-k' }))],
  },
} as const satisfies Partial<Readonly<Record<InvariantName, Case>>>;

/** A pod whose label moved away from its binding a while ago. */
export const relabelled: readonly Step[] = [
  writes(1, 'pods', { 'default/web': { ...pod('web', { label: 'elsewhere' }) } }),
  states(601, fact.answered('late', { appId: CLIENT })),
];
