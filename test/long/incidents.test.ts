/** The catalogue of incidents on twenty seeds: each is as reported on at least nineteen of them. */
import { expect, test } from 'vitest';
import { reenactAll } from '../../scripts/incidents.ts';
import { isAsReported } from '../../src/experiments/incidents.ts';

const SEEDS = 20;

test('each incident is as reported on 19 of 20 seeds', async () => {
  const failures = new Map<string, string[]>();
  for (let n = 0; n < SEEDS; n += 1) {
    for (const { result } of await reenactAll(`s/${String(n)}`)) {
      if (!isAsReported(result))
        failures.set(result.id, [...(failures.get(result.id) ?? []), `s/${String(n)}: ${result.reasons.join('; ')}`]);
    }
  }
  expect([...failures].filter(([, seeds]) => seeds.length > 1)).toEqual([]);
});
