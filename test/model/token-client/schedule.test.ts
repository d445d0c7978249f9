/** Schedules of token clients, straight from the retry machine. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { millis, minutes, moment, seconds } from '../../../src/kernel/time.ts';
import { defaultCalibration, resolve } from '../../../src/model/calibration/index.ts';
import { profileOf } from '../../../src/model/token-client/calibrated.ts';
import { judge } from '../../../src/model/token-client/keeping.ts';
import type { Profile, TryOutcome } from '../../../src/model/token-client/profile.ts';
import { isProfileName, PROFILES, profileNames } from '../../../src/model/token-client/profiles.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import { nextStep, noRetries } from '../../../src/model/token-client/schedule.ts';

/** Waits [s] of a client that always meets the same outcome; the last sleep before failing is the last of them. */
function waits(
  profile: Profile,
  outcome: TryOutcome,
  chance: () => number,
): { readonly between: readonly number[]; readonly last: number } {
  const between: number[] = [];
  let counts = noRetries(profile);
  for (;;) {
    const step = nextStep(profile, counts, outcome, chance);
    if (step.kind === 'answered') return { between, last: 0 };
    if (step.kind === 'giveUp') return { between, last: step.after / 1e6 };
    between.push(step.wait / 1e6);
    counts = step.counts;
  }
}

const high = (): number => 1 - 1e-12;
const low = (): number => 0;
const rounded = (numbers: readonly number[]): readonly number[] => numbers.map((n) => Math.round(n * 1000) / 1000);

describe('waits between tries', () => {
  it.each([
    ['js414', 404, [0.8, 1.6, 3.2, 6.4, 12.8], 0],
    ['js414', 410, [3, 6, 12, 24, 48], 0],
    ['js414', 500, [1, 2, 4], 0],
    ['js414', 501, [], 0],
    ['js414', 429, [], 0],
    ['js34', 404, [0.8, 1.6], 0],
    ['js15', 404, [], 0],
    ['goLatest', 404, [2.6, 7.8, 18.2, 25, 25, 25], 0],
    ['goLatest', 408, [], 0],
    ['go1', 503, [2.6, 7.8, 18.2, 39, 60], 0],
    ['go1Oldest', 503, [], 0],
    ['msalGo', 500, [1, 1], 0],
    ['adalGo', 0, [2, 6, 14, 30], 60],
    ['msalNode', 410, [10, 10, 10, 10, 10, 10, 10], 0],
    ['msalNode', -1, [], 0],
    ['pythonOld', 410, [], 0],
    ['pythonOld', 500, [0, 8, 16, 32, 60], 0],
    ['pythonRecent', 410, [0, 5, 10, 20, 40], 0],
    ['dotnet', 502, [], 0],
    ['dotnet', 410, [3, 6, 12, 24, 48], 0],
    [
      'azCli',
      410,
      Array.from({ length: 12 }, (_, n) => Math.max(70, [0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 12.7, 25.5, 51.1, 102.3, 204.7, 409.5][n] ?? 0)),
      0,
    ],
    ['msalPython', 500, [], 0],
    ['naive', 500, [], 0],
  ] as const)('%s on %i, at the upper end of its jitter', (name, status, between, last) => {
    const found = waits(PROFILES[name], { status }, high);
    expect({ ...found, between: rounded(found.between) }).toEqual({ between, last });
  });

  it('410 for @azure/identity lasts 46.5 s to 93 s, 404 12.4 s to 24.8 s', () => {
    const sum = (status: number, chance: () => number): number =>
      waits(PROFILES.js414, { status }, chance).between.reduce((a, b) => a + b, 0);
    expect(rounded([sum(410, low), sum(410, high), sum(404, low), sum(404, high)])).toEqual([46.5, 93, 12.4, 24.8]);
  });

  it('an outer retry gives the inner layer its budget back', () => {
    const { js414 } = PROFILES;
    const step = nextStep(js414, [3, 0], { status: 404 }, high);
    expect(step).toMatchObject({ kind: 'retry', counts: [0, 1] });
    expect(nextStep(js414, [3, 0], { status: 500 }, high)).toMatchObject({ kind: 'giveUp' });
  });

  it('Retry-After: JS waits that long, Go up to 25 s and gives up beyond, adal takes no notice', () => {
    const after = (s: number): TryOutcome => ({ status: 503, retryAfter: seconds(s) });
    expect(waits(PROFILES.js414, after(20), high).between).toEqual([20, 20, 20]);
    expect(waits(PROFILES.js414, { status: 429, retryAfter: seconds(20) }, high).between).toEqual([20, 20, 20]);
    expect(waits(PROFILES.goLatest, after(20), high).between).toEqual([20, 20, 20, 20, 20, 20]);
    expect(waits(PROFILES.goLatest, after(26), high).between).toEqual([]);
    expect(waits(PROFILES.go1, after(90), high).between).toEqual([60, 60, 60, 60, 60]);
    expect(waits(PROFILES.adalGo, after(20), high)).toEqual({ between: [2, 6, 14, 30], last: 60 });
  });

  // Claim (L7): every client ends, whatever it meets, and none retries 400, 401 or 403. Method: random outcomes and jitter.
  test.prop(
    {
      name: fc.constantFrom(...profileNames),
      statuses: fc.array(fc.constantFrom(-1, 0, 404, 408, 410, 429, 500, 503, 511), { minLength: 1, maxLength: 20 }),
      u: fc.double({ min: 0, minExcluded: true, max: 1, maxExcluded: true, noNaN: true }),
    },
    { seed: 20 },
  )('gives up within 130 tries and 3 hours of waiting', ({ name, statuses, u }) => {
    const profile = PROFILES[name];
    const chance = (): number => u;
    let counts = noRetries(profile);
    let tries = 1;
    let waited = 0;
    for (;;) {
      const step = nextStep(profile, counts, { status: statuses[tries % statuses.length] ?? 404 }, chance);
      if (step.kind !== 'retry') break;
      expect(step.wait).toBeGreaterThanOrEqual(0);
      counts = step.counts;
      tries += 1;
      waited += step.wait / 1e6;
    }
    expect(tries).toBeLessThanOrEqual(130);
    expect(waited).toBeLessThanOrEqual(3 * 3600);
    for (const status of [400, 401, 403]) expect(nextStep(profile, noRetries(profile), { status }, chance).kind).toBe('giveUp');
    expect(nextStep(profile, noRetries(profile), { status: 200 }, chance).kind).toBe('answered');
  });
});

