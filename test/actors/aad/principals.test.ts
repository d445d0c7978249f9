/** Principals as a whole: in the bin and out of it, disabled, revoked; and what of it a service notices. */
import { describe, expect, it } from 'vitest';
import { days, hours, moment, seconds } from '../../../src/kernel/time.ts';
import type { Duration } from '../../../src/kernel/time.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { issueToken } from '../../../src/model/token.ts';
import type { ServicePrincipal } from '../../../src/model/azure.ts';
import { factsOf, fillIdentity, heardOf, runBothWays } from '../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../support/platform-world.ts';

const START = moment(0);

const app: ServicePrincipal = {
  objectId: 'app-1',
  appId: 'app',
  kind: 'application',
  displayName: 'app',
  resourceId: '',
  createdAt: START,
  replicatedAt: START,
  credentials: [{ kind: 'secret', keyId: 's1', value: 'old', notBefore: START, notAfter: moment(days(90)) }],
};

function ask(at: Duration, who: 'app' | 'web' = 'app'): Line {
  const credential =
    who === 'app'
      ? ({ kind: 'secret', keyId: '', value: 'old' } as const)
      : ({ kind: 'certificate', keyId: 'key-web', value: 'private' } as const);
  const clientId = who === 'app' ? 'app' : 'client-web';
  return { at, to: 'aad', message: { type: 'AadTokenRequest', request: `at ${String(at)}`, clientId, credential, resource: 'r' } };
}

function change(at: Duration, what: MessageOf<'PrincipalChange'>['change'], objectId = 'app-1'): Line {
  return { at, to: 'aad', message: { type: 'PrincipalChange', objectId, change: what } };
}

function run(
  script: readonly Line[],
  knobs: Readonly<Record<string, string | number | boolean>> = {},
  until: Duration = days(40),
): PlatformRun {
  return runBothWays({
    knobs: { 'mi.sp.replicationDelay': '10s', 'entra.token.latency': '300ms', 'mi.deleted.targetChecksDirectory': 0, ...knobs },
    fill: (sim) => {
      fillIdentity(sim, 'web');
      sim.fill('servicePrincipals', 'app-1', app);
      sim.fill('services', 'main', { name: 'main', kind: 'cosmosDb', audience: 'r', scope: '/main' });
      sim.fill('roleAssignments', 'one', { id: 'one', principalId: 'object-web', role: 'r', scope: '/main', createdAt: moment(days(-1)) });
      sim.add({ id: 'service/main', kind: 'target-service' }, { type: 'Start' });
    },
    script,
    until,
  });
}

const answers = (told: PlatformRun): readonly (number | string)[] =>
  heardOf(told, 'AadTokenResponse').map(({ status, error }) => error ?? status);

describe('a deleted application', () => {
  it('gets no token until it is restored, as the same principal with the same secret', () => {
    const told = run([ask(hours(1)), change(hours(2), 'delete'), ask(hours(3)), change(hours(4), 'restore'), ask(hours(5))]);
    expect(answers(told)).toEqual([200, 'AADSTS700016', 200]);
    expect(factsOf(told, 'principal-changed')).toMatchObject([{ change: 'restored', at: hours(4) }]);
    expect(told.sim.table('servicePrincipals').get('app-1')?.deletedAt).toBeUndefined();
  });

  it('restored is met by some replicas sooner than by others', () => {
    const knobs = { 'mi.sp.replicationDelay': '10m', 'mi.sp.missProbDuringReplication': 'always' };
    const told = run([change(hours(2), 'delete'), change(hours(4), 'restore'), ask(hours(4.1)), ask(hours(4.3))], knobs);
    expect(answers(told)).toEqual(['AADSTS700016', 200]);
  });

  it('is gone for good 30 days later, or when it is purged, and cannot be restored then', () => {
    const late = run([change(hours(2), 'delete'), change(days(31), 'restore')]);
    expect(factsOf(late, 'principal-changed')).toMatchObject([{ change: 'purged', at: hours(2) + days(30) }]);
    expect(factsOf(late, 'directory-change-refused')).toMatchObject([{ error: 'Request_ResourceNotFound', at: days(31) }]);
    const purged = run([change(hours(2), 'delete'), change(hours(3), 'purge'), change(hours(4), 'restore')]);
    expect(factsOf(purged, 'principal-changed')).toMatchObject([{ change: 'purged', at: hours(3) }]);
    expect(purged.sim.table('servicePrincipals').get('app-1')).toBeUndefined();
  });

  it('restored is not purged at the end of its 30 days', () => {
    const told = run([change(hours(2), 'delete'), change(days(29), 'restore')]);
    expect(factsOf(told, 'principal-changed').map((fact) => fact.change)).toEqual(['restored']);
  });
});

describe('a deleted managed identity', () => {
  const drop: Line = { at: hours(1), to: 'aad', message: { type: 'PrincipalUnwanted', objectId: 'object-web' } };

  it('can be restored and purged by nobody, and goes by itself after 30 days', () => {
    const told = run([drop, change(hours(2), 'restore', 'object-web'), change(hours(3), 'purge', 'object-web')]);
    expect(factsOf(told, 'directory-change-refused').map(({ error }) => error)).toEqual(['Request_BadRequest', 'Request_BadRequest']);
    expect(factsOf(told, 'principal-changed')).toMatchObject([{ change: 'purged', at: hours(1) + days(30) }]);
  });

  it('that is made again after its purge is another principal all the same', () => {
    const want = (at: Duration, operation: string): Line => ({
      at,
      to: 'aad',
      message: { type: 'PrincipalWanted', operation, kind: 'userAssigned', resourceId: '/ids/f', displayName: 'f' },
    });
    const first = heardOf(run([want(hours(1), 'op-1')]), 'PrincipalReady')[0]?.objectId ?? '';
    const gone: Line = { at: hours(2), to: 'aad', message: { type: 'PrincipalUnwanted', objectId: first } };
    const told = run([want(hours(1), 'op-1'), gone, want(days(35), 'op-2')]);
    expect(heardOf(told, 'PrincipalReady').map(({ objectId }) => objectId)[1]).not.toBe(first);
  });
});

