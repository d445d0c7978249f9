/** `npm run differential -- DIR`: replays every recording in the JSON files of a folder. Exit code 1 if one of them differs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byText } from '../stage/control-plane.ts';
import { judge } from './judgement.ts';
import type { Vector } from './vector.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npm run differential -- DIR');
  process.exitCode = 2;
} else {
  process.exitCode = runAll(folder) === 0 ? 0 : 1;
}

/** Replays all; answers how many failed. */
function runAll(from: string): number {
  let [passed, failed] = [0, 0];
  const files = readdirSync(from)
    .filter((name) => name.endsWith('.json'))
    .sort(byText);
  for (const file of files) {
    for (const vector of JSON.parse(readFileSync(join(from, file), 'utf8')) as Vector[]) {
      const text = failureOf(vector);
      if (text === undefined) passed += 1;
      else {
        failed += 1;
        console.log(`${vector.id}: ${text}`);
      }
    }
  }
  console.log(`${String(passed)} passed, ${String(failed)} failed, 0 skipped`);
  return failed;
}

function failureOf(vector: Vector): string | undefined {
  try {
    const judgement = judge(vector);
    return judgement.verdict === 'failed' ? judgement.text : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
