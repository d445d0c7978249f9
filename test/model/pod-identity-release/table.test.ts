/** The table of releases holds together: sources, order, and no row nobody asks for. */
import { describe, expect, it } from 'vitest';
import { resolve } from '../../../src/model/calibration/index.ts';
import type { BehaviourRow } from '../../../src/model/pod-identity-release/behaviour-row.ts';
import { BEHAVIOURS, hasBehaviour } from '../../../src/model/pod-identity-release/behaviours.ts';
import { PRESET_KNOBS, presetKnobs } from '../../../src/model/pod-identity-release/preset-knobs.ts';
import { DEFAULT_RELEASE, RELEASES, isWithin } from '../../../src/model/pod-identity-release/release.ts';
import { filesUnder } from '../../support/repository.ts';

const rows: readonly (readonly [string, BehaviourRow])[] = Object.entries(BEHAVIOURS);
const everyRow: readonly BehaviourRow[] = [...rows.map(([, row]) => row), ...PRESET_KNOBS];
const askers = ['src/actors', 'src/model', 'src/scenarios']
  .flatMap((folder) => filesUnder(folder))
  .filter(({ path }) => !path.startsWith('src/model/pod-identity-release/'));

describe('the table of behaviours', () => {
  it('names a pull request or an issue for every row, and says in a sentence what it means', () => {
    expect(everyRow.filter(({ source }) => !/#\d+/u.test(source))).toEqual([]);
    expect(everyRow.filter(({ meaning }) => !meaning.endsWith('.'))).toEqual([]);
  });

  it('dates every row, and ends none before it begins', () => {
    expect(everyRow.filter((row) => row.from === undefined && row.until === undefined)).toEqual([]);
    const backwards = everyRow.filter(({ from, until }) => from !== undefined && until !== undefined && isWithin(from, { from: until }));
    expect(backwards).toEqual([]);
  });

  it('has no row that nobody asks for', () => {
    const isAsked = (name: string): boolean => askers.some(({ text }) => text.includes(`, '${name}'`));
    expect(rows.map(([name]) => name).filter((name) => !isAsked(name))).toEqual([]);
  });

  it('is the only place that knows releases: no actor and no other rule of the model compares one', () => {
    const looks = /\brelease\.ts'|['"`]v?1\.\d+(?:\.\d+)?['"`]|(?:settings|SETTINGS_KEY\))\??\.version\b/u;
    const guilty = askers.filter(({ path, text }) => !isFree(path) && looks.test(text));
    expect(guilty.map(({ path }) => path)).toEqual([]);
  });

  it('gives the last release everything that did not end, and no knob another value', () => {
    const missing = rows.filter(
      ([name, row]) => row.until === undefined && !hasBehaviour(DEFAULT_RELEASE, name as keyof typeof BEHAVIOURS),
    );
    expect(missing).toEqual([]);
    expect(RELEASES.at(-1)).toBe(DEFAULT_RELEASE);
    expect(presetKnobs(DEFAULT_RELEASE)).toEqual({});
    expect(hasBehaviour('', 'micReconciles')).toBe(true);
  });

  it('presets knobs that the calibration accepts, in every release', () => {
    expect(RELEASES.filter((release) => !resolve(presetKnobs(release)).ok)).toEqual([]);
  });
});

/** The loader reads releases, and the catalogue of numbers speaks of those of other software. */
function isFree(path: string): boolean {
  return path.startsWith('src/scenarios/') || path.startsWith('src/model/calibration/');
}
