/** Tokens of service accounts at Entra: a new federated credential is missed by some replicas, and the miss is remembered (WI-01, WI-08). */
import { expect, test } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { Moment } from '../../../src/kernel/time.ts';
import { resolve } from '../../../src/model/calibration/index.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import { assemble } from '../../../src/scenarios/assemble/index.ts';
import { derive } from '../../../src/scenarios/architecture/derive.ts';
import { packaged } from '../../support/packaged.ts';

interface Course {
  /** Moments [s] of first tokens, in order, and of refusals by code. */
  readonly firstTokens: readonly number[];
  readonly refusals: Readonly<Record<string, number>>;
}

/** Ten minutes of two applications that start after a minute; their federated credentials were made at 50 s and are everywhere at `known`. */
function courseOf(known: number, overrides: Overrides, subject?: string): Course {
  const derivation = derive(packaged('architectures'), 'workload-identity');
  const resolution = resolve(overrides);
  if (!derivation.ok || !resolution.ok) throw new Error('the scenario can be derived');
  const world = assemble(derivation.scenario, resolution.calibration, { horizon: seconds(600) as number as Moment });
  for (const row of world.table('federatedCredentials').all()) {
    const times = { createdAt: seconds(50) as number as Moment, propagatedAt: seconds(known) as number as Moment };
    world.fill('federatedCredentials', row.id, { ...row, ...times, ...(subject === undefined ? {} : { subject: subject + row.subject }) });
  }
  const firstTokens: number[] = [];
  const refusals: Record<string, number> = {};
  world.observe({
    onFact: ({ fact, at }) => {
      if (fact.type === 'token-answered' && fact.isFirst) firstTokens.push(at / 1e6);
      if (fact.type === 'aad-token-refused') refusals[fact.error] = (refusals[fact.error] ?? 0) + 1;
    },
  });
  world.run();
  return { firstTokens, refusals };
}

test('a credential that every replica knows is believed at once', () => {
  expect(courseOf(51, {})).toMatchObject({ refusals: {}, firstTokens: { length: 5 } });
});

test('one that is on its way is missed by some requests with AADSTS70021, and by none once it is everywhere', () => {
  const { refusals, firstTokens } = courseOf(200, { 'wi.fic.negativeCache': '1ms' });
  expect(Object.keys(refusals)).toEqual(['AADSTS70021']);
  expect(firstTokens).toHaveLength(5);
  expect(Math.max(...firstTokens)).toBeLessThan(215);
});

test('asking too early makes it later: the miss is remembered beyond the moment at which the credential is everywhere', () => {
  const quick = courseOf(80, { 'wi.fic.negativeCache': '1ms' });
  const slow = courseOf(80, { 'wi.fic.negativeCache': '300s' });
  expect(Math.max(...quick.firstTokens)).toBeLessThan(95);
  expect(Math.max(...slow.firstTokens)).toBeGreaterThan(300);
});

test('a subject that no credential has is refused with AADSTS700213 for ever', () => {
  const { refusals, firstTokens } = courseOf(51, {}, 'not-');
  expect(firstTokens).toEqual([]);
  expect(Object.keys(refusals)).toEqual(['AADSTS700213']);
});
