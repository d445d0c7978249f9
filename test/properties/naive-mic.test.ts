/**
 * Claim: MIC, which keeps its desired set up to date and compares what changed, decides what a MIC that lists and compares everything in
 * every cycle decides; and it does so in both modes. Method: random wild worlds, every fact and the deep fingerprint of both compared.
 * The long suite does the same over 1,000 worlds.
 */
import { expect, it } from 'vitest';
import * as real from '../../src/testing/index.ts';
import { mutatedTesting } from '../support/mutant.ts';
import { agreementOver } from '../support/naive-mic/agreement.ts';
import { naiveTesting } from '../support/naive-mic/index.ts';

it('60 random worlds go the same with the incremental MIC in both modes and with the naive one', async () => {
  const agreement = agreementOver(60, { real, naive: await naiveTesting() }, 2026);
  expect(agreement.differences).toEqual([]);
  expect(agreement.cycles).toBeGreaterThan(300);
  for (const [corner, count] of Object.entries(agreement.reached)) expect(count, corner).toBeGreaterThan(0);
}, 900_000);

it('a MIC that does not notice changed bindings differs from the naive one', async () => {
  const mistaken = await mutatedTesting({
    file: 'actors/mic/desired-set.ts',
    original: '  for (const key of changed.bindings) addPodsOfBinding(key, pods, rows, caches);\n',
    changed: '  for (const key of changed.bindings) void key;\n',
  });
  expect(agreementOver(25, { real: mistaken, naive: await naiveTesting() }, 2026).differences).not.toEqual([]);
}, 900_000);
