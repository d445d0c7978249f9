/** What target services check, and when. */
import { describe, expect, it } from 'vitest';
import { ORIGIN, before, days, hours, minutes, moment, seconds } from '../../../src/kernel/time.ts';
import type { Duration, Moment } from '../../../src/kernel/time.ts';
import { issueToken } from '../../../src/model/token.ts';
import type { ServicePrincipal } from '../../../src/model/azure.ts';
import type { ServiceRow } from '../../../src/model/workload.ts';
import { armLine, factsOf, fillIdentity, heardOf, identityId, runBothWays } from '../../support/platform-world.ts';
import type { Line, PlatformOptions, PlatformRun } from '../../support/platform-world.ts';

const AUDIENCE = 'https://vault.azure.net';
const SCOPE = '/subscriptions/s/resourceGroups/data/providers/Microsoft.KeyVault/vaults/main';
const ROLE = 'Key Vault Secrets User';

const web: ServicePrincipal = {
  objectId: 'object-web',
  appId: 'client-web',
  kind: 'userAssigned',
  displayName: 'web',
  resourceId: identityId('web'),
  createdAt: ORIGIN,
  replicatedAt: ORIGIN,
  credentials: [],
};

interface Use {
  readonly operation?: string;
  readonly issuedAt?: Duration;
  readonly audience?: string;
}

function use(at: Duration, request: string, how: Use = {}): Line {
  const { operation = 'get', issuedAt = seconds(0), audience = AUDIENCE } = how;
  const token = issueToken({ uti: 'aad#1', audience, principal: web, at: moment(issuedAt), life: hours(24), backdate: seconds(300) });
  return {
    at,
    to: 'service/main',
    message: { type: 'ServiceRequest', request, operation, token, sender: 'default/web-0', callerIP: '10.0.0.9' },
  };
}

interface Setting extends PlatformOptions {
  readonly kind?: ServiceRow['kind'];
  /** When the role was assigned; undefined: never. */
  readonly grantedAt?: Moment;
  readonly revokedAt?: Moment;
}

function serviceWorld(setting: Setting): PlatformRun {
  const { kind = 'keyVault', grantedAt, revokedAt } = setting;
  return runBothWays({
    ...setting,
    fill: (sim) => {
      fillIdentity(sim, 'web');
      sim.fill('services', 'main', { name: 'main', kind, audience: AUDIENCE, scope: SCOPE });
      sim.add({ id: 'service/main', kind: 'target-service' }, { type: 'Start' });
      const revoked = revokedAt === undefined ? {} : { deletedAt: revokedAt };
      if (grantedAt !== undefined)
        sim.fill('roleAssignments', 'role-1', {
          id: 'role-1',
          principalId: 'object-web',
          role: ROLE,
          scope: SCOPE,
          createdAt: grantedAt,
          ...revoked,
        });
      setting.fill?.(sim);
    },
  });
}

const LONG_AGO = before(ORIGIN, days(1));

function statuses(run: PlatformRun): readonly number[] {
  return [...factsOf(run, 'service-answered')].sort((a, b) => a.at - b.at).map(({ status }) => status);
}

