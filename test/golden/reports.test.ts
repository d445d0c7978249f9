/**
 * Claim: each packaged scenario holds on its own seed, and its whole report is what it was. A page here that changes shows in a review what
 * a change of behaviour or calibration does to people's reports; `npx vitest run test/golden -u` accepts it.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/experiments/run.ts';
import { renderText } from '../../src/report/terminal/index.ts';
import { PACKAGED, packaged } from '../support/packaged.ts';

const schema = JSON.parse(readFileSync(new URL('../../schema/report.schema.json', import.meta.url), 'utf8')) as object;
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

/** Lines of a tall terminal window, of the main scenario's page not many more. */
const ONE_SCREEN = 80;

describe.each(PACKAGED)('the report of %s', (name) => {
  const scenario = packaged(name);
  const { report, outcome } = runScenario({
    scenario,
    mode: 'fast',
    replay: { token: '', command: `idflow run ${name}` },
  });

  it('holds', () => {
    expect(report.expectations.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    expect(report.verdict.result).toBe('holds');
  });

  it('falls where the knob is set that the scenario names for that', () => {
    const [, knob = '', value = ''] = /^(\S+): (.+)$/u.exec(scenario.falls) ?? [];
    expect(runScenario({ scenario, overrides: { [knob]: value } }).report.verdict.result).toBe('fell');
  });

  it('is the page kept here, 80 columns wide, fingerprint included', async () => {
    const text = renderText(report, { columns: 80, colour: 0 });
    expect(text).toContain(`fingerprint ${outcome.fingerprint}`);
    expect(text.split('\n').filter((line) => Array.from(line).length > 80)).toEqual([]);
    await expect(text).toMatchFileSnapshot(`./${name}.out`);
  });

  it('fits one screen', () => {
    expect(renderText(report, { columns: 80, colour: 0 }).split('\n').length).toBeLessThanOrEqual(ONE_SCREEN);
  });

  it('fits the published schema after a trip through JSON', () => {
    validate(JSON.parse(JSON.stringify(report)));
    expect(validate.errors).toBeNull();
  });
});
