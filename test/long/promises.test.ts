/** 400 random worlds under every named invariant that nothing in them is known to break. */
import { expect, it } from 'vitest';
import { watchOver } from '../support/random-worlds.ts';

it.each([
  ['250 of many steps', 250, 21, { minSteps: 4, maxSteps: 14 }],
  ['150 of few', 150, 22, { minSteps: 1, maxSteps: 4 }],
])('%s keep what they promise', (_worlds, count, seed, options) => {
  const { fallen, checks } = watchOver(count, seed, options);
  expect(fallen).toEqual([]);
  expect([...checks.values()].filter((times) => times > 0).length).toBeGreaterThan(checks.size / 2);
});
