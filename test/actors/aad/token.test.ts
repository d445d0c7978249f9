/** Entra: principals, their certificates, and tokens. */
import { describe, expect, it } from 'vitest';
import { days, hours, minutes, moment, plus, seconds } from '../../../src/kernel/time.ts';
import type { Duration } from '../../../src/kernel/time.ts';
import { factsOf, fillIdentity, heardOf, runBothWays } from '../../support/platform-world.ts';
import type { Line, PlatformOptions, PlatformRun } from '../../support/platform-world.ts';

function ask(
  at: Duration,
  request: string,
  more: { readonly clientId?: string; readonly keyId?: string; readonly value?: string; readonly kind?: 'secret' } = {},
): Line {
  const { clientId = 'client-web', keyId = 'key-web', value = 'private', kind = 'certificate' } = more;
  return {
    at,
    to: 'aad',
    message: { type: 'AadTokenRequest', request, clientId, credential: { kind, keyId, value }, resource: 'https://vault.azure.net' },
  };
}

function worldWith(options: PlatformOptions): PlatformRun {
  return runBothWays({
    ...options,
    fill: (sim) => {
      fillIdentity(sim, 'web');
      options.fill?.(sim);
    },
  });
}

const want = (at: Duration, operation: string, name = 'new'): Line => ({
  at,
  to: 'aad',
  message: { type: 'PrincipalWanted', operation, kind: 'userAssigned', resourceId: `/ids/${name}`, displayName: name },
});

describe('a token for a managed identity', () => {
  it('lives 24 h from its issue, claims to be 300 s older, and stands in the sign-in log later', () => {
    const run = worldWith({ script: [ask(seconds(1000), 'r')] });
    const [answer] = heardOf(run, 'AadTokenResponse');
    expect(answer).toMatchObject({
      status: 200,
      token: {
        objectId: 'object-web',
        audience: 'https://vault.azure.net',
        notBefore: seconds(700),
        expiresAt: plus(seconds(1000), hours(24)),
      },
    });
    const [issued] = factsOf(run, 'aad-token-issued');
    expect(issued).toMatchObject({ principalKind: 'userAssigned', keyId: 'key-web', at: seconds(1000) });
    expect(issued?.loggedAt).toBeGreaterThan(seconds(1000));
  });

  it('is given whatever the letter case of the client id', () => {
    const run = worldWith({ script: [ask(seconds(1), 'r', { clientId: 'CLIENT-Web' })] });
    expect(heardOf(run, 'AadTokenResponse')).toMatchObject([{ status: 200, token: { appId: 'client-web' } }]);
  });

  it.each([
    ['an unknown client id', { clientId: 'client-nobody' }, 400, 'AADSTS700016'],
    ['an unknown key', { keyId: 'key-other' }, 401, 'AADSTS7000215'],
    ['a wrong private key', { value: 'guessed' }, 401, 'AADSTS7000215'],
  ])('is refused for %s', (_what, more, status, error) => {
    const run = worldWith({ script: [ask(seconds(1), 'r', more)] });
    expect(heardOf(run, 'AadTokenResponse')).toMatchObject([{ status, error }]);
    expect(factsOf(run, 'aad-token-refused')).toMatchObject([{ error }]);
  });

  it('is refused with AADSTS7000222 from the moment its certificate expires, after 90 days', () => {
    const script = [ask((days(90) - 1) as Duration, 'before'), ask(days(90), 'after')];
    const run = worldWith({ knobs: { 'entra.token.latency': '300ms' }, script, until: days(91) });
    expect(heardOf(run, 'AadTokenResponse')).toMatchObject([{ status: 200 }, { status: 401, error: 'AADSTS7000222' }]);
  });

  it('is refused with 429 and Retry-After 60 s after 200 in a burst', () => {
    const run = worldWith({ script: Array.from({ length: 201 }, (_, n) => ask(seconds(1), `r${String(n)}`)) });
    const late = heardOf(run, 'AadTokenResponse').filter(({ status }) => status === 429);
    expect(late).toMatchObject([{ retryAfter: seconds(60) }]);
  });

  it('fails with 503 when Entra does', () => {
    const run = worldWith({ knobs: { 'entra.token.errorProb': 1 }, script: [ask(seconds(1), 'r')] });
    expect(heardOf(run, 'AadTokenResponse')).toMatchObject([{ status: 503 }]);
  });
});

describe('an application', () => {
  it('gets tokens of 60 to 90 minutes for its secret until that expires', () => {
    const run = worldWith({
      fill: (sim) => {
        const start = moment(0);
        const secret = { kind: 'secret', keyId: 's1', value: 'sesame', notBefore: start, notAfter: moment(hours(2)) } as const;
        const app = {
          objectId: 'app-1',
          appId: 'app',
          kind: 'application',
          displayName: 'app',
          resourceId: '',
          createdAt: start,
          replicatedAt: start,
        } as const;
        sim.fill('servicePrincipals', 'app-1', { ...app, credentials: [secret] });
      },
      script: [
        ask(hours(1), 'good', { clientId: 'app', keyId: 's1', value: 'sesame', kind: 'secret' }),
        ask(hours(3), 'late', { clientId: 'app', keyId: 's1', value: 'sesame', kind: 'secret' }),
      ],
    });
    const [good, late] = heardOf(run, 'AadTokenResponse');
    const life = (good?.token?.expiresAt ?? 0) - hours(1);
    expect(life).toBeGreaterThanOrEqual(minutes(60));
    expect(life).toBeLessThanOrEqual(minutes(90));
    expect(late).toMatchObject({ status: 401, error: 'AADSTS7000222' });
  });
});

