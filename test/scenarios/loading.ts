/** Loads scenarios in tests: from texts, and from the folder of examples. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import type { LoadResult } from '../../src/scenarios/load.ts';
import { formatNote, formatProblem } from '../../src/scenarios/problem.ts';

/** Files by the path the scenario names. */
export type Files = Readonly<Record<string, string>>;

/** Folder of the examples. */
export const EXAMPLES = join(import.meta.dirname, '../../scenarios');

/** Names of the examples, without ending. */
export const EXAMPLE_NAMES = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''))
  .sort();

/** Loads a text as `test.yaml`. */
export function load(text: string, files: Files = {}): LoadResult {
  return loadScenario({ path: 'test.yaml', text, readText: (path) => (Object.hasOwn(files, path) ? files[path] : undefined) });
}

/** Problems of a text, one a line. */
export function problemsOf(text: string, files: Files = {}): readonly string[] {
  const loaded = load(text, files);
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
}

/** Notes of a text, one a line. */
export function notesOf(text: string, files: Files = {}): readonly string[] {
  return load(text, files).notes.map(formatNote);
}

/** The description of a text that must be valid. */
export function described(text: string, files: Files = {}): ScenarioDescription {
  const loaded = load(text, files);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.scenario;
}

/** A valid scenario with other parts: a cluster of one pool, and what `parts` says. */
export function scenarioText(parts: { readonly world?: object; readonly cluster?: object; readonly rest?: object } = {}): string {
  const cluster = { nodePools: [{ name: 'pool1', nodes: 3 }], ...parts.cluster };
  return stringify({ question: 'Is it so?', group: 'basics', horizon: '30m', world: { cluster, ...parts.world }, ...parts.rest });
}

/** Loads an example with its manifests. */
export function loadExample(name: string): LoadResult {
  const readText = (path: string): string | undefined => {
    const whole = join(EXAMPLES, path);
    return existsSync(whole) ? readFileSync(whole, 'utf8') : undefined;
  };
  return loadScenario({ path: `scenarios/${name}.yaml`, text: readFileSync(join(EXAMPLES, `${name}.yaml`), 'utf8'), readText });
}
