/**
 * `idflow/testing` built from other sources than those of the repository: with one place changed (a simulator with a known mistake in
 * it, to see whether the tests would find the mistake), or with whole modules replaced.
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

/** Modules that others stand in for: absolute paths by path below `src`. */
export type Replacements = Readonly<Record<string, string>>;

const ROOT = join(import.meta.dirname, '../..');

/** Contents of the changed file. Throws if the text to change does not stand in it exactly once. */
export function mutatedText(mutation: Mutation): string {
  const source = readFileSync(join(ROOT, 'src', mutation.file), 'utf8');
  if (source.split(mutation.original).length !== 2) throw new Error(`${mutation.file} does not hold exactly once: ${mutation.original}`);
  return source.replace(mutation.original, () => mutation.changed);
}

/** The public testing kit with a mistake in it. */
export async function mutatedTesting(mutation: Mutation): Promise<typeof testing> {
  return loadTesting({ [join(ROOT, 'src', mutation.file)]: mutatedText(mutation) });
}

/** The public testing kit with modules replaced; throws if one of them is not used. */
export async function replacedTesting(replacements: Replacements): Promise<typeof testing> {
  const texts = Object.entries(replacements).map(([file, by]) => [join(ROOT, 'src', file), `export * from ${JSON.stringify(by)};`]);
  return loadTesting(Object.fromEntries(texts) as Record<string, string>);
}

async function loadTesting(texts: Readonly<Record<string, string>>): Promise<typeof testing> {
  const used = new Set<string>();
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'src/testing/index.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'silent',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [
      {
        name: 'other sources',
        setup: (builder) => {
          builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = texts[path];
            if (contents === undefined) return undefined;
            used.add(path);
            return { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  const idle = Object.keys(texts).filter((path) => !used.has(path));
  if (idle.length > 0) throw new Error(`nobody imports ${idle.join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'idflow-mutant-'));
  try {
    const file = join(folder, 'testing.mjs');
    writeFileSync(file, outputFiles[0]?.text ?? '');
    return (await import(pathToFileURL(file).href)) as typeof testing;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
