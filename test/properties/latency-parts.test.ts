/**
 * Claim: whatever happens, the parts of every token sum to its whole wait to the microsecond, join without gaps, and each has a name of
 * the catalogue. Method: random wild scenarios; every token is divided when it is answered.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultCalibration } from '../../src/model/calibration/index.ts';
import { LATENCY_PARTS } from '../../src/model/labels.ts';
import { assemble } from '../../src/scenarios/assemble/index.ts';
import { arbitraryPlan } from '../../src/testing/arbitrary-plan.ts';
import { loadPlan } from '../../src/testing/plan.ts';
import type { Plan } from '../../src/testing/plan.ts';

const RUNS = 25;
const KNOWN: ReadonlySet<string> = new Set(LATENCY_PARTS);

/** Tokens that did not come out of a client's own cache, and what is wrong with their parts. */
function divided(plan: Plan): { readonly tokens: number; readonly faults: readonly string[] } {
  const world = assemble(loadPlan(plan), defaultCalibration(), { mode: 'fast' });
  const faults: string[] = [];
  let tokens = 0;
  world.observe({
    onFact: ({ at, event, fact }) => {
      if (fact.type !== 'token-answered' || fact.servedBy === 'clientCache') return;
      tokens += 1;
      let reached: number = fact.since;
      for (const { label, from, to } of world.trace.divide(event, fact.since)) {
        if (from !== reached) faults.push(`${fact.request}: a gap from ${String(reached)} to ${String(from)}`);
        if (!KNOWN.has(label)) faults.push(`${fact.request}: "${label}" is no part`);
        reached = to;
      }
      if (reached !== at) faults.push(`${fact.request}: its parts end at ${String(reached)}, not at ${String(at)}`);
    },
  });
  world.run();
  return { tokens, faults };
}

it('the parts of every token sum to its wait, in random scenarios', () => {
  let tokens = 0;
  fc.assert(
    fc.property(arbitraryPlan({ minSteps: 4, maxSteps: 14 }), (plan) => {
      const found = divided(plan);
      tokens += found.tokens;
      expect(found.faults).toEqual([]);
    }),
    { numRuns: RUNS, seed: 7 },
  );
  expect(tokens).toBeGreaterThan(2 * RUNS);
});
