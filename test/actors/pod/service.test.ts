/** The application at its service: connections of a pool, the challenge of a vault, waits after throttled calls. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { ServiceRow } from '../../../src/model/workload.ts';
import { assignedObject, identityObject, NODE, podObject, POD_IP } from '../../support/token-path-objects.ts';
import { runTokenPath } from '../../support/token-path.ts';
import type { Seen, TokenPath } from '../../support/token-path.ts';

interface Setting extends TokenPath {
  readonly kind: ServiceRow['kind'];
  /** [s] */
  readonly every?: number;
  readonly client?: string;
}

function run({ kind, every = 60, client = 'goLatest', ...path }: Setting): Seen {
  return runTokenPath({
    pods: [podObject()],
    assigned: [assignedObject(identityObject('one'), 'Assigned')],
    ...path,
    fill: (sim) => {
      sim.fill('services', 'db', { name: 'db', kind, audience: 'r', scope: '/db' });
      const app = { name: 'app', client, clientId: 'client-one', resource: 'r', service: 'db', every: seconds(every) };
      sim.fill('workloads', 'app', { ...app, retryAfterDenial: seconds(5) });
      const at = { node: NODE, gateway: `iptables/${NODE}`, ip: POD_IP, network: 'pod', startedAt: sim.now } as const;
      const place = { pod: 'default/app', podUid: 'u', ...at };
      sim.add({ id: 'pod/default/app', kind: 'pod' }, { type: 'WorkloadStarted', workload: 'app', place });
    },
  });
}

/** Each call of the service: second, operation, whether with a token. */
function calls(seen: Seen): readonly (readonly [number, string, boolean])[] {
  return seen.deliveries.flatMap(({ at, message }) =>
    message.type === 'ServiceRequest' ? [[at / 1e6, message.operation, message.token !== undefined] as const] : [],
  );
}

describe('a pool of database connections', () => {
  it('opens one with the token and queries over it for its life of 150 s, then opens the next', () => {
    const seen = run({ kind: 'sql', overrides: { 'sql.connection.lifetime': '150s' }, until: 310 });
    expect(calls(seen).map(([at, operation]) => [at, operation])).toEqual([
      [0, 'connect'],
      [60, 'query'],
      [120, 'query'],
      [180, 'connect'],
      [240, 'query'],
      [300, 'query'],
    ]);
  });

  it('goes on over the token it was opened with although every later getToken fails', () => {
    const setting = { kind: 'sql', client: 'naive', overrides: { 'sql.connection.lifetime': '400s' }, until: 500 } as const;
    const seen = run({ ...setting, imds: ({ n }) => ({ status: n < 1 ? 200 : 400 }) });
    const operations = calls(seen).map(([, operation]) => operation);
    expect(operations[0]).toBe('connect');
    expect(operations.slice(1)).toEqual(Array(operations.length - 1).fill('query'));
    expect(seen.of('token-failed').length).toBeGreaterThan(3);
    // Once its life is over there is nothing to go on with.
    expect(Math.max(...calls(seen).map(([at]) => at))).toBeLessThan(400);
  });

  it('has no connection after one was refused, and tries to open it again', () => {
    const seen = run({ kind: 'sql', service: (n) => (n === 0 ? 403 : 200), until: 70 });
    expect(calls(seen).map(([at, operation]) => [at, operation])).toEqual([
      [0, 'connect'],
      [5, 'connect'],
      [65, 'query'],
    ]);
  });
});

describe('a vault', () => {
  it('is called once without a token by a new client, before that asks for its first', () => {
    const seen = run({ kind: 'keyVault', service: (n) => (n === 0 ? 401 : 200), until: 130 });
    expect(calls(seen)).toEqual([
      [0, 'getSecret', false],
      [0, 'getSecret', true],
      [60, 'getSecret', true],
      [120, 'getSecret', true],
    ]);
  });

  it('gets its first call with a token where clients know the tenant', () => {
    const seen = run({ kind: 'keyVault', overrides: { 'kv.challenge401': false }, until: 10 });
    expect(calls(seen)).toEqual([[0, 'getSecret', true]]);
  });

  it('that throttles is called again after 1, 2, 4, 8 and 16 s, and then only by the next use', () => {
    const seen = run({ kind: 'keyVault', every: 100, overrides: { 'kv.challenge401': false }, service: () => 429, until: 132 });
    expect(calls(seen).map(([at]) => at)).toEqual([0, 1, 3, 7, 15, 31, 131, 132]);
  });

  it('is waited for as the knob says', () => {
    const overrides = { 'kv.challenge401': false, 'kv.backoff.client': '[3s]' };
    expect(calls(run({ kind: 'keyVault', overrides, service: () => 429, until: 20 })).map(([at]) => at)).toEqual([0, 3]);
  });
});

it('other services are called at once, with the token, at every use', () => {
  for (const kind of ['cosmosDb', 'arm'] as const) {
    const seen = run({ kind, until: 130 });
    expect(calls(seen)).toEqual([0, 60, 120].map((at) => [at, 'read', true]));
  }
});
