/** Claim: Mermaid draws our sequence diagrams in a page: every participant, every arrow, a box for each machine, and nothing too wide. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { after, minutes, ORIGIN } from '../../src/kernel/time.ts';
import { mermaidDiagram } from '../../src/report/export/index.ts';
import { journalOf } from '../report/export/journal-of.ts';
import { askPage, startChromium } from '../support/chromium.ts';

/** A participant with the room beside it [pixels]: as wide as Mermaid draws one with room for a line of text. */
const COLUMN = 240;

let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
});

afterAll(async () => {
  await browser.close();
});

const mermaid = readFileSync(
  createRequire(import.meta.url)
    .resolve('mermaid')
    .replace(/[^/]+$/u, 'mermaid.min.js'),
  'utf8',
);

const draw = (text: string): string => `(async () => {
  mermaid.initialize({ startOnLoad: false, sequence: { useMaxWidth: false } });
  const { svg } = await mermaid.render('drawn', ${JSON.stringify(text)});
  document.body.innerHTML = svg;
  const count = (selector) => document.querySelectorAll(selector).length;
  return {
    participants: count('rect.actor-top'),
    arrows: count('line[class^=messageLine]'),
    boxes: [...document.querySelectorAll('rect')].filter((one) => /245/.test(one.getAttribute('fill') ?? '')).length,
    width: document.querySelector('svg').getBoundingClientRect().width,
  };
})()`;

test.each(['aks-sql-token', 'node-scale-out', 'vm-system-assigned'])('Mermaid draws the whole of a slice of %s', async (name) => {
  const { journal } = journalOf(name);
  const text = mermaidDiagram(journal, { from: after(ORIGIN, minutes(0)), to: after(ORIGIN, minutes(4)) });
  const lines = text.split('\n');
  const participants = lines.filter((line) => line.startsWith('  participant')).length;
  const answer = await askPage(browser, { script: mermaid, expression: draw(text) });
  expect(answer.complaints).toEqual([]);
  expect(answer.value).toMatchObject({
    participants,
    arrows: lines.filter((line) => /^ {2}p\d+--?>>/u.test(line)).length,
    boxes: lines.filter((line) => line.startsWith('  box')).length,
  });
  expect((answer.value as { readonly width: number }).width).toBeLessThan(participants * COLUMN);
});
