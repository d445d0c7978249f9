/** Each invariant holds over a good stream, and is broken by the one thing it forbids. */
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import { INVARIANT_NAMES } from '../../src/scenarios/schema/claim-names.ts';
import type { InvariantName } from '../../src/scenarios/schema/claim-names.ts';
import { assigned, fact, managedIdentity, OBJECT, principal, READER, role, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
import { MIC_CASES } from './mic-invariant-cases.ts';
import { NMI_CASES, relabelled } from './nmi-invariant-cases.ts';
import type { Case } from './nmi-invariant-cases.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const RESOURCE = SCALE_SET.toLowerCase();
const KEY = 'default/web-default-reader';
const unassigned = { ...settledWorld(), azureAssignedIdentities: {} };
const system = { principalId: 'sp-system', clientId: 'app-system' };
const withSystem = {
  ...settledWorld(),
  computeResources: { [RESOURCE]: scaleSet([READER], { systemAssigned: system }) },
  servicePrincipals: {
    [OBJECT]: principal(),
    'sp-system': principal({ objectId: 'sp-system', kind: 'systemAssigned', resourceId: SCALE_SET }),
  },
};

const created = (name = 'web'): Step =>
  writes(1, 'azureAssignedIdentities', { [`default/${name}-default-reader`]: assigned(name, 'Created') });
const confirmed = writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Assigned') });
const removal = states(1, {
  type: 'mic-worker-started',
  replica: 'mic/default/mic-1',
  cycle: 1,
  resource: SCALE_SET.slice(SCALE_SET.lastIndexOf('/') + 1),
  add: [],
  remove: [READER],
});
const cycle = (type: 'started' | 'ended', n: number): Fact =>
  type === 'ended'
    ? { type: 'mic-cycle-ended', replica: 'default/mic-1', cycle: n, took: 1 as never }
    : { type: 'mic-cycle-started', replica: 'default/mic-1', cycle: n, creates: 1, deletes: 0, updates: 0, queued: 1, buffered: 0 };
const leads = (replica: string): Fact => ({ type: 'mic-leading', replica });
const wrote = (replica: string): Fact => ({
  type: 'api-answered',
  client: `mic/${replica}`,
  verb: 'create',
  kind: 'AzureAssignedIdentity',
  status: 201,
});
const machineGone = writes(1, 'computeResources', { [RESOURCE]: undefined });
const principalGone = (id: string): Step => writes(1, 'servicePrincipals', { [id]: undefined });
const reader = READER.toLowerCase();

/** Does both in one event. */
function together(...steps: readonly Step[]): Step {
  return { after: 1_000_000 as never, act: (turn) => steps.forEach((step) => step.act(turn)) };
}

const CASES: Readonly<Record<InvariantName, Case>> = {
  ...MIC_CASES,
  ...NMI_CASES,
  assignedOnlyAfterAttached: {
    fill: { ...unassigned, computeResources: { [RESOURCE]: scaleSet([]) } },
    good: [created(), writes(1, 'computeResources', { [RESOURCE]: scaleSet([READER]) }), confirmed],
    bad: [created(), confirmed],
  },
  statusTransitionsAllowed: {
    fill: unassigned,
    good: [
      created(),
      confirmed,
      writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Unassigned') }),
      writes(1, 'azureAssignedIdentities', { [KEY]: undefined }),
    ],
    bad: [confirmed],
  },
  noAssignmentWithoutBinding: {
    fill: { ...unassigned, azureIdentityBindings: settledWorld().azureIdentityBindings },
    good: [writes(1, 'azureIdentityBindings', { 'default/reader-binding': undefined }), created()],
    bad: [created('stranger')],
  },
  noRemovalWhileInUse: {
    fill: settledWorld(),
    good: [writes(1, 'pods', { 'default/web': undefined }), removal, writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) })],
    bad: [removal, writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) })],
  },
  oneCycleAtATime: {
    good: [states(1, cycle('started', 1), cycle('ended', 1), cycle('started', 2))],
    bad: [states(1, cycle('started', 1), cycle('started', 2))],
  },
  onlyLeaderWrites: {
    good: [states(1, leads('default/mic-1'), wrote('default/mic-1'))],
    bad: [states(1, leads('default/mic-1'), wrote('default/mic-2'))],
  },
  tokenMatchesRequest: { good: [states(1, fact.answered('r1'))], bad: [states(1, fact.answered('r1', { appId: 'other' }))] },
  answerCodesKnown: { good: [states(1, fact.nmi(403), fact.nmi(503))], bad: [states(1, fact.nmi(418))] },
  tokenNotExpired: {
    good: [
      states(1, fact.issued('uti-r1', 60_000_000)),
      states(58, fact.answered('r1')),
      states(5, fact.accessed('default/web', { uti: 'uti-r1' })),
    ],
    bad: [states(1, fact.issued('uti-r1', 60_000_000)), states(59, fact.answered('r1'))],
  },
  noTokenAfterDeletion: {
    fill: settledWorld(),
    good: [principalGone(OBJECT), states(600, fact.issued('u', 1))],
    bad: [principalGone(OBJECT), states(601, fact.issued('u', 1))],
  },
  everyTokenHasPrincipal: {
    fill: settledWorld(),
    good: [principalGone(OBJECT), states(1, fact.issued('u', 1))],
    bad: [states(1, fact.issued('u', 1, { objectId: 'nobody' }))],
  },
  systemAssignedDiesWithResource: {
    fill: withSystem,
    good: [machineGone, principalGone('sp-system')],
    bad: [machineGone, states(601)],
  },
  userAssignedSurvives: {
    fill: settledWorld(),
    good: [machineGone, writes(60, 'userAssignedIdentities', { [reader]: undefined })],
    bad: [together(machineGone, writes(0, 'userAssignedIdentities', { [reader]: undefined }))],
  },
  roleAssignmentsLinger: {
    fill: settledWorld(),
    good: [principalGone(OBJECT), writes(60, 'roleAssignments', { 'role-1': role({ deletedAt: 61_000_000 as Moment }) })],
    bad: [together(writes(0, 'roleAssignments', { 'role-1': undefined }), principalGone(OBJECT))],
  },
};

