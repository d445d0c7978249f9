/** docs/SCENARIOS.md tells the language as the schema has it, and every name that it knows; docs/KNOBS.md the notation and all sources. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { factsPage } from '../../scripts/facts-page.ts';
import { knobsPage, scenariosPage } from '../../scripts/reference-pages.ts';
import { catalogue, parseKnobValue } from '../../src/model/calibration/index.ts';
import { CONDITION_NAMES, INVARIANT_NAMES } from '../../src/scenarios/schema/claim-names.ts';
import { FACT_FIELDS } from '../../src/scenarios/schema/fact-fields.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { repositoryRoot } from '../support/repository.ts';

const page = readFileSync(path.join(repositoryRoot, 'docs/SCENARIOS.md'), 'utf8');

test('the page is what the script makes of the schema (else: npx tsx scripts/reference-pages.ts)', async () => {
  expect(page).toBe(await scenariosPage());
});

test('the page of facts is what the script makes of the sources, and every fact has all its fields', async () => {
  const facts = readFileSync(path.join(repositoryRoot, 'docs/FACTS.md'), 'utf8');
  expect(facts).toBe(await factsPage());
  for (const [type, fields] of Object.entries(FACT_FIELDS)) {
    const line = facts.split('\n').find((text) => text.startsWith(`- \`${type}\``)) ?? '';
    expect({ type, missing: fields.filter((field) => !line.includes(`\`${field}\``)) }).toEqual({ type, missing: [] });
  }
});

test('the page of knobs is what the script makes of the sources, and every value it shows can be read', async () => {
  const knobs = readFileSync(path.join(repositoryRoot, 'docs/KNOBS.md'), 'utf8');
  expect(knobs).toBe(await knobsPage());
  const shown = [...knobs.matchAll(/^\| `(\w+\(.*?\))` /gmu)].map(([, text = '']) => text);
  expect(shown.length).toBeGreaterThan(6);
  for (const text of shown) {
    const knob =
      catalogue[text.startsWith('TB') ? 'arm.bucket.reads' : text.startsWith('Bern') ? 'app.cachesToken' : 'vmss.patch.duration'];
    expect({ text, read: parseKnobValue(knob, text) }).toMatchObject({ text, read: { ok: true } });
  }
});

test('each invariant, each condition and each verb has its line, and none is without a word of explanation', () => {
  for (const name of [...INVARIANT_NAMES, ...CONDITION_NAMES]) expect(page).toMatch(new RegExp(`^- \`${name}\`: \\w`, 'mu'));
  const verbs = page
    .slice(page.indexOf('### Verbs'), page.indexOf('## expect'))
    .split('\n')
    .filter((line) => line.startsWith('- `'));
  expect(verbs.length).toBeGreaterThan(40);
  expect(verbs.filter((line) => !/^- `\w+` \(.*\): \w/u.test(line))).toEqual([]);
});

test('the example is a valid scenario', () => {
  const text = /```yaml\n([\s\S]*?)```/u.exec(page)?.[1] ?? '';
  const manifest = [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: { name: orders, namespace: shop }',
    'spec: { replicas: 1, selector: { matchLabels: { app: orders } }, template: { metadata: { labels: { app: orders } }, spec: { containers: [{ name: main, image: orders }] } } }',
  ];
  const loaded = loadScenario({
    path: 'example.yaml',
    text,
    readText: () => `apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---\n${manifest.join('\n')}\n`,
  });
  expect(loaded).toMatchObject({ ok: true });
});
