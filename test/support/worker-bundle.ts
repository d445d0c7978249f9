/** The simulator as one script for a worker thread: it runs the plan it is given and posts the fingerprint. */
import { join } from 'node:path';
import { build } from 'esbuild';

const SCRIPT = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { checkPlan } from './src/testing/plan-run.ts';
  parentPort.postMessage(checkPlan(workerData, { fingerprint: 'deep' }).outcome.fingerprint);
`;

/** Text of the script. */
export async function bundleForWorker(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild wrote nothing');
  return file.text;
}
