/**
 * Each class of assignment races: found where it is planted, with count, occasions, first and worst example and their places; and not
 * found in worlds that come close. Method: runs written by hand, and a table that the compiler wants whole.
 */
import { describe, expect, test } from 'vitest';
import { RACE_CLASS_NAMES, RACE_CLASSES } from '../../src/scenarios/schema/metric-names.ts';
import type { RaceClass } from '../../src/scenarios/schema/metric-names.ts';
import type { RaceSection } from '../../src/report/document/index.ts';
import { settledWorld } from './objects.ts';
import { RACES } from './race-worlds/index.ts';
import type { Example, World } from './race-worlds/world.ts';
import { scriptedRun, states } from './scripted-run.ts';

const SECOND = 1_000_000;

function sectionOf(race: RaceClass, { steps, fill = settledWorld() }: World): RaceSection {
  const found = scriptedRun(steps, { fill })
    .report()
    .races.find((one) => one.race === race);
  if (found === undefined) throw new Error(`no section of ${race}`);
  return found;
}

function placed(of: Example | undefined): object | null {
  if (of === undefined) return null;
  const [event, at, pod, text] = of;
  return { place: { event, atUs: at * SECOND, pod }, text };
}

describe.each(RACE_CLASS_NAMES)('%s', (race) => {
  const { shows, spares } = RACES[race];

  test.each(shows)('is found $count times of $examined: $first', (world) => {
    const { count, examined, first, worst } = world;
    const lasted = worst === undefined ? null : { ...placed([worst[0], worst[1], worst[2], worst[3]]), lastedUs: worst[4] * SECOND };
    expect(sectionOf(race, world)).toEqual({
      race,
      definition: RACE_CLASSES[race],
      count,
      examined,
      perThousand: Math.round((count * 10_000) / examined) / 10,
      first: placed(first),
      worst: lasted,
    });
  });

  test.each(spares.map((world, index) => ({ index, ...world })))('is not found in the world that comes close, no. $index', (world) => {
    const { examined } = world;
    const perThousand = examined === 0 ? null : 0;
    expect(sectionOf(race, world)).toMatchObject({ count: 0, examined, perThousand, first: null, worst: null });
  });
});

test('every class is in the report, in the order of the catalogue, with its definition', () => {
  const { races } = scriptedRun([states(1)]).report();
  expect(races.map(({ race, definition }) => [race, definition])).toEqual(Object.entries(RACE_CLASSES));
});

test('a world that shows one class shows no other, but for what goes with it', () => {
  const found = RACE_CLASS_NAMES.flatMap((race) =>
    RACES[race].shows.flatMap(({ steps, fill = settledWorld() }) =>
      scriptedRun(steps, { fill })
        .report()
        .races.filter((one) => one.count > 0 && one.race !== race)
        .map((one) => `${race} with ${one.race}`),
    ),
  );
  // One write may lose one identity by accident and one on purpose; a refused PATCH, and an assignment that comes again, are part of the plot.
  expect([...new Set(found)]).toEqual([
    'lostUpdate with removedWhileInUse',
    'lostUpdate with staleRevision',
    'stuckAssignment with flappingAssignment',
    'duplicateAssignment with flappingAssignment',
  ]);
});
