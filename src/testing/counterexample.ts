/**
 * Looks for a random scenario under which an invariant falls, shrinks it, and hands it over as what people can use: a scenario file and a
 * replay token.
 */
import fc from 'fast-check';
import { INLINE, contentHash, encodeReplay } from '../scenarios/replay/replay-token.ts';
import { loadPlan, scenarioSource, scenarioText } from './plan.ts';
import { arbitraryPlan } from './arbitrary-plan.ts';
import type { PlanOptions } from './arbitrary-plan.ts';
import { check } from './plan-run.ts';
import type { CheckOptions, Violation } from './plan-run.ts';
import type { Plan } from './plan.ts';

/** What to search, and how long. */
export interface SearchOptions extends CheckOptions {
  /** Which plans. Default: all acts. */
  readonly plans?: PlanOptions;
  /** Random plans at most [count]. Default 100. */
  readonly numRuns?: number;
  /** Seed of the search [integer]; the same seed finds the same. Default 1. */
  readonly searchSeed?: number;
}

/** The shortest scenario found under which an invariant falls. */
export interface Counterexample {
  readonly plan: Plan;
  readonly violation: Violation;
  /** A scenario file that shows it: `idflow run FILE` exits with 1. */
  readonly scenario: string;
  /** `idflow replay TOKEN` runs it again. */
  readonly replayToken: string;
  /** Random plans tried before it was found, shrinking not counted [count]. */
  readonly tried: number;
}

/** Searches for a counterexample; undefined if none was found among the plans tried. */
export function findCounterexample(options: SearchOptions = {}): Counterexample | undefined {
  const { plans = {}, numRuns = 100, searchSeed = 1, ...checks } = options;
  const seed = checks.seed ?? 'idflow';
  const violationOf = (plan: Plan): Violation | undefined => check(loadPlan(plan), { ...checks, seed }).violations[0];
  const property = fc.property(arbitraryPlan(plans), (plan) => violationOf(plan) === undefined);
  const details = fc.check(property, { numRuns, seed: searchSeed });
  const [plan] = details.counterexample ?? [];
  if (plan === undefined) return undefined;
  const violation = violationOf(plan);
  if (violation === undefined) throw new Error('a counterexample does not fail when it is run again: a run is not deterministic');
  const text = JSON.stringify(withExpectation(plan, violation));
  const recipe = {
    scenario: `${INLINE}${text}`,
    content: contentHash([{ path: 'inline', text }]),
    seed,
    overrides: checks.overrides ?? {},
  };
  return {
    plan,
    violation,
    scenario: `${scenarioText(plan)}seed: ${JSON.stringify(seed)}\nexpect:\n  - always: ${violation.invariant}\n`,
    replayToken: encodeReplay({ ...recipe, ties: checks.ties ?? 'fixed', event: violation.first.place.event }),
    tried: details.numRuns,
  };
}

function withExpectation(plan: Plan, violation: Violation): object {
  return { ...scenarioSource(plan), expect: [{ always: violation.invariant }] };
}

/** A counterexample as a failing test should print it. */
export function describeCounterexample(found: Counterexample): string {
  const { violation, plan, scenario, replayToken, tried } = found;
  return [
    `${violation.invariant} fell after ${String(plan.steps.length)} steps (found in random plan ${String(tried)}):`,
    `  ${violation.first.text}`,
    '',
    'As a scenario file:',
    '',
    scenario,
    `Again: npx idflow replay ${replayToken}`,
  ].join('\n');
}

/** Fails with the shortest counterexample, as a scenario file and a replay token, if one is found. */
export function assertInvariants(options: SearchOptions = {}): void {
  const found = findCounterexample(options);
  if (found !== undefined) throw new Error(describeCounterexample(found));
}
