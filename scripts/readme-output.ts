/**
 * Puts the present output of the main scenario into the block of README.md that shows a part of it.
 *
 *   tsx scripts/readme-output.ts     after a change that moves numbers of `aks-sql-token`
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const readme = path.join(root, 'README.md');
/** Rows of the latency table that are shown. */
const ROWS = 3;

const printed = execFileSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'run', 'aks-sql-token'], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, NO_COLOR: '1', COLUMNS: '80' },
});
const lines = printed.split('\n');
const title = 'What first tokens waited for';
const at = lines.findIndex((line) => line.startsWith(title));
if (at < 0) throw new Error(`the report has no section "${title}"`);
const shown = [lines[0], '', ...lines.slice(at, at + 1 + ROWS)].join('\n');
writeFileSync(
  readme,
  readFileSync(readme, 'utf8').replace(/^```text\n[\s\S]*?^```/m, () => `\`\`\`text\n${shown}\n\`\`\``),
);
