/** Runs one recording and says whether the simulator agrees. */
import { differenceBetween } from './comparison.ts';
import type { Difference } from './comparison.ts';
import { replay } from './replay.ts';
import type { Chance } from './replay.ts';
import type { Vector } from './vector.ts';

/** How many ways chance may fall before an outcome left to chance counts as never reached. */
const TRIES = 200;

/** Passed, or the first difference to the (first) recorded outcome. */
export type Judgement = { readonly verdict: 'passed' } | { readonly verdict: 'failed'; readonly text: string };

/** One outcome must come out under either list order; of several, one must come out in some of many tries. */
export function judge(vector: Vector): Judgement {
  const outcomes = vector.outcomes ?? (vector.expect === undefined ? [] : [vector.expect]);
  const tries = vector.outcomes === undefined ? STEADY : MANY;
  let first: Difference | undefined;
  for (const chance of tries) {
    const seen = replay(vector, chance);
    const differences = outcomes.map((outcome) => differenceBetween(outcome, seen));
    const isMatch = differences.includes(undefined);
    first ??= isMatch ? undefined : differences[0];
    if (vector.outcomes === undefined && !isMatch) break;
    if (vector.outcomes !== undefined && isMatch) return { verdict: 'passed' };
  }
  if (first === undefined) return { verdict: 'passed' };
  return {
    verdict: 'failed',
    text: `step ${String(first.step)}, ${first.field}: expected ${first.expected}, seen ${first.seen}`,
  };
}

const STEADY: readonly Chance[] = [
  { listOrder: 'given', seed: 'a' },
  { listOrder: 'seeded', seed: 'b' },
];

const MANY: readonly Chance[] = [
  { listOrder: 'given', seed: 'a' },
  ...Array.from({ length: TRIES }, (_, index): Chance => ({ listOrder: 'seeded', seed: `s${String(index)}` })),
];
