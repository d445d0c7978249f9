/** The JSON Schema: it is fresh, accepts every example, and refuses what the loader refuses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONDITION_NAMES, INVARIANT_NAMES } from '../../src/scenarios/schema/claim-names.ts';
import { scenarioJsonSchema } from '../../src/scenarios/schema/json-schema.ts';
import { readClaim } from '../../src/scenarios/schema/measure-claim.ts';
import { METRIC_NAMES, METRICS } from '../../src/scenarios/schema/metric-names.ts';
import { EXAMPLE_NAMES, EXAMPLES, scenarioText } from './loading.ts';

const validate = new Ajv2020({ allErrors: true, strict: false, formats: { uuid: true } }).compile(scenarioJsonSchema());

describe('schema/scenario.schema.json', () => {
  it('is what npm run schema would write now', () => {
    const written = readFileSync(join(import.meta.dirname, '../../schema/scenario.schema.json'), 'utf8');
    expect(written).toBe(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  });

  it.each(EXAMPLE_NAMES)('accepts %s', (name) => {
    const isValid = validate(parse(readFileSync(join(EXAMPLES, `${name}.yaml`), 'utf8'), { merge: true }));
    expect(validate.errors ?? []).toEqual([]);
    expect(isValid).toBe(true);
  });

  it.each([
    ['an unknown key', { colour: 'red' }],
    ['a negative time', { story: [{ at: '-5m', drain: 'pool1/0' }] }],
    ['an empty time', { story: [{ at: '', drain: 'pool1/0' }] }],
    ['a step of two verbs', { story: [{ at: '5m', drain: 'pool1/0', restore: 'x' }] }],
    ['an expectation of no kind', { expect: [{ within: '3m' }] }],
    ['a group that does not exist', { group: 'basic' }],
  ])('refuses %s', (_, rest) => {
    expect(validate(parse(scenarioText({ rest })))).toBe(false);
  });
});

describe('measures', () => {
  it('are read with the unit each of them has: every metric takes its own kind of bound and no other', () => {
    const bounds = { duration: '1m30s', share: '12.5%', count: '7' };
    const values = { duration: 90_000_000, share: 0.125, count: 7 };
    for (const metric of METRIC_NAMES) {
      for (const unit of ['duration', 'share', 'count'] as const) {
        const read = readClaim(`${metric} <= ${bounds[unit]}`);
        expect(read.ok).toBe(unit === METRICS[metric].unit);
        if (read.ok)
          expect(read.claim).toEqual({
            text: `${metric} <= ${bounds[unit]}`,
            of: { kind: 'metric', metric },
            op: '<=',
            unit,
            bound: values[unit],
          });
      }
    }
  });

  it('may be written without blanks; a share above 100% is none', () => {
    expect(readClaim('tokens.first.p99<90s')).toMatchObject({ ok: true, claim: { text: 'tokens.first.p99 < 90s', bound: 90_000_000 } });
    expect(readClaim('tokens.denied403.share < 101%').ok).toBe(false);
    expect(readClaim('tokens.first.p99 = 90s').ok).toBe(false);
  });

  it('have names that no condition and no invariant has', () => {
    const all = [...METRIC_NAMES, ...CONDITION_NAMES, ...INVARIANT_NAMES];
    expect(new Set<string>(all).size).toBe(all.length);
  });
});
