/** Every measure of the catalogue is computed, and what it says is what happened. */
import { describe, expect, test } from 'vitest';
import { METRIC_NAMES, METRICS } from '../../src/scenarios/schema/metric-names.ts';
import { ZERO } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import { assigned, fact, pod, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const KEY = 'default/web-default-reader';

function metricsOf(steps: readonly Step[], fill: Filling = {}): ReadonlyMap<string, number | null> {
  const { metrics } = scriptedRun(steps, { fill }).report();
  return new Map(metrics.map(({ metric, value }) => [metric, value]));
}

test('every name of the catalogue is computed, in its unit, and no other', () => {
  const { metrics } = scriptedRun([states(1)]).report();
  expect(metrics.map(({ metric, unit }) => [metric, unit])).toEqual(METRIC_NAMES.map((name) => [name, METRICS[name].unit]));
});

test('without samples there is no value', () => {
  const found = metricsOf([states(1)]);
  expect([
    found.get('tokens.first.p50'),
    found.get('tokens.denied403.share'),
    found.get('cleanup.time.max'),
    found.get('arm.throttled.count'),
  ]).toEqual([null, null, null, null]);
});

describe('values', () => {
  const arm = (op: string, status: number): Fact => ({
    type: 'arm-answered',
    client: 'mic/default/mic-1',
    op,
    resource: 'pool',
    status,
    error: '',
    retryAfter: ZERO,
  });

  test('of tokens, calls and services', () => {
    const found = metricsOf([
      states(1, fact.asked('r1'), fact.tried(403), fact.failed('r1')),
      states(1, fact.asked('r2'), fact.tried(200), fact.answered('r2')),
      states(1, fact.accessed('default/web'), fact.accessed('default/web', { status: 403 })),
      states(1, arm('patchIdentity', 202), arm('get', 429), fact.issued('uti', 1)),
    ]);
    expect(Object.fromEntries([...found].filter(([, value]) => value !== null && value !== 0))).toEqual({
      'aad.tokens.count': 1,
      'arm.calls.count': 2,
      'arm.patches.count': 1,
      'arm.throttled.count': 1,
      'run.events.count': 5,
      'services.accessed.count': 1,
      'services.denied.count': 1,
      'tokens.all.count': 1,
      'tokens.all.max': 2_000_000,
      'tokens.all.mean': 2_000_000,
      'tokens.all.min': 2_000_000,
      'tokens.all.p50': 2_000_000,
      'tokens.all.p90': 2_000_000,
      'tokens.all.p95': 2_000_000,
      'tokens.all.p99': 2_000_000,
      'tokens.denied403.count': 1,
      'tokens.denied403.share': 0.5,
      'tokens.failed.count': 1,
      'tokens.first.count': 1,
      'tokens.first.max': 2_000_000,
      'tokens.first.mean': 2_000_000,
      'tokens.first.min': 2_000_000,
      'tokens.first.p50': 2_000_000,
      'tokens.first.p90': 2_000_000,
      'tokens.first.p95': 2_000_000,
      'tokens.first.p99': 2_000_000,
      'tokens.first.share.other': 1,
    });
  });

  test('of assignments and cleanup', () => {
    const fill = { ...settledWorld(), azureAssignedIdentities: {} };
    const found = metricsOf(
      [
        writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Created') }),
        writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Assigned') }),
        writes(1, 'pods', { 'default/web': pod('web', { deleted: 1 }) }),
        writes(4, 'azureAssignedIdentities', { [KEY]: undefined }),
        writes(6, 'computeResources', { [SCALE_SET.toLowerCase()]: scaleSet([]) }),
      ],
      fill,
    );
    const named = (names: readonly string[]): readonly unknown[] => names.map((name) => found.get(name));
    expect(
      named(['assignments.created.count', 'assignments.assigned.count', 'assignments.removed.count', 'assignments.left.count']),
    ).toEqual([1, 1, 1, 0]);
    expect(named(['cleanup.complete.count', 'cleanup.incomplete.count', 'cleanup.time.p50', 'cleanup.time.max'])).toEqual([
      1, 0, 10_000_000, 10_000_000,
    ]);
    expect(named(['identities.left.count', 'cleanup.left.grants.count', 'cleanup.left.roleAssignments.count'])).toEqual([0, 0, 0]);
  });

  test('of leadership: the second leader is one change', () => {
    const leads = (replica: string): Fact => ({ type: 'mic-leading', replica });
    const found = metricsOf([states(1, leads('a'), leads('a')), states(1, leads('b'))]);
    expect([found.get('mic.leaderChanges.count'), found.get('races.twoLeaders.count')]).toEqual([1, 1]);
  });
});
