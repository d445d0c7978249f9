/**
 * Bundles the command line into a few files: starting Node on one file instead of some four hundred is what makes `npm start` quick.
 *
 * Run by `npm run build` after the compiler; replaces dist/cli. Each command stays a chunk of its own, loaded when it is asked for.
 */
import { chmodSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const target = path.resolve(root, process.argv[2] ?? 'dist/cli');

/** Zod brings its messages in fifty languages, half of its size; this program speaks English. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup: (bundle) => {
    bundle.onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\][\w-]+[.]js$/ }, ({ path: file }) =>
      /[/\\](?:en|index)[.]js$/.test(file) ? undefined : { contents: 'export default () => ({});' },
    );
  },
};

/** Importing `node:process` opens stdin, which takes as long as compiling all of this; the global does not. */
const lazyProcess: Plugin = {
  name: 'lazy-process',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^(?:node:)?process$/ }, () => ({ path: 'process', namespace: 'global' }));
    bundle.onLoad({ filter: /^process$/, namespace: 'global' }, () => ({ contents: 'module.exports = globalThis.process;' }));
  },
};

rmSync(target, { recursive: true, force: true });
await build({
  entryPoints: [path.join(root, 'src/cli/main.ts')],
  absWorkingDir: root,
  outdir: target,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  minify: true,
  // Stack traces of a mistake in the simulator name classes and functions.
  keepNames: true,
  legalComments: 'linked',
  charset: 'utf8',
  logLevel: 'warning',
  plugins: [englishOnly, lazyProcess],
  // Packages in the older module form ask for Node's own modules by `require`.
  banner: { js: "import{createRequire as __from}from'node:module';const require=__from(import.meta.url);" },
});
chmodSync(path.join(target, 'main.js'), 0o755);
