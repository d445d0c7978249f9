/** A sample of the figures people have measured (V1, V2, V3, V5, V7 to V10), over few seeds; the long suite takes 200. */
import { expect, it } from 'vitest';
import { measured, TARGETS } from '../support/validation-targets.ts';

it.each(TARGETS)('$name: $what', (target) => {
  expect(measured(target, target.quickSeeds).complaints).toEqual([]);
});
