/**
 * Claim: every knob does something. Method: `shown-by.txt` names for each knob one scenario in which some fact changes when the knob goes
 * to an end of its stress range; that is tried here. Knobs that are not modelled stand on a list, with their reasons.
 */
import { describe, expect, it } from 'vitest';
import { knobNames } from '../../../src/model/calibration/index.ts';
import type { KnobName } from '../../../src/model/calibration/index.ts';
import { filesUnder } from '../../support/repository.ts';
import { NOT_YET_MODELLED } from './not-yet-modelled.ts';
import { CORNERS, isSetBy, shows, whereShown } from './probe-runs.ts';
import { NOWHERE, SHOWN_BY } from './shown-by.ts';

const notModelled = NOT_YET_MODELLED.flatMap(({ knobs }) => knobs);
const probes = [...new Set(SHOWN_BY.map(([, scenario]) => scenario))].filter((scenario) => scenario !== NOWHERE).sort();

describe('each knob', () => {
  it('has one place: a scenario that shows it, or the list of what is not modelled', () => {
    const placed = [...SHOWN_BY.map(([knob]) => knob), ...notModelled];
    const twice = placed.filter((name, index) => placed.indexOf(name) !== index);
    const unknown = placed.filter((name) => !(knobNames as readonly string[]).includes(name));
    const without = knobNames.filter((name) => !placed.includes(name)).map((name) => `${name} ${whereShown(name)}`);
    expect({ twice, unknown, without }, 'shown-by.txt, not-yet-modelled.ts').toEqual({ twice: [], unknown: [], without: [] });
  });

  it.each(probes)('that %s is to show alters a fact of it', (probe) => {
    const knobs = SHOWN_BY.filter(([, scenario]) => scenario === probe).map(([knob]) => knob as KnobName);
    const unseen = knobs.filter((name) => isSetBy(probe, name) || !shows(probe, name)).map((name) => `${name} ${whereShown(name)}`);
    expect(unseen, 'shown-by.txt: another scenario may show it').toEqual([]);
  });

  it('that is not modelled is named by no source, and has a reason', () => {
    const sources = filesUnder('src')
      .filter(({ path }) => !path.startsWith('src/model/calibration/catalogue/'))
      .map(({ text }) => text)
      .join('\n');
    const isNamed = (name: string): boolean => sources.includes(`'${name}'`);
    expect(notModelled.filter(isNamed), 'named by a source: it needs a scenario in shown-by.txt').toEqual([]);
    for (const { reason } of NOT_YET_MODELLED) expect(reason.length).toBeGreaterThan(10);
  });
});

describe('each probe', () => {
  it('shows a knob', () => {
    const shown = probes.map((name) => name.split('@')[0]);
    expect(CORNERS.filter((name) => !shown.includes(name))).toEqual([]);
  });
});