describe('a token at a vault', () => {
  it('is accepted until 24 h and 5 min after its issue, and refused with 401 a second later', () => {
    const last = hours(24) + minutes(5);
    const script = [use(last as Duration, 'last'), use((last + seconds(1)) as Duration, 'late')];
    const run = serviceWorld({ grantedAt: LONG_AGO, script, until: days(2) });
    expect(factsOf(run, 'service-answered').map(({ status, error, at }) => [at > last - seconds(1), status, error])).toEqual([
      // The way there takes a few milliseconds, which is already too long for the first.
      [true, 401, 'expired'],
      [true, 401, 'expired'],
    ]);
    const early = serviceWorld({ grantedAt: LONG_AGO, script: [use((last - seconds(1)) as Duration, 'r')], until: days(2) });
    expect(statuses(early)).toEqual([200]);
  });

  it('issued 10 minutes in the future is refused with 401, and for another audience too', () => {
    const script = [use(seconds(1), 'future', { issuedAt: seconds(700) }), use(seconds(2), 'other', { audience: `${AUDIENCE}/` })];
    const run = serviceWorld({ grantedAt: LONG_AGO, script });
    expect(factsOf(run, 'service-answered').map(({ status, error }) => [status, error])).toEqual([
      [401, 'notYetValid'],
      [401, 'wrongAudience'],
    ]);
  });

  it('without a role is refused with 403, which the log attributes to the principal and its token', () => {
    const run = serviceWorld({ script: [use(seconds(1), 'r')] });
    expect(heardOf(run, 'ServiceResponse')).toMatchObject([{ status: 403, error: 'ForbiddenByRbac' }]);
    const [fact] = factsOf(run, 'service-answered');
    expect(fact).toMatchObject({
      service: 'main',
      objectId: 'object-web',
      appId: 'client-web',
      uti: 'aad#1',
      callerIP: '10.0.0.9',
      sender: 'default/web-0',
    });
    expect((fact?.loggedAt ?? 0) - (fact?.at ?? 0)).toBeLessThanOrEqual(minutes(10));
  });

  it('is throttled with 429 after 40 requests in a burst where the vault takes 40', () => {
    const knobs = { 'kv.rate.perVault': 'TB(40, +4/s)' };
    const script = Array.from({ length: 45 }, (_, n) => use(seconds(1), `r${String(n)}`));
    const answered = statuses(serviceWorld({ grantedAt: LONG_AGO, knobs, script }));
    expect(answered.filter((status) => status === 200)).toHaveLength(40);
    expect(answered.filter((status) => status === 429)).toHaveLength(5);
  });
});

describe('six vaults of a subscription where each takes 40 in a burst', () => {
  const knobs = { 'kv.rate.perVault': 'TB(40, +4/s)' };
  const names = ['main', 'b', 'c', 'd', 'e', 'f'];
  const burst = names.flatMap((name) =>
    Array.from({ length: 40 }, (_, n) => ({ ...use(seconds(1), `${name}${String(n)}`), to: `service/${name}` })),
  );
  const others: Setting['fill'] = (sim) => {
    for (const name of names.slice(1)) {
      sim.fill('services', name, { name, kind: 'keyVault', audience: AUDIENCE, scope: SCOPE });
      sim.add({ id: `service/${name}`, kind: 'target-service' }, { type: 'Start' });
    }
  };

  it('take 200 together, five times what one takes', () => {
    const answered = statuses(serviceWorld({ grantedAt: LONG_AGO, knobs, script: burst, fill: others }));
    expect(answered.filter((status) => status === 200)).toHaveLength(200);
    expect(answered.filter((status) => status === 429)).toHaveLength(40);
  });

  it('take all 240 where the subscription takes six times as much', () => {
    const lenient = { ...knobs, 'kv.rate.subscriptionFactor': 6 };
    expect(statuses(serviceWorld({ grantedAt: LONG_AGO, knobs: lenient, script: burst, fill: others }))).toEqual(Array(240).fill(200));
  });
});

describe('a call of a vault without a token', () => {
  const { message } = use(seconds(1), 'r');
  const bare = { at: seconds(1), to: 'service/main', message: { ...message, token: undefined } } as unknown as Line;

  it('is answered with 401 and stands in the log as a challenge, not as an access', () => {
    const run = serviceWorld({ script: [bare], knobs: { 'kv.challenge401.latency': '15ms' } });
    expect(heardOf(run, 'ServiceResponse')).toMatchObject([{ status: 401, error: 'tokenMissing' }]);
    expect(factsOf(run, 'service-challenged')).toHaveLength(1);
    expect(factsOf(run, 'service-answered')).toEqual([]);
  });
});

describe('a Cosmos DB account', () => {
  const assign = (role: string, n: number): Line =>
    armLine(seconds(n), role, { op: 'putRoleAssignment', principal: { identity: identityId('web') }, role, scope: SCOPE });
  const script = ['Reader A', 'Reader B', 'Reader C'].map((role, n) => assign(role, 10 * (n + 1)));

  it.each(['assignments', 'roleDefinitions'])('has at most as many %s as its limit says', (what) => {
    const run = serviceWorld({ kind: 'cosmosDb', script, knobs: { [`cosmos.rbac.limits.${what}`]: 2 } });
    expect(heardOf(run, 'ArmResponse').map(({ status }) => status)).toEqual([201, 201, 400]);
  });

  it('of another kind knows no such limit', () => {
    const knobs = { 'cosmos.rbac.limits.assignments': 2, 'cosmos.rbac.limits.roleDefinitions': 2 };
    expect(heardOf(serviceWorld({ script, knobs }), 'ArmResponse').map(({ status }) => status)).toEqual([201, 201, 201]);
  });
});

