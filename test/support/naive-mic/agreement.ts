/** Random worlds lived three times: by MIC in both modes, and by the naive MIC. */
import fc from 'fast-check';
import type * as testing from '../../../src/testing/index.ts';
import type { Plan, ReachedCorners } from '../../../src/testing/index.ts';
import { firstDifference, historyOf } from './index.ts';

/** What a number of worlds showed. */
export interface Agreement {
  readonly worlds: number;
  /** Worlds that reached each corner [count]. */
  readonly reached: Readonly<Record<keyof ReachedCorners, number>>;
  /** Working cycles of MIC over all worlds [count]. */
  readonly cycles: number;
  /** Worlds in which two of the three differed, with the first difference. */
  readonly differences: readonly string[];
}

/** Lives so many random worlds. */
export function agreementOver(
  worlds: number,
  kits: { readonly real: typeof testing; readonly naive: typeof testing },
  seed: number,
): Agreement {
  const reached: Record<string, number> = {};
  const differences: string[] = [];
  let cycles = 0;
  const plans = fc.sample(kits.real.arbitraryPlan({ minSteps: 5, maxSteps: 12, crowdedShare: 4 }), { numRuns: worlds, seed });
  for (const [n, plan] of plans.entries()) {
    const scenario = kits.real.loadPlan(withListOrder(plan, n));
    const options = { fingerprint: 'deep' as const, seed: `world/${String(n)}` };
    const fast = historyOf(kits.real, scenario, { ...options, mode: 'fast' });
    const recorded = historyOf(kits.real, scenario, { ...options, mode: 'recorded' });
    const naive = historyOf(kits.naive, scenario, { ...options, mode: 'fast' });
    const difference = firstDifference(fast, recorded) ?? firstDifference(fast, naive);
    if (difference !== undefined) differences.push(`world ${String(n)}: ${difference}\n${JSON.stringify(plan)}`);
    cycles += fast.cycles;
    for (const [corner, count] of Object.entries(fast.reached as unknown as Record<string, number>))
      reached[corner] = (reached[corner] ?? 0) + Math.min(1, count);
  }
  return { worlds, reached: reached as Agreement['reached'], cycles, differences };
}

/** Every other world lists its caches in the order given, the rest by chance, as the real ones do. */
function withListOrder(plan: Plan, n: number): Plan {
  return { ...plan, parameters: { ...plan.parameters, 'informer.listOrder': n % 2 === 0 ? 'seeded' : 'given' } };
}
