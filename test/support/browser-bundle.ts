/** The core entry, bundled as a browser page would load it. A Node module anywhere below the entry makes the bundle fail. */
import path from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from './repository.ts';

/** The global name under which the bundle offers the core. */
export const bundleGlobal = 'idflow';

/**
 * Bundles one module for a browser as one classic script that sets {@link bundleGlobal}.
 *
 * @param entry - path from the repository's root, or absolute
 * @throws when a module cannot be resolved in a browser, `node:*` above all
 */
export async function bundleForBrowser(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [path.resolve(repositoryRoot, entry)],
    absWorkingDir: repositoryRoot,
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: bundleGlobal,
    target: 'es2023',
    charset: 'utf8',
    logLevel: 'silent',
  });
  const [script] = result.outputFiles;
  if (script === undefined) throw new Error(`esbuild wrote nothing for ${entry}`);
  return script.text;
}
