/** The core in a real browser: the bundle loads into a headless Chromium page and answers there as it answers in Node. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as core from '../../src/index.ts';
import { bundleForBrowser, bundleGlobal } from '../support/browser-bundle.ts';
import { askPage, startChromium } from '../support/chromium.ts';
import { filesUnder } from '../support/repository.ts';
import { questions, runOf } from './probe.ts';

let browser: Browser;
let script: string;
let probe: string;

beforeAll(async () => {
  [browser, script, probe] = await Promise.all([
    startChromium(),
    bundleForBrowser('src/index.ts'),
    bundleForBrowser('test/browser/probe.ts'),
  ]);
});

afterAll(async () => {
  await browser.close();
});

test('the core loads without an error or a request and offers the same names as in Node', async () => {
  const answer = await askPage(browser, { script, expression: `Object.keys(${bundleGlobal}).sort()` });
  expect(answer).toEqual({ value: Object.keys(core).sort(), complaints: [] });
});

test.each(Object.keys(questions))('%s: the page answers as Node does, to the last bit', async (question) => {
  const answer = await askPage(browser, { script: probe, expression: `${bundleGlobal}.questions[${JSON.stringify(question)}]()` });
  const here = questions[question]?.() ?? [];
  expect(new Set(here).size).toBeGreaterThan(1);
  expect(answer).toEqual({ value: here, complaints: [] });
});

test('the main scenario runs in the page as it does in Node: same fingerprint, same report, fast and recorded', async () => {
  const files = Object.fromEntries(filesUnder('scenarios').map(({ path, text }) => [path.replace('scenarios/', ''), text]));
  const expression = `${bundleGlobal}.runOf('aks-sql-token.yaml', ${JSON.stringify(files)})`;
  const here = runOf('aks-sql-token.yaml', files);
  expect(here[0]).toMatch(/^[0-9a-f]{16}\/\d{3,}$/);
  expect(here[2]).toBe(here[0]);
  expect(await askPage(browser, { script: probe, expression })).toEqual({ value: here, complaints: [] });
}, 120_000);

test('a page that throws and a page that reaches for the network are noticed', async () => {
  const thrown = await askPage(browser, { script: 'throw new Error("planted")', expression: '1' });
  expect(thrown).toEqual({ value: 1, complaints: ['planted'] });
  const curious = await askPage(browser, {
    script: 'void 0',
    expression: 'fetch("http://127.0.0.1:9/planted").then(() => "reached", () => "refused")',
  });
  expect(curious).toEqual({ value: 'refused', complaints: ['asked for http://127.0.0.1:9/planted'] });
});
