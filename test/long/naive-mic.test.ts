/** The incremental MIC, in both modes, against the naive one: 1,000 random worlds, and what they reached. */
import { expect, it } from 'vitest';
import * as real from '../../src/testing/index.ts';
import { agreementOver } from '../support/naive-mic/agreement.ts';
import { naiveTesting } from '../support/naive-mic/index.ts';

const WORLDS = 1000;
/** Fewest worlds that shall reach each corner. */
const AT_LEAST = 30;

it(`${String(WORLDS)} random worlds go the same with the incremental MIC in both modes and with the naive one`, async () => {
  const agreement = agreementOver(WORLDS, { real, naive: await naiveTesting() }, 1);
  const { reached, cycles, worlds } = agreement;
  process.stdout.write(`${String(worlds)} worlds, ${String(cycles)} cycles with work; worlds that reached: ${JSON.stringify(reached)}\n`);
  expect(agreement.differences).toEqual([]);
  for (const [corner, count] of Object.entries(reached)) expect(count, corner).toBeGreaterThanOrEqual(AT_LEAST);
});
