/** Compiled scenarios count only while every file they were made from is the same to the letter. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isBuilt, readCompiled } from '../../src/cli/compiled-scenario.ts';
import { packagedNames, packageVersion, scenariosFolder } from '../../src/cli/package-folder.ts';
import { readSource } from '../../src/cli/scenario-file.ts';
import { folderWith } from '../support/command-line.ts';

async function compiledIn(folder: string, manifest: string): Promise<string> {
  const absolute = path.join(folder, 'small.yaml');
  writeFileSync(absolute, scenario);
  writeFileSync(path.join(folder, 'pod.yaml'), manifest);
  const reading = await readSource({ shown: 'small.yaml', absolute });
  if (!reading.ok) throw new Error(reading.lines.join('\n'));
  const file = path.join(folder, 'small.json');
  writeFileSync(file, JSON.stringify({ version: '1.0.0', ...reading }));
  return file;
}

const scenario = `question: Does it compile?
group: basics
horizon: 5m
world: { cluster: { network: azure, nodePools: [{ name: pool1, nodes: 1 }] } }
manifests: [pod.yaml]
`;
const manifest = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';

test('it is taken while nothing changed, and not when a manifest, the scenario, the version or a file is another', async () => {
  const folder = folderWith({});
  const file = await compiledIn(folder, manifest);
  const about = { folder, version: '1.0.0' };
  expect(readCompiled(file, about)).toMatchObject({ files: ['small.yaml', 'pod.yaml'], scenario: { question: 'Does it compile?' } });
  expect(readCompiled(file, { folder, version: '1.0.1' })).toBeUndefined();
  expect(readCompiled(path.join(folder, 'none.json'), about)).toBeUndefined();

  writeFileSync(path.join(folder, 'pod.yaml'), `${manifest}# changed\n`);
  expect(readCompiled(file, about)).toBeUndefined();
  writeFileSync(path.join(folder, 'pod.yaml'), manifest);
  expect(readCompiled(file, about)).toBeDefined();
  rmSync(path.join(folder, 'pod.yaml'));
  expect(readCompiled(file, about)).toBeUndefined();
});

test('every packaged scenario comes back from JSON as the loader made it', async () => {
  for (const name of packagedNames()) {
    const reading = await readSource({ shown: `scenarios/${name}.yaml`, absolute: path.join(scenariosFolder, `${name}.yaml`) });
    expect(JSON.parse(JSON.stringify(reading))).toStrictEqual(reading);
  }
});

test('a program that runs from its sources does not look for compiled scenarios', () => {
  expect(isBuilt).toBe(false);
  expect(packageVersion()).not.toBe('');
});