describe('profiles under the calibration', () => {
  const calibration = defaultCalibration();
  const knobs = { knob: calibration.value.bind(calibration) } as Pick<Turn, 'knob'>;

  it('are the rows themselves by default, name by name', () => {
    for (const name of profileNames) expect(profileOf(name, knobs)).toEqual(PROFILES[name]);
  });

  it('take the time-out of their probe from the calibration, but for the older ones with 0.3 s', () => {
    const resolved = resolve({ 'client.imds.probeTimeout': '500ms' });
    if (!resolved.ok) throw new Error('a knob has gone');
    const quicker = { knob: resolved.calibration.value.bind(resolved.calibration) } as Pick<Turn, 'knob'>;
    expect(profileOf('js34', quicker).probe?.timeout).toBe(millis(500));
    expect(profileOf('js21', quicker).probe?.timeout).toBe(millis(300));
    expect(profileOf('js414', quicker).probe).toBeUndefined();
  });

  it('know their names, and no others', () => {
    expect(profileNames.every(isProfileName)).toBe(true);
    expect(isProfileName('toString')).toBe(false);
    expect(() => profileOf('curl', knobs)).toThrow('no token client is called curl');
  });
});

describe('kept tokens', () => {
  const rule = { state: 'on', minimumLife: seconds(7200) } as const;
  const token = { receivedAt: moment(0), expiresAt: moment(seconds(86_400)) };
  const at = (s: number, lastTry?: number) => ({
    now: moment(seconds(s)),
    lastTry: lastTry === undefined ? undefined : moment(seconds(lastTry)),
    rule,
  });

  it.each([
    ['goLatest', 86_099, 'fresh'],
    ['goLatest', 86_100, 'refresh'],
    ['goLatest', 86_399, 'refresh'],
    ['goLatest', 86_400, 'unusable'],
    ['adalGo', 86_099, 'fresh'],
    ['adalGo', 86_100, 'unusable'],
    ['js34', 86_279, 'fresh'],
    ['js34', 86_280, 'refresh'],
    ['js34', 86_399, 'unusable'],
    ['js414', 43_199, 'fresh'],
    ['js414', 43_200, 'refresh'],
    ['js414', 86_100, 'unusable'],
    ['naive', 1, 'unusable'],
  ] as const)('%s at second %i of 86,400: %s', (name, s, verdict) => {
    expect(judge(PROFILES[name].keeping, token, at(s))).toBe(verdict);
  });

  it('leaves 30 s between attempts to refresh', () => {
    expect(judge(PROFILES.goLatest.keeping, token, at(86_200, 86_171))).toBe('fresh');
    expect(judge(PROFILES.goLatest.keeping, token, at(86_200, 86_170))).toBe('refresh');
  });

  it('does not halve a life of an hour', () => {
    const short = { receivedAt: moment(0), expiresAt: moment(minutes(60)) };
    expect(judge(PROFILES.js414.keeping, short, { now: moment(minutes(40)), lastTry: undefined, rule })).toBe('fresh');
  });
});
