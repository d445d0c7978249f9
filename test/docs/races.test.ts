/** Each class of races has a scenario that shows it and one that could and does not, and docs/RACES.md says what they gave. */
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { racePairs, racesPage } from '../../scripts/races.ts';
import type { RacePair } from '../../scripts/races.ts';
import { RACE_CLASS_NAMES } from '../../src/scenarios/schema/metric-names.ts';
import { repositoryRoot } from '../support/repository.ts';

let pairs: readonly RacePair[] = [];
beforeAll(async () => {
  pairs = await racePairs();
}, 600_000);

test('every class occurs in the scenario that is to show it', () => {
  expect(pairs.map(({ race }) => race)).toEqual(RACE_CLASS_NAMES);
  expect(pairs.filter(({ shows }) => shows.race.count === 0).map(({ race }) => race)).toEqual([]);
});

test('every class is spared by a scenario in which there were occasions for it', () => {
  expect(pairs.filter(({ spares }) => spares.race.count > 0 || spares.race.examined === 0).map(({ race }) => race)).toEqual([]);
});

test('docs/RACES.md is what these runs say (else: npx tsx scripts/races.ts)', async () => {
  await expect(await racesPage(pairs)).toMatchFileSnapshot(path.join(repositoryRoot, 'docs/RACES.md'));
});
