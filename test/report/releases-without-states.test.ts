/**
 * Releases before 1.5 write an AzureAssignedIdentity once the cloud is done, and no status: in their worlds one without a status counts as
 * Assigned everywhere in a report. From 1.5 on an empty status is none of MIC's, and counts as nothing.
 */
import { describe, expect, test } from 'vitest';
import type { InvariantName } from '../../src/scenarios/schema/claim-names.ts';
import type { Report } from '../../src/report/document/index.ts';
import { assigned, CLIENT, fact, SCALE_SET, scaleSet, settings, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const KEY = 'default/web-default-reader';
const RESOURCE = SCALE_SET.toLowerCase();
const SECOND = 1_000_000;
const at = { file: 'f', line: 1, column: 1 };

const bindingGone = writes(2, 'azureIdentityBindings', { 'default/reader-binding': undefined });
const written = writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', '') });
const gone = writes(5, 'azureAssignedIdentities', { [KEY]: undefined });

function worldOf(version: string, more: Filling = {}): Filling {
  return {
    ...settledWorld(),
    settings: { podIdentity: settings({ version }) },
    nodeRules: { 'node-a': { node: 'node-a', chain: 'full', jump: 'present', listener: 'up' } },
    azureAssignedIdentities: {},
    ...more,
  };
}

function report(version: string, steps: readonly Step[], more: Filling = {}): Report {
  return scriptedRun(steps, { fill: worldOf(version, more) }).report();
}

function verdict(version: string, invariant: InvariantName, steps: readonly Step[]): string | undefined {
  const fill = worldOf(version, { azureAssignedIdentities: { [KEY]: assigned('web', '') } });
  const expectations = [{ kind: 'always' as const, invariant, at }];
  return scriptedRun(steps, { fill, expectations }).report().expectations[0]?.verdict;
}

describe.each([
  ['1.4', true],
  ['1.5', false],
])('an AzureAssignedIdentity without a status under %s', (version, counts) => {
  test(`exposes its pod ${counts ? 'once' : 'never though'} nothing binds it any more`, () => {
    const steps = [written, bindingGone, gone, states(1, fact.tried(200))];
    expect(report(version, steps).access.exposure.entries).toMatchObject(
      counts ? [{ pod: 'default/web', identity: 'reader', cause: 'staleAssignment', us: 5 * SECOND, tokens: 0 }] : [],
    );
  });

  test(`${counts ? 'is' : 'is not'} counted and told of as assigned`, () => {
    const { course, metrics } = report(version, [written]);
    const times = counts ? 1 : 0;
    expect(metrics.find(({ metric }) => metric === 'assignments.assigned.count')?.value).toBe(times);
    expect(course.milestones.filter(({ milestone }) => milestone === 'assigned')).toHaveLength(times);
  });

  test(`${counts ? 'makes' : 'does not make'} the condition true that all are assigned`, () => {
    const condition = { kind: 'sometimes' as const, condition: { kind: 'condition' as const, condition: 'allAssigned' as const }, at };
    const [judged] = scriptedRun([written], { fill: worldOf(version), expectations: [condition] }).report().expectations;
    expect(judged?.verdict).toBe(counts ? 'held' : 'fell');
  });

  test(`${counts ? 'promises' : 'promises not'} that its identity is there`, () => {
    const taken = writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) });
    expect(verdict(version, 'assignedMeansAttached', [taken, states(601)])).toBe(counts ? 'fell' : 'undecided');
    expect(verdict(version, 'assignedOnlyAfterAttached', [gone, taken, written])).toBe(counts ? 'fell' : 'undecided');
  });

  test(`${counts ? 'promises' : 'promises not'} its pod a token`, () => {
    const steps = [gone, written, states(1, fact.asked('r1', { clientId: CLIENT })), states(601)];
    expect(verdict(version, 'boundPodServed', steps)).toBe(counts ? 'fell' : 'held');
  });
});
