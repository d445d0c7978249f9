/** Tokens from the IMDS of one VM: which identity, from where, how fast. */
import { describe, expect, it } from 'vitest';
import { ORIGIN, before, days, hours, millis, minutes, moment, plus, seconds } from '../../../src/kernel/time.ts';
import type { Duration } from '../../../src/kernel/time.ts';
import { computeId, factsOf, fillCompute, fillGrant, fillIdentity, heardOf, runBothWays, tokenLine } from '../../support/platform-world.ts';
import type { Line, PlatformOptions, PlatformRun } from '../../support/platform-world.ts';

const KEY = computeId('vm', 'box').toLowerCase();

/** A VM `box` that has carried these identities for long; ARM brings its IMDS to life. */
function vmWith(identities: readonly string[], options: PlatformOptions): PlatformRun {
  return runBothWays({
    ...options,
    fill: (sim) => {
      fillCompute(sim, 'vm', 'box');
      for (const name of identities) fillGrant(sim, KEY, fillIdentity(sim, name));
      options.fill?.(sim);
    },
  });
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

/** Time from each line to its answer [µs]. */
function roundTrips(run: PlatformRun, lines: readonly Line[]): readonly number[] {
  const answers = heardOf(run, 'MetadataResponse');
  return lines.map((line) => {
    const request = 'request' in line.message ? line.message.request : '';
    return (answers.find((answer) => answer.request === request)?.at ?? NaN) - line.at;
  });
}

describe('the checks of a token request', () => {
  it.each([
    ['a header spelled True', { header: 'True' }, 400],
    ['no resource', { resource: '' }, 400],
    ['an identity that is not on the VM', { clientId: 'client-other' }, 400],
    ['the only identity, unnamed', {}, 200],
    ['its client id in capitals', { clientId: 'CLIENT-WEB' }, 200],
    ['a path in capitals', { path: '/METADATA/identity/oauth2/token' }, 200],
    ['a path with back-slashes and one at its end', { path: '/metadata/identity\\oauth2\\token/' }, 200],
    ['another path', { path: '/metadata/identity/oauth2' }, 404],
    ['another path and no api-version', { path: '/metadata/identity/oauth2', apiVersion: '' }, 404],
    ['no api-version', { apiVersion: '' }, 400],
    ['an api-version before identities', { apiVersion: '2017-12-01' }, 400],
    ['an api-version that is no date', { apiVersion: 'latest' }, 400],
    ['a later api-version', { apiVersion: '2021-02-01' }, 200],
    ['other metadata of an old api-version', { path: '/metadata/instance', apiVersion: '2017-04-02' }, 200],
    ['a header X-Forwarded-For', { forwardedFor: '10.0.0.7' }, 400],
  ])('with %s end in a fixed status', (_what, ask, status) => {
    const run = vmWith(['web'], { script: [tokenLine(seconds(1), 'r', { vm: 'box', ...ask })] });
    expect(heardOf(run, 'MetadataResponse')).toMatchObject([{ status, servedBy: 'imds' }]);
    expect(factsOf(run, 'imds-answered')).toMatchObject([{ vm: 'box', status }]);
  });

  it.each([
    ['the header missing', { header: '' }, 'bad_request_102'],
    ['a proxy in between', { forwardedFor: '10.0.0.7' }, 'invalid_request'],
    ['no api-version', { apiVersion: '' }, 'invalid_request'],
    ['no resource', { resource: '' }, 'invalid_request'],
    ['an unknown identity', { clientId: 'nobody' }, 'invalid_request'],
  ])('say with a code of the reference what is wrong: %s', (_what, ask, code) => {
    const [answer] = heardOf(vmWith(['web'], { script: [tokenLine(seconds(1), 'r', { vm: 'box', ...ask })] }), 'MetadataResponse');
    expect(JSON.parse(answer?.text ?? '')).toMatchObject({ error: code, error_description: expect.any(String) as string });
  });

  it('say unknown where no token could be fetched', () => {
    const body = (knobs: Readonly<Record<string, string | number>>): unknown => {
      const [answer] = heardOf(vmWith(['web'], { knobs, script: [tokenLine(seconds(1), 'r', { vm: 'box' })] }), 'MetadataResponse');
      return { status: answer?.status, ...(JSON.parse(answer?.text ?? '') as object) };
    };
    expect(body({ 'entra.token.errorProb': 1 })).toMatchObject({ status: 500, error: 'unknown' });
    expect(body({ 'imds.error5xx.prob': 1 })).toMatchObject({ status: 500, error: 'unknown' });
  });

  it('refuse an unnamed identity with 400 where there are two, and say that several exist', () => {
    const run = vmWith(['web', 'db'], { script: [tokenLine(seconds(1), 'r', { vm: 'box' })] });
    expect(heardOf(run, 'MetadataResponse')[0]?.text).toMatch(
      /^\{"error":"invalid_request","error_description":"Multiple user assigned identities exist/,
    );
  });

  it('refuse an unknown identity after the time that takes, 0.5 s seen from NMI', () => {
    const run = vmWith(['web'], {
      knobs: { 'imds.latency.notFound': '500ms' },
      script: [tokenLine(seconds(1), 'r', { vm: 'box', clientId: 'nobody' })],
    });
    const [answer] = heardOf(run, 'MetadataResponse');
    // NMI's own 1 ms is not IMDS's.
    expect(answer).toMatchObject({
      status: 400,
      text: '{"error":"invalid_request","error_description":"Identity not found"}',
      at: seconds(1) + millis(499),
    });
  });

  it('answer other metadata with 200, at most 5 a second', () => {
    const path = '/metadata/instance/compute';
    const script = Array.from({ length: 6 }, (_, n) => tokenLine(seconds(1), `r${String(n)}`, { vm: 'box', path }));
    const statuses = heardOf(vmWith([], { script }), 'MetadataResponse').map(({ status }) => status);
    expect(statuses.sort((a, b) => a - b)).toEqual([200, 200, 200, 200, 200, 429]);
  });
});

describe('the cache', () => {
  it('answers in 3.2 ms seen from NMI, and a cold token takes 0.40 s (medians of 300)', () => {
    const cold = Array.from({ length: 300 }, (_, n) =>
      tokenLine(seconds(10 * (n + 1)), `cold-${String(n)}`, { vm: 'box', resource: `r${String(n)}` }),
    );
    const warm = cold.map((line, n) => tokenLine(plus(line.at, seconds(8)), `warm-${String(n)}`, { vm: 'box', resource: `r${String(n)}` }));
    const run = vmWith(['web'], { script: [...cold, ...warm] });
    const nmi = millis(1);
    expect(median(roundTrips(run, cold)) + nmi).toBeGreaterThan(millis(360));
    expect(median(roundTrips(run, cold)) + nmi).toBeLessThan(millis(460));
    expect(median(roundTrips(run, warm)) + nmi).toBeGreaterThan(millis(2.9));
    expect(median(roundTrips(run, warm)) + nmi).toBeLessThan(millis(3.5));
    expect(factsOf(run, 'aad-token-issued')).toHaveLength(300);
  });

  it('takes about 1 s for the first use of an identity on a machine that was not settled with it', () => {
    const firsts = Array.from({ length: 60 }, (_, n) => {
      const run = vmWith([], {
        seed: `first-${String(n)}`,
        fill: (sim) => {
          fillGrant(sim, computeId('vm', 'new').toLowerCase(), fillIdentity(sim, 'web'));
          const start = { type: 'ComputeCreated', resource: computeId('vm', 'new').toLowerCase(), instances: 1, start: 'cold' } as const;
          sim.add({ id: 'imds/new', kind: 'imds' }, start);
        },
        script: [tokenLine(seconds(1), 'r', { vm: 'new' })],
      });
      return (heardOf(run, 'MetadataResponse')[0]?.at ?? NaN) - seconds(1);
    });
    expect(median(firsts)).toBeGreaterThan(millis(700));
    expect(median(firsts)).toBeLessThan(millis(1400));
  });

  it('gives the same token for 59 minutes, renews it behind the request at 61, and gives the new one at 62', () => {
    const script = [0, 59, 61, 62].map((at) => tokenLine(minutes(at), `at-${String(at)}`, { vm: 'box' }));
    const run = vmWith(['web'], { script });
    const utis = heardOf(run, 'MetadataResponse').map(({ body }) => body?.token.uti);
    const [first] = utis;
    expect(utis.map((uti) => uti === first)).toEqual([true, true, true, false]);
    expect(heardOf(run, 'MetadataResponse').map(({ body }) => body?.isCached)).toEqual([false, true, true, true]);
  });

  it('of 24 hours hands a token out until 5 minutes before its expiry', () => {
    const script = [seconds(0), hours(23.9), hours(23.93)].map((at, n) => tokenLine(at, `r${String(n)}`, { vm: 'box' }));
    const run = vmWith(['web'], { knobs: { 'imds.cache.proactiveRenewAfter': '86400s' }, script, until: days(2) });
    expect(heardOf(run, 'MetadataResponse').map(({ body }) => body?.isCached)).toEqual([false, true, false]);
  });

  it('asks Entra once for 4 requests that come together, and all get one token', () => {
    const script = ['a', 'b', 'c', 'd'].map((name) => tokenLine(seconds(1), name, { vm: 'box' }));
    const run = vmWith(['web'], { script });
    const utis = heardOf(run, 'MetadataResponse').map(({ body }) => body?.token.uti);
    expect(utis).toHaveLength(4);
    expect(new Set(utis).size).toBe(1);
    expect(factsOf(run, 'aad-token-issued')).toHaveLength(1);
  });
});

describe('the limits of one VM', () => {
  it('let 5 requests wait at once and refuse the 6th with 429', () => {
    const script = Array.from({ length: 6 }, (_, n) => tokenLine(seconds(1), `r${String(n)}`, { vm: 'box', resource: `r${String(n)}` }));
    const statuses = heardOf(vmWith(['web'], { script }), 'MetadataResponse').map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
  });

  it('let 20 cached answers a second through, and refuse some of 40', () => {
    const script = [
      tokenLine(seconds(1), 'fill', { vm: 'box' }),
      ...Array.from({ length: 40 }, (_, n) => tokenLine(seconds(10 + n * 0.01), `r${String(n)}`, { vm: 'box' })),
    ];
    const run = vmWith(['web'], { knobs: { 'imds.latency.cacheHit': '1.1ms' }, script });
    const granted = heardOf(run, 'MetadataResponse').filter(({ status, at }) => status === 200 && at > seconds(9));
    // A full bucket of 20, and 20 a second over 0.39 s.
    expect(granted).toHaveLength(27);
  });
});

describe('an upgrade of IMDS', () => {
  it('answers 410 while it lasts, 70 s at most, and 200 afterwards', () => {
    const knobs = { 'imds.update410.interarrival': '100s', 'imds.update410.duration': '70s', 'imds.update404.fraction': 0 };
    const script = [99, 100.1, 169, 170.1].map((at) => tokenLine(seconds(at), `at-${String(at)}`, { vm: 'box' }));
    const statuses = heardOf(vmWith(['web'], { knobs, script }), 'MetadataResponse').map(({ status }) => status);
    expect(statuses).toEqual([200, 410, 410, 200]);
  });

  it('answers 404 in its first part, as long as the endpoint itself is being updated', () => {
    const knobs = { 'imds.update410.interarrival': '100s', 'imds.update410.duration': '70s', 'imds.update404.fraction': 0.5 };
    const script = [101, 134, 136, 169, 171].map((at) => tokenLine(seconds(at), `at ${String(at)}`, { vm: 'box' }));
    const statuses = heardOf(vmWith(['web'], { knobs, script, until: seconds(200) }), 'MetadataResponse').map(({ status }) => status);
    expect(statuses).toEqual([404, 404, 410, 410, 200]);
  });
});

describe('a broken fetch', () => {
  it('ends in 500, and one that is never answered in silence', () => {
    const script = [tokenLine(seconds(1), 'r', { vm: 'box' })];
    expect(heardOf(vmWith(['web'], { knobs: { 'imds.error5xx.prob': 1 }, script }), 'MetadataResponse')).toMatchObject([{ status: 500 }]);
    expect(heardOf(vmWith(['web'], { knobs: { 'imds.timeout.prob': 1 }, script }), 'MetadataResponse')).toEqual([]);
  });

  it('that Entra refuses ends in 400 with its code', () => {
    const run = vmWith(['web'], {
      fill: (sim) => {
        const gone = sim.table('servicePrincipals').get('object-web');
        if (gone !== undefined) sim.fill('servicePrincipals', 'object-web', { ...gone, deletedAt: moment(0) });
      },
      script: [tokenLine(seconds(1), 'r', { vm: 'box' })],
    });
    expect(heardOf(run, 'MetadataResponse')).toMatchObject([
      { status: 400, text: '{"error":"invalid_request","error_description":"AADSTS700016"}' },
    ]);
  });

  it('whose client hung up fills the cache and answers nobody', () => {
    const hangUp: Line = { at: seconds(1.001), to: 'imds/box', message: { type: 'ConnectionClosed', request: 'r' } };
    const run = vmWith(['web'], {
      script: [tokenLine(seconds(1), 'r', { vm: 'box' }), hangUp, tokenLine(seconds(30), 'next', { vm: 'box' })],
    });
    expect(heardOf(run, 'MetadataResponse')).toMatchObject([{ request: 'next', body: { isCached: true } }]);
  });
});

describe('an identity taken away', () => {
  const gone = (dropped: number): PlatformRun =>
    vmWith([], {
      knobs: { 'imds.unassign.cachedTokenDropped': dropped, 'imds.unassign.visibleDelay': '10s' },
      fill: (sim) => {
        const principal = fillIdentity(sim, 'web');
        const grant = {
          resource: KEY,
          identity: principal.resourceId.toLowerCase(),
          clientId: principal.appId,
          principalId: principal.objectId,
        };
        const detached = {
          ...grant,
          attachStartedAt: before(ORIGIN, days(1)),
          attachTook: 0 as Duration,
          incarnation: 1,
          detachedAt: moment(seconds(60)),
        };
        sim.fill('identityGrants', `${KEY}|${grant.identity}`, detached);
      },
      script: [30, 69, 71].map((at) => tokenLine(seconds(at), `at-${String(at)}`, { vm: 'box', clientId: 'client-web' })),
    });

  it('is served for the 10 s it lingers and then refused', () => {
    expect(heardOf(gone(1), 'MetadataResponse').map(({ status }) => status)).toEqual([200, 200, 400]);
  });

  it('is served from the cache even then where the cache was not emptied', () => {
    expect(heardOf(gone(0), 'MetadataResponse').map(({ status, body }) => [status, body?.isCached])).toEqual([
      [200, false],
      [200, true],
      [200, true],
    ]);
  });
});
