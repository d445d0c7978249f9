/** The repository as a list of texts, for tests that read the project itself. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One text file of the repository. */
export interface RepositoryFile {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Absolute path of the repository's root. */
export const repositoryRoot: string = path.resolve(import.meta.dirname, '..', '..');

/** What is made, not written. In a worktree `.git` is a file. */
const notOurs = new Set(['.git', 'node_modules', 'dist', 'coverage', '.tmp', 'runs']);

/** Endings of files that are not text. */
const binary = /[.](?:png|jpg|gif|ico|woff2?|gz|tgz|zip|pdf)$/;

/**
 * Every text file below a folder, in code-unit order of its path.
 *
 * @param folder - from the root, `''` for everything; a folder that does not exist has no files
 */
export function filesUnder(folder: string): readonly RepositoryFile[] {
  return pathsUnder(folder).map((file) => ({ path: file, text: readFileSync(path.join(repositoryRoot, file), 'utf8') }));
}

function pathsUnder(folder: string): readonly string[] {
  const entries = readEntries(path.join(repositoryRoot, folder));
  const found = entries.flatMap((entry) => {
    const here = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (notOurs.has(entry.name)) return [];
    if (entry.isDirectory()) return pathsUnder(here);
    return entry.isFile() && !binary.test(entry.name) ? [here] : [];
  });
  return found.sort();
}

function readEntries(absolute: string) {
  try {
    return readdirSync(absolute, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