describe('a disabled principal', () => {
  it('gets no token until it is enabled again', () => {
    const told = run([
      change(hours(1), 'disable'),
      change(hours(1.5), 'disable'),
      ask(hours(2)),
      change(hours(3), 'enable'),
      ask(hours(4)),
    ]);
    expect(answers(told)).toEqual(['AADSTS7000112', 200]);
    expect(factsOf(told, 'principal-changed').map((fact) => fact.change)).toEqual(['disabled', 'enabled']);
  });

  it('that does not exist is refused', () => {
    expect(factsOf(run([change(hours(1), 'disable', 'nobody')]), 'directory-change-refused')).toMatchObject([{ objectId: 'nobody' }]);
  });
});

describe('the tokens of an identity', () => {
  const token = (issuedAt: Duration): MessageOf<'ServiceRequest'>['token'] =>
    issueToken({
      uti: 't',
      audience: 'r',
      principal: { ...app, objectId: 'object-web', kind: 'userAssigned' },
      at: moment(issuedAt),
      life: hours(24),
      backdate: seconds(300),
    });
  const use = (at: Duration, issuedAt: Duration = seconds(0)): Line => ({
    at,
    to: 'service/main',
    message: {
      type: 'ServiceRequest',
      request: `use ${String(at)}`,
      operation: 'read',
      token: token(issuedAt) as never,
      sender: 's',
      callerIP: '1',
    },
  });
  const outcomes = (told: PlatformRun): readonly (number | string)[] =>
    [...factsOf(told, 'service-answered')].sort((a, b) => a.at - b.at).map(({ status, error }) => (error === '' ? status : error));

  it('are good after their principal is disabled, and after they are revoked, as long as they live', () => {
    const script = [
      change(hours(1), 'disable', 'object-web'),
      change(hours(1), 'revokeTokens', 'object-web'),
      use(hours(2)),
      use(hours(23)),
    ];
    expect(outcomes(run(script))).toEqual([200, 200]);
  });

  it('are refused by a service that looks principals up, and by one that hears of events within 15 minutes', () => {
    const script = [change(hours(1), 'disable', 'object-web'), use(hours(1.1)), use(hours(2))];
    expect(outcomes(run(script, { 'mi.deleted.targetChecksDirectory': 1 }))).toEqual(['principalDisabled', 'principalDisabled']);
    const cae = { 'cae.managedIdentity.supported': true, 'cae.event.delay': '10m' };
    expect(outcomes(run(script, cae))).toEqual([200, 'principalDisabled']);
    const drop: Line = { at: hours(1), to: 'aad', message: { type: 'PrincipalUnwanted', objectId: 'object-web' } };
    expect(outcomes(run([drop, use(hours(1.1)), use(hours(2))], cae))).toEqual([200, 'principalDeleted']);
  });

  it('revoked are refused where that is heard of, but not those issued since', () => {
    const knobs = { 'mi.revokeTokens.enabled': true, 'mi.revokeTokens.effectDelay': '5m' };
    const script = [change(hours(1), 'revokeTokens', 'object-web'), use(hours(1.05)), use(hours(2)), use(hours(2.1), hours(1.01))];
    expect(outcomes(run(script, knobs))).toEqual([200, 'tokenRevoked', 200]);
  });
});

describe('a sign-in', () => {
  const issued = (knobs: Readonly<Record<string, string | number | boolean>>): { readonly logged: number; readonly kept: number } => {
    const [fact] = factsOf(run([ask(hours(1), 'web')], { 'entra.signInLog.delay': '20s', ...knobs }), 'aad-token-issued');
    return { logged: (fact?.loggedAt ?? 0) - (fact?.at ?? 0), kept: (fact?.keptUntil ?? 0) - (fact?.at ?? 0) };
  };

  it('is kept for 30 days, or for 7 without a licence', () => {
    expect(issued({}).kept).toBe(days(30));
    expect(issued({ 'entra.signInLog.licence': 'free' }).kept).toBe(days(7));
  });

  it('is read in the portal first, later in a workspace, and there not at all before its export works', () => {
    expect(issued({}).logged).toBe(seconds(20));
    expect(issued({ 'entra.signInLog.readIn': 'logAnalytics', 'logAnalytics.ingestion': '80s' }).logged).toBe(seconds(100));
    const young = { 'entra.signInLog.readIn': 'newLogAnalytics', 'logAnalytics.ingestion': '80s', 'logAnalytics.firstSetup': '30h' };
    expect(issued(young).logged).toBeCloseTo(hours(29), -7);
    expect(issued({ ...young, 'logAnalytics.firstSetup': '1h' }).logged).toBe(seconds(100));
  });

  it('gives a token of 24 hours, or of 8 in the years before December 2020', () => {
    const life = (knobs: Readonly<Record<string, string>>): number => {
      const [fact] = factsOf(run([ask(hours(1), 'web')], knobs), 'aad-token-issued');
      return (fact?.expiresAt ?? 0) - (fact?.at ?? 0);
    };
    expect(life({})).toBe(hours(24));
    expect(life({ 'mi.token.lifetime.era': 'before2020-12' })).toBe(hours(8));
  });
});
