/** The scenarios that come with the project, for tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { resolve } from '../../src/model/calibration/index.ts';
import type { Overrides } from '../../src/model/calibration/index.ts';
import { assemble } from '../../src/scenarios/assemble/index.ts';
import type { AssemblyOptions, World } from '../../src/scenarios/assemble/index.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import { loadScenario } from '../../src/scenarios/load.ts';

const FOLDER = join(import.meta.dirname, '../../scenarios');

/** Names of all packaged scenarios, sorted. */
export const PACKAGED: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .sort();

/** Loads a packaged scenario. */
export function packaged(name: string): ScenarioDescription {
  const loaded = loadScenario({
    path: `scenarios/${name}.yaml`,
    text: readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'),
    readText: (file) => readFileSync(join(FOLDER, file), 'utf8'),
  });
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => `${problem.path}: ${problem.rule}`).join('\n'));
  return loaded.scenario;
}

/** The world of a scenario, with some knobs set. */
export function worldOf(scenario: ScenarioDescription, options: AssemblyOptions & { readonly overrides?: Overrides } = {}): World {
  const { overrides = {}, ...rest } = options;
  const resolution = resolve({ ...scenario.overrides, ...overrides });
  if (!resolution.ok) throw new Error(resolution.problems.map(({ knob, rule }) => `${knob}: ${rule}`).join('\n'));
  return assemble(scenario, resolution.calibration, { mode: 'fast', ...rest });
}
