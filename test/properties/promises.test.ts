/**
 * Claim: in random worlds every named invariant holds that no known weakness of MIC or NMI can break there. Method: what is done in a world
 * says which weaknesses it can show; the invariants of the properties that these break are left out, all others watched. The long suite
 * does the same over 400 worlds.
 */
import { expect, it } from 'vitest';
import { INVARIANT_NAMES } from '../../src/testing/index.ts';
import type { Plan } from '../../src/testing/index.ts';
import { promisedIn, watchOver } from '../support/random-worlds.ts';

it('20 random worlds keep what they promise, most of it put to the test', () => {
  const { fallen, checks } = watchOver(20, 2026, { minSteps: 4, maxSteps: 12 });
  expect(fallen).toEqual([]);
  const idle = INVARIANT_NAMES.filter((name) => (checks.get(name) ?? 0) === 0);
  expect(idle.length).toBeLessThan(INVARIANT_NAMES.length / 3);
});

it('what a plan does says what it does not promise', () => {
  const plan = (...acts: Plan['steps'][number]['act'][]): Plan => ({
    pool: 'vmss',
    nodes: 1,
    steps: acts.map((act) => ({ gap: 1, act })),
    parameters: {},
  });
  const missing = (of: Plan): readonly string[] => INVARIANT_NAMES.filter((name) => !promisedIn(of).includes(name));
  expect(missing(plan())).toEqual([]);
  expect(missing(plan({ do: 'killNmi', signal: 'SIGTERM' }))).toEqual(['tokensMediated']);
  const pods = (['default', 'shop'] as const).map((namespace) => ({ do: 'createPod', namespace, pod: 'web', label: 'red' }) as const);
  expect(missing(plan(...pods))).toContain('noRemovalOfDesired');
  expect(missing(plan(...pods.slice(0, 1)))).not.toContain('noRemovalOfDesired');
});
