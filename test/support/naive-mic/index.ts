/** The testing kit whose MIC is the naive one, and what of two histories is compared. */
import { join } from 'node:path';
import type { Fact } from '../../../src/model/facts/index.ts';
import type * as testing from '../../../src/testing/index.ts';
import type { CheckOptions, ReachedCorners } from '../../../src/testing/index.ts';
import { replacedTesting } from '../mutant.ts';

/** Builds the kit. */
export async function naiveTesting(): Promise<typeof testing> {
  return replacedTesting({
    'actors/mic/desired-set.ts': join(import.meta.dirname, 'decisions.ts'),
    'actors/mic/survey.ts': join(import.meta.dirname, 'survey.ts'),
    'actors/mic/plan.ts': join(import.meta.dirname, 'tracks.ts'),
  });
}

/** What a run of a plan came to. */
export interface History {
  readonly fingerprint: string;
  /** Facts in the order in which they were stated; those of one event sorted, since they are one set. */
  readonly facts: readonly string[];
  readonly reached: ReachedCorners;
  /** Cycles of MIC that had work. */
  readonly cycles: number;
}

/** Runs a scenario with one kit and keeps its history. */
export function historyOf(
  kit: Pick<typeof testing, 'check'>,
  scenario: Parameters<typeof testing.check>[0],
  options: CheckOptions,
): History {
  const facts: { readonly event: number; readonly text: string }[] = [];
  let cycles = 0;
  const { outcome, reached } = kit.check(scenario, {
    invariants: [],
    ...options,
    observe: {
      onFact: ({
        event,
        at,
        actor,
        fact,
      }: {
        readonly event: number;
        readonly at: number;
        readonly actor: string;
        readonly fact: Fact;
      }) => {
        if (fact.type === 'mic-cycle-started') cycles += 1;
        facts.push({ event, text: `${String(at)} ${String(event).padStart(9, '0')} ${actor} ${JSON.stringify(fact)}` });
      },
    },
  });
  const sorted = facts.sort((a, b) => a.event - b.event || (a.text < b.text ? -1 : Number(a.text > b.text)));
  return { fingerprint: outcome.fingerprint, facts: sorted.map(({ text }) => text), reached, cycles };
}

/** First line in which two histories differ; undefined when they are the same. */
export function firstDifference(a: History, b: History): string | undefined {
  for (let n = 0; n < Math.max(a.facts.length, b.facts.length); n += 1) {
    if (a.facts[n] !== b.facts[n]) return `fact ${String(n)}:\n  ${a.facts[n] ?? 'none'}\n  ${b.facts[n] ?? 'none'}`;
  }
  return a.fingerprint === b.fingerprint ? undefined : `fingerprints ${a.fingerprint} and ${b.fingerprint}`;
}