describe('the certificate of a managed identity', () => {
  it('is rolled at 45 and 90 days, each new one good for 90, and the old one works until its own end', () => {
    const run = worldWith({ script: [ask(days(60), 'old-key')], until: days(91) });
    expect(factsOf(run, 'credential-rolled').map(({ at, notAfter }) => [at, notAfter])).toEqual([
      [days(45), days(135)],
      [days(90), days(180)],
    ]);
    expect(heardOf(run, 'AadTokenResponse')).toMatchObject([{ status: 200 }]);
  });

  it('is forgotten 90 days after its expiry, so at most 4 are kept in a year', () => {
    const run = worldWith({ until: days(365) });
    const kept = run.sim.table('servicePrincipals').get('object-web')?.credentials ?? [];
    expect(kept.map(({ notBefore }) => notBefore)).toEqual([days(225), days(270), days(315), days(360)]);
  });

  it('rolled by hand at day 10 is next rolled 45 days later, at day 55', () => {
    const roll: Line = { at: days(10), to: 'aad', message: { type: 'CredentialRollDue', objectId: 'object-web' } };
    const run = worldWith({ script: [roll], until: days(60) });
    const facts = factsOf(run, 'credential-rolled');
    expect(facts.map(({ at }) => at)).toEqual([days(10), days(55)]);
    expect(new Set(facts.map(({ keyId }) => keyId)).size).toBe(2);
  });

  it('whose rolls fail expires on day 90', () => {
    const run = worldWith({ knobs: { 'mi.cert.rollFailureProb': 1 }, script: [ask(days(90), 'r')], until: days(91) });
    expect(factsOf(run, 'credential-rolled')).toEqual([]);
    expect(heardOf(run, 'AadTokenResponse')).toMatchObject([{ error: 'AADSTS7000222' }]);
  });
});

describe('a new principal', () => {
  it('is made with a certificate, named after its resource; a second one for the same resource has other ids', () => {
    const run = worldWith({ script: [want(seconds(1), 'op-1'), want(seconds(2), 'op-2')] });
    const [first, second] = heardOf(run, 'PrincipalReady');
    expect(first).toMatchObject({ operation: 'op-1', at: seconds(1) });
    expect(first?.objectId).not.toBe(second?.objectId);
    expect(first?.appId).not.toBe(second?.appId);
    const row = run.sim.table('servicePrincipals').get(first?.objectId ?? '');
    expect(row?.credentials).toMatchObject([{ notBefore: seconds(1), notAfter: seconds(1) + days(90) }]);
    expect(factsOf(run, 'principal-created')).toHaveLength(2);
  });

  it('is missed by 0.9 to 0.1 of the requests while it spreads over 100 s, and by none afterwards', () => {
    const asks = Array.from({ length: 1100 }, (_, n) => n).map((n) =>
      ask(seconds(1.05 + n * 0.1), `r${String(n)}`, { clientId: 'fresh', keyId: '', value: '' }),
    );
    const wanted: Line = {
      at: seconds(1),
      to: 'aad',
      message: {
        type: 'PrincipalWanted',
        operation: 'op',
        kind: 'userAssigned',
        resourceId: '/ids/f',
        displayName: 'f',
        clientId: 'fresh',
      },
    };
    const run = worldWith({ knobs: { 'mi.sp.replicationDelay': '100s' }, script: [wanted, ...asks] });
    // A replica that knows the principal gets as far as the (wrong) key.
    const missed = factsOf(run, 'aad-token-refused').map(({ at, error }) => ({ at, isMissed: error === 'AADSTS700016' }));
    const share = (from: number, to: number): number => {
      const part = missed.filter(({ at }) => at >= seconds(from) && at < seconds(to));
      return part.filter(({ isMissed }) => isMissed).length / part.length;
    };
    expect(share(1, 21)).toBeGreaterThan(0.8);
    expect(share(41, 61)).toBeGreaterThan(0.35);
    expect(share(41, 61)).toBeLessThan(0.65);
    expect(share(81, 101)).toBeLessThan(0.2);
    expect(share(101, 111)).toBe(0);
  });

  it('deleted is refused from then on, once stated, and never rolled again', () => {
    const drop: Line = { at: seconds(10), to: 'aad', message: { type: 'PrincipalUnwanted', objectId: 'object-web' } };
    const run = worldWith({ script: [drop, { ...drop, at: seconds(11) }, ask(seconds(12), 'r')], until: days(100) });
    expect(heardOf(run, 'AadTokenResponse')).toMatchObject([{ status: 400, error: 'AADSTS700016' }]);
    expect(factsOf(run, 'principal-deleted')).toMatchObject([{ objectId: 'object-web', at: seconds(10) }]);
    expect(factsOf(run, 'credential-rolled')).toEqual([]);
  });
});
