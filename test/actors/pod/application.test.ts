/** What an application does with its token over days: uses, refreshes, failures, denials. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { WorkloadRow } from '../../../src/model/workload.ts';
import { assignedObject, identityObject, NODE, podObject, POD_IP } from '../../support/token-path-objects.ts';
import { runTokenPath } from '../../support/token-path.ts';
import type { Seen, TokenPath } from '../../support/token-path.ts';

const HOUR = 3600;
const one = identityObject('one');

function run(row: Partial<WorkloadRow>, path: TokenPath = {}): Seen {
  return runTokenPath({
    pods: [podObject()],
    assigned: [assignedObject(one, 'Assigned')],
    until: 60 * HOUR,
    ...path,
    // Every use opens a connection, so every use has its token looked at.
    overrides: { 'sql.connection.lifetime': '0s', ...path.overrides },
    fill: (sim) => {
      path.fill?.(sim);
      sim.fill('services', 'db', { name: 'db', kind: 'sql', audience: 'r', scope: '/db' });
      sim.fill('workloads', 'app', {
        name: 'app',
        client: 'goLatest',
        clientId: 'client-one',
        resource: 'r',
        service: 'db',
        every: seconds(HOUR),
        ...row,
      });
      const place = {
        pod: 'default/app',
        podUid: 'u',
        node: NODE,
        gateway: `iptables/${NODE}`,
        ip: POD_IP,
        network: 'pod',
        startedAt: sim.now,
      } as const;
      sim.add({ id: 'pod/default/app', kind: 'pod' }, { type: 'WorkloadStarted', workload: 'app', place });
    },
  });
}

/** Hours at which NMI or IMDS gave a token. */
const fetched = (seen: Seen): readonly number[] =>
  seen.of('token-answered').flatMap(({ servedBy, at }) => (servedBy === 'clientCache' ? [] : [at / HOUR]));

describe('uses and refreshes', () => {
  it('uses one token of 24 h each hour and gets the next in its last five minutes', () => {
    const seen = run({});
    // At 24 h the token has no life left; with uses each hour none falls into the five minutes before.
    expect(fetched(seen)).toEqual([0, 24, 48]);
    expect(seen.of('token-answered')).toHaveLength(61);
    expect(seen.of('token-answered')[0]).toMatchObject({ isFirst: true, ordinal: 1 });
    expect(seen.of('token-asked')).toHaveLength(3);
    expect(seen.deliveries.filter(({ message }) => message.type === 'ServiceRequest' && message.operation === 'connect')).toHaveLength(61);
  });

  it('refreshes at half of the life where the client follows that rule', () => {
    expect(fetched(run({ client: 'pythonRecent' }))).toEqual([0, 12, 24, 36, 48, 60]);
    expect(fetched(run({ client: 'pythonRecent' }, { overrides: { 'client.token.refreshAtHalf': false } }))).toEqual([0, 24, 48]);
  });

  it('asks each time where nothing is kept', () => {
    expect(fetched(run({ client: 'naive' }, { until: 3 * HOUR }))).toEqual([0, 1, 2, 3]);
  });

  it('answers its liveness probe at once, or only after its first token', () => {
    const body = (knob: string, granted: boolean): unknown =>
      run(
        {},
        {
          until: 10,
          overrides: { 'app.answersProbes': knob },
          imds: () => ({ status: granted ? 200 : 400 }),
          script: [{ at: 5, act: (turn) => turn.send('pod/default/app', { type: 'Probe', request: 'p' }) }],
        },
      ).deliveries.flatMap(({ message }) => (message.type === 'ProbeAnswer' ? [message.status] : []));
    expect([body('always', false), body('afterFirstToken', false), body('afterFirstToken', true)]).toEqual([[200], [0], [200]]);
  });

  it('gets no token where NMI wants the header that its client never sends', () => {
    const status = (required: string): unknown =>
      run({ client: 'headerless' }, { until: 60, overrides: { 'nmi.headerRequired': required } }).of('nmi-answered')[0]?.status;
    expect([status('true'), status('false')]).toEqual([400, 200]);
  });

  it('goes on with the old token while a refresh fails, and fails only when it is used up', () => {
    // Python refreshes from 12 h on; IMDS refuses everything after the first token.
    const seen = run({ client: 'pythonRecent' }, { imds: ({ n }) => ({ status: n === 0 ? 200 : 400 }), until: 25 * HOUR });
    const lastUse = seen.of('token-answered').at(-1);
    expect(fetched(seen)).toEqual([0]);
    expect(lastUse).toMatchObject({ at: 23 * HOUR, servedBy: 'clientCache' });
    expect(seen.of('token-failed')[0]?.at).toBe(12 * HOUR);
  });

  it('leaves 30 s between two refreshes that fail, though it is used every 20 s', () => {
    const row = { client: 'pythonRecent', every: seconds(20) };
    const seen = run(row, { imds: ({ n }) => ({ status: n === 0 ? 200 : 400 }), until: 12 * HOUR + 130 });
    expect(seen.of('token-failed').map(({ at }) => at - 12 * HOUR)).toEqual([0, 40, 80, 120]);
  });

  it('adal throws the failed refresh although the old token has minutes to live', () => {
    const row = { client: 'adalGo', every: seconds(1440 * 60 - 200) };
    const seen = run(row, { imds: ({ n }) => ({ status: n === 0 ? 200 : 400 }), until: 25 * HOUR });
    expect(seen.of('token-answered')).toHaveLength(1);
    expect(seen.of('token-failed')[0]).toMatchObject({ status: 403 });
  });
});

