/**
 * Claim: every knob does something. Method: which knobs each scenario reads is recorded; each knob is pushed to both ends of its stress
 * range in the cheapest scenario that reads it, then in the next, until some fact changes. One that shows only when it is pushed beyond
 * all reason is wired, but no scenario here reaches its corner; one that shows nothing is dead. All of those are listed, with
 * their reasons.
 */
import { describe, expect, it } from 'vitest';
import { catalogue, knobNames } from '../../../src/model/calibration/index.ts';
import type { Knob, KnobName } from '../../../src/model/calibration/index.ts';
import { filesUnder } from '../../support/repository.ts';
import { NOT_YET_MODELLED, OUT_OF_REACH, WITHOUT_A_SCENARIO } from './not-yet-modelled.ts';
import type { Listed } from './not-yet-modelled.ts';
import { allProbes, factsWith } from './probe-runs.ts';
import type { Probe } from './probe-runs.ts';
import { extremePushes, stressPushes } from './pushes.ts';

/** The longest scenarios in which knobs are changed [events], and how many are tried for one. */
const LONGEST = 6000;
const TRIES = 3;

type Life = 'alive' | 'outOfReach' | 'dead';

/** A text counts as alive when it is read. */
function lifeOf(name: KnobName, probes: readonly Probe[]): Life {
  const knob: Knob = catalogue[name];
  const readers = probes.filter((probe) => probe.reads.has(name));
  if (knob.kind === 'text') return readers.length > 0 ? 'alive' : 'dead';
  const cheap = readers.filter(({ events }) => events <= LONGEST).slice(0, TRIES);
  const isSeen = (texts: readonly string[]): boolean => cheap.some((probe) => texts.some((text) => changes(probe, name, text)));
  if (isSeen(stressPushes(knob))) return 'alive';
  return isSeen(extremePushes(knob)) ? 'outOfReach' : 'dead';
}

/** Whether the probe goes another way with that text. A value that its scenario cannot have (two knobs at odds) says nothing. */
function changes(probe: Probe, name: KnobName, text: string): boolean {
  const facts = factsWith(probe, { [name]: text });
  return facts !== undefined && facts !== probe.facts;
}

function namesIn(lists: readonly Listed[]): readonly string[] {
  return lists.flatMap(({ knobs }) => knobs);
}

const probes = allProbes();
const lives = new Map(knobNames.map((name) => [name, lifeOf(name, probes)]));
const of = (life: Life): readonly string[] => knobNames.filter((name) => lives.get(name) === life);

describe('the knobs', () => {
  it.each([
    ['that alter nothing', of('dead'), namesIn([...NOT_YET_MODELLED, ...WITHOUT_A_SCENARIO]), 'NOT_YET_MODELLED or WITHOUT_A_SCENARIO'],
    ['that show beyond their stress range only', of('outOfReach'), namesIn(OUT_OF_REACH), 'OUT_OF_REACH'],
  ])('%s are those of the list', (_what, found, listed, where) => {
    const missing = found.filter((name) => !listed.includes(name));
    const surplus = listed.filter((name) => !found.includes(name));
    expect(
      { missing, surplus },
      `put the missing on the list with a reason, and take the surplus off: not-yet-modelled.ts, ${where}`,
    ).toEqual({
      missing: [],
      surplus: [],
    });
  });

  it('are listed once each, with a reason', () => {
    const listed = [...NOT_YET_MODELLED, ...WITHOUT_A_SCENARIO, ...OUT_OF_REACH];
    expect(new Set(namesIn(listed)).size).toBe(namesIn(listed).length);
    for (const { reason } of listed) expect(reason.length).toBeGreaterThan(10);
  });

  it('are not modelled where no source names them, and only there', () => {
    const sources = filesUnder('src')
      .filter(({ path }) => !path.startsWith('src/model/calibration/catalogue/'))
      .map(({ text }) => text)
      .join('\n');
    const isNamed = (name: string): boolean => sources.includes(`'${name}'`);
    expect(namesIn(NOT_YET_MODELLED).filter(isNamed), 'named by a source: WITHOUT_A_SCENARIO').toEqual([]);
  });

  it('are alive in more than a quarter of all', () => {
    expect(of('alive').length).toBeGreaterThan(knobNames.length / 4);
  });
});
