/** Where this package lies: its version, and the scenarios that come with it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Folder with package.json: the nearest above this file, whether it runs from src, dist or a bundle. */
export const packageFolder: string = folderOf(import.meta.dirname);

/** Folder with the packaged scenarios. */
export const scenariosFolder: string = path.join(packageFolder, 'scenarios');

/** Version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8')) as { readonly version: string };
  return version;
}

/** Names of the packaged scenarios, in code-unit order. */
export function packagedNames(): readonly string[] {
  if (!existsSync(scenariosFolder)) return [];
  return readdirSync(scenariosFolder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** Paths of the packaged incidents, in the order of their ids. */
export function incidentFiles(): readonly string[] {
  const folder = path.join(scenariosFolder, 'incidents');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => path.join(folder, file));
}

/** Id of a packaged incident, which its file's name begins with. */
export function incidentIdOf(file: string): string {
  return /^[A-Z]+-\d+/u.exec(path.basename(file))?.[0] ?? path.basename(file);
}

function folderOf(start: string): string {
  let folder = start;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const above = path.dirname(folder);
    if (above === folder) throw new Error(`no package.json above ${start}`);
    folder = above;
  }
  return folder;
}
