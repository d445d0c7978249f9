/** The catalogue of incidents on the default seeds, and docs/INCIDENTS.md, from one run of all. */
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { incidentsPage, reenactAll } from '../../scripts/incidents.ts';
import type { ReenactedIncident } from '../../scripts/incidents.ts';
import { repositoryRoot } from '../support/repository.ts';

let all: readonly ReenactedIncident[] = [];
beforeAll(async () => {
  all = await reenactAll();
}, 600_000);

test('every incident shows its symptom and figures, is cured by its cure, and does not show without its cause', () => {
  expect(all.length).toBeGreaterThan(10);
  expect(all.flatMap(({ result: { id, reasons } }) => reasons.map((reason) => `${id} ${reason}`))).toEqual([]);
});

test('each file is named by the id of its incident, and no id comes twice', () => {
  const ids = all.map(({ scenario }) => scenario.incident.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { scenario } of all) expect(scenario.name.startsWith(`${scenario.incident.id}-`)).toBe(true);
});

test('docs/INCIDENTS.md is what these runs say (else: npx tsx scripts/incidents.ts)', async () => {
  await expect(await incidentsPage(all)).toMatchFileSnapshot(path.join(repositoryRoot, 'docs/INCIDENTS.md'));
});