function fate(name: InvariantName, steps: readonly Step[], fill: Filling): { readonly verdict: string | undefined; readonly why: string } {
  const expectation = { kind: 'always' as const, invariant: name, at: { file: 'f', line: 1, column: 1 } };
  const [judged] = scriptedRun(steps, { fill, expectations: [expectation] }).report().expectations;
  return { verdict: judged?.verdict, why: judged?.why ?? '' };
}

describe.each(INVARIANT_NAMES)('%s', (name) => {
  const { good, bad, fill = {} } = CASES[name];

  test('holds where all goes well', () => {
    expect(fate(name, good, fill).verdict).toBe('held');
  });

  test('falls where it is broken, and says by whom', () => {
    const { verdict, why } = fate(name, bad, fill);
    expect(verdict).toBe('fell');
    expect(why).toMatch(/\(event \d+, 00:\d\d:\d\d\.\d\)$/);
  });
});

test('a leader that is named by its actor is the same as by its pod', () => {
  expect(fate('onlyLeaderWrites', [states(1, leads('mic/default/mic-1'), wrote('default/mic-1'))], {}).verdict).toBe('held');
  expect(fate('onlyLeaderWrites', [states(1, leads('mic/default/mic-2'), wrote('default/mic-1'))], {}).verdict).toBe('fell');
});

test('a system-assigned principal that goes long before its machine breaks the rule as well', () => {
  expect(fate('systemAssignedDiesWithResource', [principalGone('sp-system'), states(601)], withSystem).verdict).toBe('fell');
});

test('a machine and an identity deleted in different events break nothing, a user-assigned one that stays neither', () => {
  const fill = { ...settledWorld(), userAssignedIdentities: { [reader]: managedIdentity() } };
  expect(fate('userAssignedSurvives', [machineGone, states(1)], fill).verdict).toBe('held');
});

test('a pod whose label left its binding long ago is bound no more', () => {
  expect(fate('tokenOnlyIfBound', relabelled, settledWorld()).verdict).toBe('fell');
  expect(fate('noNewTokenAfterUnbinding', relabelled, settledWorld()).verdict).toBe('fell');
});
