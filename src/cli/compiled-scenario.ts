/**
 * Packaged scenarios as the build left them: loaded and checked already, so that running one needs neither the YAML reader nor the schema.
 *
 * A compiled scenario counts only while the files it was made from are the same to the letter; else the loader reads them anew.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { contentHash } from '../scenarios/replay/replay-token.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';
import type { Note } from '../scenarios/problem.ts';
import { packageFolder } from './package-folder.ts';

/** A compiled scenario as it lies in a file. */
export interface CompiledScenario {
  /** Version of the package that compiled it. */
  readonly version: string;
  /** Hash of all its files. */
  readonly content: string;
  /** Its files as the scenario names them; the first is the scenario itself. */
  readonly files: readonly string[];
  readonly scenario: ScenarioDescription;
  readonly notes: readonly Note[];
}

/** Where the compiled form of a packaged scenario lies. */
export function compiledPath(name: string): string {
  return path.join(packageFolder, 'dist', 'scenarios', `${name}.json`);
}

/** Whether this program is the built one: run from its sources, it must not take what an older build made of them. */
export const isBuilt: boolean = import.meta.dirname.startsWith(path.join(packageFolder, 'dist'));

/**
 * The compiled scenario in a file, if there is one and it is up to date.
 *
 * @param about.folder - of the scenario it was made from
 */
export function readCompiled(file: string, about: { readonly folder: string; readonly version: string }): CompiledScenario | undefined {
  if (!existsSync(file)) return undefined;
  const compiled = JSON.parse(readFileSync(file, 'utf8')) as CompiledScenario;
  if (compiled.version !== about.version) return undefined;
  const absolute = compiled.files.map((relative) => path.join(about.folder, relative));
  if (!absolute.every((one) => existsSync(one))) return undefined;
  const texts = compiled.files.map((relative, index) => ({ path: relative, text: readFileSync(absolute[index] ?? '', 'utf8') }));
  return contentHash(texts) === compiled.content ? compiled : undefined;
}
