/**
 * What npm runs after an installation: the build.
 *
 * `npx idflow` in a clone has npm link the clone into a cache of its own, for which it runs this again: what is built already stays then.
 */
import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const isForNpx = process.env['npm_command'] === 'exec';

if (!isForNpx || !existsSync(path.join(root, 'dist', 'cli', 'main.js'))) execSync('npm run build', { cwd: root, stdio: 'inherit' });
