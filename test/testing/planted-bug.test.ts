/** A mistake planted in MIC is found by the public testing kit, shrunk, and handed over as a scenario file and a replay token. */
import { describe, expect, it } from 'vitest';
import { resolve } from '../../src/model/calibration/index.ts';
import { assertInvariants, check, describeCounterexample, findCounterexample, loadScenario } from '../../src/testing/index.ts';
import type { Act, SearchOptions } from '../../src/testing/index.ts';
import { decodeReplay } from '../../src/scenarios/replay/replay-token.ts';
import { mutatedTesting } from '../support/mutant.ts';

/**
 * No pod of a name that another has or had: with those the real MIC itself takes an identity off that is in use, of pods in two
 * namespaces (W11) as well as of one that comes back while its predecessor's removal is under way.
 */
const ACTS: readonly Act['do'][] = ['scaleDeployment', 'drain', 'killMic'];
const SEARCH: SearchOptions = {
  invariants: ['noRemovalWhileInUse'],
  plans: { acts: ACTS, pool: 'vmss', maxSteps: 10, namespaces: ['default'] },
  numRuns: 150,
  searchSeed: 7,
};

describe('an in-use check that forgets the scale set', () => {
  it('is found, and shrunk to a scenario of at most 6 steps that shows it', async () => {
    const mutant = await mutatedTesting({
      file: 'model/mic/reference-count.ts',
      original: 'const group = groupOf(node);',
      changed: 'const group = undefined as string | undefined;',
    });
    const found = mutant.findCounterexample(SEARCH);
    if (found === undefined) throw new Error('the planted mistake was not found');
    expect(found.plan.steps.length).toBeLessThanOrEqual(6);
    expect(describeCounterexample(found)).toMatch(
      /^noRemovalWhileInUse fell after \d steps[\s\S]*As a scenario file:[\s\S]*idflow replay idf1\./,
    );

    const loaded = loadScenario({ path: 'found.yaml', text: found.scenario, readText: () => undefined });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    // The file shows the mistake in the simulator that has it, and nothing in the one that has not.
    expect(mutant.check(loaded.scenario).violations.map((violation) => violation.invariant)).toContain('noRemovalWhileInUse');
    expect(check(loaded.scenario, { invariants: ['noRemovalWhileInUse'] }).violations).toEqual([]);

    const token = decodeReplay(found.replayToken);
    if (!token.ok) throw new Error(token.rule);
    expect(token.recipe.event).toBe(found.violation.first.place.event);
    expect(resolve(token.recipe.overrides).ok).toBe(true);
  });
});

describe('the simulator as it is', () => {
  it('shows no such thing in 150 random scenarios', () => {
    expect(() => {
      assertInvariants(SEARCH);
    }).not.toThrow();
  });

  it('shows the hole that the real MIC has, with pods of one name in two namespaces (W11)', () => {
    const found = findCounterexample({
      ...SEARCH,
      plans: { ...SEARCH.plans, acts: ['createPod', 'deletePod'], namespaces: ['default', 'shop'] },
      numRuns: 400,
    });
    expect(found?.violation.invariant).toBe('noRemovalWhileInUse');
    expect(found?.plan.steps.length).toBeLessThanOrEqual(6);
  });
});
