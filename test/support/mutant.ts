/**
 * `idflow/testing` built from sources in which one place was changed: a simulator with a known mistake in it, to see whether the tests
 * would find the mistake.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type * as testing from '../../src/testing/index.ts';

/** One change of one source file. */
export interface Mutation {
  /** Path below `src`. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly original: string;
  readonly changed: string;
}

/** The public testing kit with a mistake in it. Throws if the text to change does not stand in the file exactly once. */
export async function mutatedTesting(mutation: Mutation): Promise<typeof testing> {
  const root = join(import.meta.dirname, '../..');
  const path = join(root, 'src', mutation.file);
  const source = readFileSync(path, 'utf8');
  if (source.split(mutation.original).length !== 2) throw new Error(`${mutation.file} does not hold exactly once: ${mutation.original}`);
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/testing/index.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'silent',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [
      {
        name: 'mutation',
        setup: (builder) => {
          builder.onLoad({ filter: /\.ts$/ }, (args) =>
            args.path === path ? { contents: source.replace(mutation.original, () => mutation.changed), loader: 'ts' } : undefined,
          );
        },
      },
    ],
  });
  const folder = mkdtempSync(join(tmpdir(), 'idflow-mutant-'));
  try {
    const file = join(folder, 'testing.mjs');
    writeFileSync(file, outputFiles[0]?.text ?? '');
    return (await import(pathToFileURL(file).href)) as typeof testing;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
