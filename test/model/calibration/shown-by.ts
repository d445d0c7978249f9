/**
 * Which scenario shows each knob: a packaged one, or one of `probes/`. `shown-by.txt` has a line `KNOB SCENARIO` for each knob that some
 * source reads, in code-unit order: when the knob goes to an end of its stress range, some fact of that scenario changes. `SCENARIO@ARCHITECTURE` is the same scenario
 * under another architecture. A scenario `-`
 * says that none does so yet.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where no scenario shows the knob. */
export const NOWHERE = '-';

/** Names of knobs and of the scenarios that show them, in the order of the file. */
export const SHOWN_BY: readonly (readonly [knob: string, scenario: string])[] = readFileSync(
  join(import.meta.dirname, 'shown-by.txt'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => {
    const [knob = '', scenario = ''] = line.split(' ');
    return [knob, scenario];
  });
