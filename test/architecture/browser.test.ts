/** The core runs where there is no Node: bundled for a browser and executed in a bare JavaScript realm. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import * as core from '../../src/index.ts';
import { bundleForBrowser, bundleGlobal } from '../support/browser-bundle.ts';

/** Runs a script in a realm with the language's own globals and the text coders that every page and worker has, and answers with the names the core offers. */
function namesOffered(script: string): readonly string[] {
  const realm = createContext({ TextDecoder, TextEncoder });
  runInContext(script, realm, { timeout: 20_000 });
  return runInContext(`Object.keys(${bundleGlobal}).sort()`, realm) as readonly string[];
}

function plantedModule(text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'idflow-browser-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = path.join(folder, 'planted.ts');
  writeFileSync(file, text);
  return file;
}

test('the core loads in a realm without process, require, console and timers, and offers the same names as in Node', async () => {
  const script = await bundleForBrowser('src/index.ts');
  expect([...namesOffered(script)]).toEqual(Object.keys(core).sort());
});

test('a module that imports node:fs cannot be bundled', async () => {
  const file = plantedModule("import { readFileSync } from 'node:fs';\nexport const text = readFileSync('a', 'utf8');\n");
  await expect(bundleForBrowser(file)).rejects.toThrow('Could not resolve "node:fs"');
});

test('a module that asks for process fails when it is loaded', async () => {
  const script = await bundleForBrowser(plantedModule('export const where = process.cwd();\n'));
  expect(() => namesOffered(script)).toThrow('process is not defined');
});