describe('a role assignment made through ARM at 10 s', () => {
  const assign = armLine(seconds(10), 'assign', {
    op: 'putRoleAssignment',
    principal: { identity: identityId('web') },
    role: ROLE,
    scope: SCOPE,
  });
  const uses = Array.from({ length: 70 }, (_, n) => use(seconds(10 * (n + 1)), `r${String(n)}`));

  it('has effect after the 90 s the service takes to hear of it, and then for good', () => {
    const run = serviceWorld({ knobs: { 'rbac.grant.delay': '90s' }, script: [assign, ...uses] });
    const firstAllowed = factsOf(run, 'service-answered').find(({ status }) => status === 200);
    // Accepted at 10.5 s, effective at 100.5 s, next asked for at 110 s.
    expect(Math.round((firstAllowed?.at ?? 0) / seconds(1))).toBe(110);
    expect(statuses(run).slice(0, 10)).toEqual(Array(10).fill(403));
    expect(statuses(run).slice(10)).toEqual(Array(60).fill(200));
  });

  it('has effect within 1 to 10 minutes by default, in most of 40 worlds within 1 to 5', () => {
    const delays = Array.from({ length: 40 }, (_, n) => {
      const run = serviceWorld({ seed: `rbac-${String(n)}`, script: [assign, ...uses] });
      return ((factsOf(run, 'service-answered').find(({ status }) => status === 200)?.at ?? NaN) - seconds(10)) / minutes(1);
    });
    for (const delay of delays) expect(delay).toBeLessThanOrEqual(10.2);
    expect(delays.filter((delay) => delay <= 5).length).toBeGreaterThan(28);
  });

  it('removed at 200 s goes on working for the 120 s the service takes to hear of that', () => {
    const remove = armLine(seconds(200), 'remove', {
      op: 'deleteRoleAssignment',
      principal: { identity: identityId('web') },
      role: ROLE,
      scope: SCOPE,
    });
    const run = serviceWorld({ knobs: { 'rbac.grant.delay': '5s', 'rbac.revoke.delay': '120s' }, script: [assign, remove, ...uses] });
    const lastAllowed = factsOf(run, 'service-answered')
      .filter(({ status }) => status === 200)
      .at(-1);
    expect(Math.round((lastAllowed?.at ?? 0) / seconds(1))).toBe(320);
  });
});

describe('the kinds of services', () => {
  it('SQL checks an expired token when a connection opens, not over an open one', () => {
    const late = hours(25);
    const script = [use(late, 'query', { operation: 'query' }), use((late + seconds(1)) as Duration, 'connect', { operation: 'connect' })];
    expect(statuses(serviceWorld({ kind: 'sql', grantedAt: LONG_AGO, script, until: days(2) }))).toEqual([200, 401]);
  });

  it('Cosmos DB checks it at every request', () => {
    const script = [use(hours(25), 'read')];
    expect(statuses(serviceWorld({ kind: 'cosmosDb', grantedAt: LONG_AGO, script, until: days(2) }))).toEqual([401]);
  });
});

describe('the token of a deleted identity', () => {
  const remove: Line = { at: seconds(10), to: 'aad', message: { type: 'PrincipalUnwanted', objectId: 'object-web' } };
  const script = [remove, use(hours(23), 'r')];

  it('is accepted to its end by a service that does not look principals up', () => {
    expect(statuses(serviceWorld({ grantedAt: LONG_AGO, knobs: { 'mi.deleted.targetChecksDirectory': 0 }, script }))).toEqual([200]);
  });

  it('is refused with 401 by one that does, and where the knob says tokens die with their identity', () => {
    expect(statuses(serviceWorld({ grantedAt: LONG_AGO, knobs: { 'mi.deleted.targetChecksDirectory': 1 }, script }))).toEqual([401]);
    const knobs = { 'mi.deleted.targetChecksDirectory': 0, 'mi.deleted.tokenAcceptedUntilExp': false };
    expect(statuses(serviceWorld({ grantedAt: LONG_AGO, knobs, script }))).toEqual([401]);
  });
});
