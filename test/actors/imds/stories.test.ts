/** Random lives of a VM: identities come and go, certificates roll, clients ask and hang up. What IMDS gives out stays right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORIGIN, micros, minutes, seconds } from '../../../src/kernel/time.ts';
import type { Duration } from '../../../src/kernel/time.ts';
import { armLine, fillCompute, fillIdentity, factsOf, heardOf, identityId, runBothWays, tokenLine } from '../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../support/platform-world.ts';

const NAMES = ['web', 'db'] as const;
const BOX = { kind: 'vm', name: 'box' } as const;

type Step = (at: Duration, request: string) => Line;

const names = fc.constantFrom(...NAMES);
const asks: fc.Arbitrary<Step> = fc
  .record({ name: fc.option(names, { nil: undefined }), resource: fc.constantFrom('vault', 'sql', '') })
  .map(({ name, resource }): Step => (at, request) => {
    return tokenLine(at, request, { vm: 'box', resource, ...(name === undefined ? {} : { clientId: `client-${name}` }) });
  });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: asks },
  {
    weight: 2,
    arbitrary: names.map(
      (name): Step =>
        (at, request) =>
          armLine(at, request, { op: 'assignIdentity', resource: BOX, identity: identityId(name) }),
    ),
  },
  {
    weight: 2,
    arbitrary: names.map(
      (name): Step =>
        (at, request) =>
          armLine(at, request, { op: 'unassignIdentity', resource: BOX, identity: identityId(name) }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('enabled' as const, 'disabled' as const).map(
      (state): Step =>
        (at, request) =>
          armLine(at, request, { op: 'setSystemAssigned', resource: BOX, state }),
    ),
  },
  {
    weight: 1,
    arbitrary: names.map((name): Step => (at) => ({ at, to: 'aad', message: { type: 'CredentialRollDue', objectId: `object-${name}` } })),
  },
  {
    weight: 1,
    arbitrary: fc
      .nat(40)
      .map((n): Step => (at) => ({ at, to: 'imds/box', message: { type: 'ConnectionClosed', request: `r${String(n)}` } })),
  },
);

const scripts: fc.Arbitrary<readonly Line[]> = fc
  .array(fc.record({ gap: fc.constantFrom(0, 1, 200_000, 5_000_000, 70_000_000, 4_000_000_000), step: steps }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((list) => {
    let at = 0;
    return list.map(({ gap, step }, n) => step(micros((at += gap)), `r${String(n)}`));
  });

/** Not tame: everything that can fail does so now and then. */
const WILD = {
  'imds.error5xx.prob': 0.1,
  'entra.token.errorProb': 0.1,
  'imds.unassign.cachedTokenDropped': 0.5,
  'imds.staleIdentityBug.prob': 0.2,
  'imds.update410.interarrival': '1h',
  'mi.token.lifetime': '7200s',
};

function play(script: readonly Line[]): PlatformRun {
  return runBothWays({
    script,
    knobs: WILD,
    until: minutes(60 * 60),
    fill: (sim) => {
      fillCompute(sim, 'vm', 'box');
      for (const name of NAMES) fillIdentity(sim, name);
    },
  });
}

describe('in any life of a VM', () => {
  it('each request is answered once, or never where its client hung up', () => {
    // Claim: no answer is lost or doubled; both modes agree on all of it.
    fc.assert(
      fc.property(scripts, (script) => {
        const answered = heardOf(play(script), 'MetadataResponse').map(({ request }) => request);
        const asked = script.flatMap(({ message }) => (message.type === 'MetadataRequest' ? [message.request] : []));
        const closed = new Set(script.flatMap(({ message }) => (message.type === 'ConnectionClosed' ? [message.request] : [])));
        expect(new Set(answered).size).toBe(answered.length);
        for (const request of answered) expect(asked).toContain(request);
        for (const request of asked) if (!closed.has(request)) expect(answered).toContain(request);
      }),
      { numRuns: 60 },
    );
  });

  it('a token given out has 5 minutes left, is for the resource asked for, and belongs to the identity named', () => {
    // Claim: cache keys never mix identities or resources, and nothing stale is served.
    fc.assert(
      fc.property(scripts, (script) => {
        for (const { body, request, at } of heardOf(play(script), 'MetadataResponse')) {
          if (body === undefined) continue;
          const line = script.find(({ message }) => message.type === 'MetadataRequest' && message.request === request);
          const query = line?.message.type === 'MetadataRequest' ? line.message.call.query : {};
          // The answer is some milliseconds old when it arrives.
          expect(body.token.expiresAt - at).toBeGreaterThan(seconds(299));
          expect(body.token.audience).toBe(query.resource);
          if (query.clientId !== undefined) expect(body.token.appId).toBe(query.clientId);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('no token is given for an identity more than 300 s and a request after it left, unless the cache was kept', () => {
    // Claim: revocation at IMDS is bounded by the longest lingering.
    fc.assert(
      fc.property(scripts, (script) => {
        const run = play(script);
        const grants = run.sim.table('identityGrants').all();
        for (const { clientId, status, isCached, at } of factsOf(run, 'imds-answered')) {
          const grant = grants.find((known) => known.clientId === clientId);
          if (status !== 200 || isCached || grant?.detachedAt === undefined || at < grant.detachedAt) continue;
          expect(at - grant.detachedAt).toBeLessThanOrEqual(seconds(310));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the wait for a cold token', () => {
  it('divides exactly into the way, IMDS and Entra', () => {
    const run = runBothWays({
      script: [
        armLine(seconds(1), 'assign', { op: 'assignIdentity', resource: BOX, identity: identityId('web') }),
        tokenLine(seconds(60), 'r', { vm: 'box' }),
      ],
      fill: (sim) => {
        fillCompute(sim, 'vm', 'box');
        fillIdentity(sim, 'web');
      },
    });
    const [answer] = heardOf(run, 'MetadataResponse');
    let last = run.sim.trace.length - 1;
    while (run.sim.trace.of(last)?.at !== answer?.at) last -= 1;
    const parts = run.sim.trace.divide(last, (ORIGIN + seconds(60)) as typeof ORIGIN);
    expect(parts.map(({ label }) => label)).toEqual(['net', 'imds', 'aad', 'net']);
    expect(parts.reduce((sum, { from, to }) => sum + to - from, 0)).toBe((answer?.at ?? 0) - seconds(60));
  });
});