describe('failures and denials', () => {
  it('asks again after a 403, which no client retries: 10 s later each time, until IMDS knows the identity', () => {
    const seen = run({ retryAfterDenial: seconds(10) }, { imds: ({ at }) => ({ status: at < 35 ? 400 : 200 }), until: 100 });
    expect(seen.of('token-failed').map(({ at, status }) => [at, status])).toEqual([
      [0, 403],
      [10, 403],
      [20, 403],
      [30, 403],
    ]);
    expect(seen.of('token-answered')[0]).toMatchObject({ at: 40, isFirst: true, since: 0, ordinal: 5 });
  });

  it('asks again after a denial of the service, 401 or 403, and waits for its next use after anything else', () => {
    const usesOf = (statuses: readonly number[]): readonly number[] =>
      run({ retryAfterDenial: seconds(10) }, { service: (n) => statuses[n] ?? 200, until: 2 * HOUR })
        .of('token-answered')
        .map(({ at }) => at);
    expect(usesOf([403, 401])).toEqual([0, 10, 20, HOUR + 20]);
    expect(usesOf([500, 429])).toEqual([0, HOUR, 2 * HOUR]);
  });

  it('opens a new connection after a refusal or its own time-out, and keeps one that is answered', () => {
    const connectionsOf = (row: Partial<WorkloadRow>, path: TokenPath): readonly string[] =>
      run({ every: seconds(0), service: '', ...row }, path).deliveries.flatMap(({ actor, message }) =>
        actor.startsWith('iptables/') && message.type === 'MetadataRequest' ? [message.connection] : [],
      );
    const dead: TokenPath = {
      nmi: 'absent',
      until: 200,
      fill: (sim) => sim.fill('nodeRules', NODE, { node: NODE, chain: 'full', jump: 'present', listener: 'down' }),
    };
    expect(new Set(connectionsOf({ client: 'adalGo' }, dead)).size).toBe(5);
    expect(new Set(connectionsOf({}, { assigned: [], until: 2000 })).size).toBe(7);
    const hasty: TokenPath = { assigned: [], until: 20, overrides: { 'client.http.timeout': '5s' } };
    expect(new Set(connectionsOf({ client: 'naive', retryAfterDenial: seconds(1) }, hasty)).size).toBe(4);
    const tuned = { 'nmi.lookup.createdAttempts': 1, 'nmi.lookup.interval': '1s' };
    expect(new Set(connectionsOf({ client: 'adalGo' }, { assigned: [], until: 200, overrides: tuned })).size).toBe(1);
  });

  it('comes back at its next use where no retry is given', () => {
    const seen = run({}, { imds: ({ n }) => ({ status: n === 0 ? 400 : 200 }), until: 2 * HOUR });
    expect(fetched(seen)).toEqual([1]);
  });

  it('times out at the client, is cancelled at NMI, and tries again: no answer for a dead request counts', () => {
    const seen = run({ every: seconds(0), service: '' }, { assigned: [], until: 200 });
    const [first] = seen.of('token-try-ended');
    expect(first).toMatchObject({ at: 60, status: -1, took: 60_000_000 });
    expect(seen.of('nmi-answered')[0]).toMatchObject({ at: 60, status: 404 });
  });

  it('acts alike in both modes', () => {
    const path: TokenPath = { imds: ({ at }) => ({ status: at < 35 ? 400 : 200 }), until: 30 * HOUR };
    const row = { client: 'js414', retryAfterDenial: seconds(7) };
    expect(run(row, { ...path, mode: 'fast' }).fingerprint).toBe(run(row, path).fingerprint);
  });
});
