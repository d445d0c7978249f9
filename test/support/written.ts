/** Scenarios that a test writes itself, run to their end. */
import { loadScenario } from '../../src/scenarios/load.ts';
import type { Fact, FactOf, FactType } from '../../src/model/facts/index.ts';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import type { World } from '../../src/scenarios/assemble/index.ts';
import { worldOf } from './packaged.ts';

/** A run with its facts, in order. */
export interface WrittenRun {
  readonly world: World;
  readonly facts: readonly { readonly at: number; readonly fact: Fact }[];
}

/** Loads the text of a scenario; what is wrong with it fails the test. */
export function written(text: string, path = 'written.yaml'): ScenarioDescription {
  const loaded = loadScenario({ path, text: `question: What happens?\ngroup: migration\n${text}`, readText: () => undefined });
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => `${problem.path}: ${problem.rule}`).join('\n'));
  return loaded.scenario;
}

/** Runs the text of a scenario to its end. */
export function runWritten(text: string, overrides: Overrides = {}, seed?: string): WrittenRun {
  const world = worldOf(written(text), { overrides, ...(seed === undefined ? {} : { seed }) });
  const facts: { readonly at: number; readonly fact: Fact }[] = [];
  world.observe({ onFact: ({ at, fact }) => void facts.push({ at: at / 1e6, fact }) });
  world.run();
  return { world, facts };
}

/** Facts of one type, with their times [s]. */
export function told<T extends FactType>({ facts }: WrittenRun, type: T): readonly (FactOf<T> & { readonly at: number })[] {
  return facts.flatMap(({ at, fact }) => (fact.type === type ? [{ ...(fact as FactOf<T>), at }] : []));
}
