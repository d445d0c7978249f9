/**
 * Loads the packaged scenarios once, at build time, into dist/scenarios: running one then needs neither the YAML reader nor the schema.
 *
 * Fails the build if a packaged scenario is not valid, or would not come back from JSON as it went.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compiledPath } from '../src/cli/compiled-scenario.ts';
import type { CompiledScenario } from '../src/cli/compiled-scenario.ts';
import { packagedNames, packageVersion, scenariosFolder } from '../src/cli/package-folder.ts';
import { readSource } from '../src/cli/scenario-file.ts';

for (const name of packagedNames()) {
  const reading = await readSource({ shown: `scenarios/${name}.yaml`, absolute: path.join(scenariosFolder, `${name}.yaml`) });
  if (!reading.ok) throw new Error(`scenario ${name} is not valid:\n${reading.lines.join('\n')}`);
  const { content, files, scenario, notes } = reading;
  const compiled: CompiledScenario = { version: packageVersion(), content, files, scenario, notes };
  const text = JSON.stringify(compiled);
  if (!isDeepStrictEqual(JSON.parse(text), compiled)) throw new Error(`scenario ${name} holds something that JSON does not`);
  mkdirSync(path.dirname(compiledPath(name)), { recursive: true });
  writeFileSync(compiledPath(name), text);
}
