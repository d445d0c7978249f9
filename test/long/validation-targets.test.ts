/** The figures people have measured on real clusters (V1, V2, V3, V5, V7 to V10), each over 200 seeds under default calibration. */
import { describe, expect, it } from 'vitest';
import { measured, TARGETS } from '../support/validation-targets.ts';

const SEEDS = 200;

describe(`over ${String(SEEDS)} seeds`, () => {
  it.each(TARGETS)('$name: $what', (target) => {
    const found = measured(target, SEEDS);
    process.stdout.write(`${target.name}: ${found.text}\n`);
    expect(found.complaints).toEqual([]);
  });
});
