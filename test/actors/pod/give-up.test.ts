/** When token clients give up, end to end: application, netfilter, NMI and IMDS, in a world where nothing else takes time. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { WorkloadRow } from '../../../src/model/workload.ts';
import { assignedObject, identityObject, NODE, podObject, POD_IP, putAssigned } from '../../support/token-path-objects.ts';
import { runTokenPath } from '../../support/token-path.ts';
import type { Seen, TokenPath } from '../../support/token-path.ts';

const one = identityObject('one');

/** A pod with that client, from second 0. */
function runClient(client: string, path: TokenPath = {}, row: Partial<WorkloadRow> = {}): Seen {
  return runTokenPath({
    pods: [podObject()],
    until: 2000,
    ...path,
    fill: (sim) => {
      path.fill?.(sim);
      sim.fill('workloads', 'app', { name: 'app', client, clientId: '', resource: 'r', service: '', every: seconds(0), ...row });
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

const failure = (seen: Seen): unknown => seen.of('token-failed').map(({ at, status, reason }) => ({ at, status, reason }))[0];
const tries = (seen: Seen): number => seen.of('token-try-ended').filter(({ attempt }) => attempt > 0).length;

const created: TokenPath = { assigned: [assignedObject(one, 'Created')] };
const assigned: TokenPath = { assigned: [assignedObject(one, 'Assigned')] };

describe('clients without jitter give up exactly', () => {
  it.each([
    ['adalGo', {}, 512, 404, 5],
    ['adalGo', created, 612, 404, 5],
    ['js21', {}, 242.4, 404, 3],
    ['js34', created, 302.4, 404, 3],
    ['adalGo', { ...assigned, imds: () => ({ status: 400 }) }, 0, 403, 1],
    ['goLatest', { ...assigned, imds: () => ({ status: 400 }) }, 0, 403, 1],
    ['adalGo', { ...assigned, imds: () => ({ status: 429 }) }, 112, 403, 1],
    ['js414', { ...assigned, imds: () => ({ status: 500 }) }, 112, 403, 1],
    ['msalGo', {}, 182, -1, 3],
    ['msalNode', {}, 327, 404, 4],
    ['msalPython', {}, 80, 404, 1],
    ['naive', {}, 60, -1, 1],
    ['dotnet', {}, 327, 404, 4],
    ['js15', {}, 80, 404, 1],
    ['pythonOld', {}, 596, 404, 6],
    ['demo', created, 80, -1, 1],
  ] as const)('%s %#: after %s s', (client, path, at, status, count) => {
    const seen = runClient(client, path);
    expect(seen.of('token-failed')[0]).toMatchObject({ at, status });
    expect(tries(seen)).toBe(count);
  });

  it('adalGo gives up 112 s after NMI died with its rules in', () => {
    const seen = runClient('adalGo', {
      nmi: 'absent',
      fill: (sim) => sim.fill('nodeRules', NODE, { node: NODE, chain: 'full', jump: 'present', listener: 'down' }),
    });
    expect(failure(seen)).toEqual({ at: 112, status: 0, reason: 'refused' });
    expect(tries(seen)).toBe(5);
  });
});

describe('clients with jitter give up within their range', () => {
  const retryAfter: TokenPath = {
    settings: { retryAfterHeader: 'yes' },
    overrides: { 'nmi.lookup.createdAttempts': 1, 'nmi.lookup.assignedAttempts': 1, 'nmi.lookup.interval': '1s' },
  };
  const dead: TokenPath = {
    nmi: 'absent',
    fill: (sim) => sim.fill('nodeRules', NODE, { node: NODE, chain: 'full', jump: 'present', listener: 'down' }),
  };

  it.each([
    ['js414', {}, 492.4, 504.8],
    ['js414', created, 612.4, 624.8],
    ['goLatest', {}, 420 + 1.6 + 4.8 + 11.2 + 3 * 24.8, 420 + 2.6 + 7.8 + 18.2 + 75],
    ['goLatest', created, 420 + 1.6 + 4.8 + 11.2 + 3 * 24.8, 420 + 2.6 + 7.8 + 18.2 + 75],
    ['goLatest', { ...assigned, imds: () => ({ status: 429 }) }, 420 + 90, 420 + 104],
    ['goLatest', dead, 90, 104],
    ['js414', dead, 3.5, 7],
    ['js414', retryAfter, 64, 64],
    ['goLatest', retryAfter, 127, 127],
    ['adalGo', retryAfter, 117, 117],
    ['js34', retryAfter, 64, 64],
  ] as const)('%s %#: between %s s and %s s', (client, path, low, high) => {
    const at = runClient(client, path).of('token-failed')[0]?.at ?? NaN;
    expect(at).toBeGreaterThanOrEqual(low - 1e-6);
    expect(at).toBeLessThanOrEqual(high + 1e-6);
  });

  it('moves with the knob: js414 with a first wait of 8 s and no jitter gives up after 480 + 248 s', () => {
    const overrides = {
      'client.azidentityJs.retries.first': '8s',
      'client.azidentityJs.retries.cap': '200s',
      'client.azidentityJs.retries.jitter': 1,
    };
    expect(failure(runClient('js414', { overrides }))).toMatchObject({ at: 728 });
  });
});

describe('an identity that becomes Assigned while clients wait', () => {
  const at = (T: number): TokenPath => ({
    script: [
      { at: 0.5, act: putAssigned(one, 'Created') },
      { at: T, act: putAssigned(one, 'Assigned') },
    ],
  });

  it.each([
    ['js414', 42, 45],
    ['adalGo', 93, 95],
    ['goLatest', 57, 60],
    ['naive', 42, 45],
  ])('%s: Assigned at %i s, token at %i s', (client, T, answeredAt) => {
    // The client's own 60 s and a look at 60 s fall together; before 55 s the first try has it.
    if (client === 'goLatest') expect(runClient(client, at(52)).of('token-answered')[0]?.at).toBe(55);
    else
      expect(runClient(client, at(T)).of('token-answered')[0]).toMatchObject({ at: answeredAt, isFirst: true, since: 0, servedBy: 'nmi' });
  });

  it('goLatest has it in its second try, at most 5 s late: Assigned at 70 s', () => {
    const answeredAt = runClient('goLatest', at(70)).of('token-answered')[0]?.at ?? NaN;
    expect(answeredAt).toBeGreaterThan(70);
    expect(answeredAt).toBeLessThanOrEqual(75);
  });
});

describe('probes', () => {
  it('a probe is answered at once, with 400, whether or not there is an identity', () => {
    const [probe] = runClient('js34').of('token-try-ended');
    expect(probe).toMatchObject({ attempt: 0, status: 400, took: 0, servedBy: 'nmi' });
  });

  it('a client that probes once and fails never asks again', () => {
    const dead: TokenPath = {
      nmi: 'absent',
      fill: (sim) => sim.fill('nodeRules', NODE, { node: NODE, chain: 'full', jump: 'present', listener: 'down' }),
    };
    const back = {
      at: 5,
      act: (turn: Parameters<NonNullable<TokenPath['script']>[number]['act']>[0]) =>
        turn.spawn({ id: `nmi/${NODE}`, kind: 'nmi' }, { type: 'NmiStarted', pod: 'x/y', node: NODE, start: 'cold' }),
    };
    const path: TokenPath = { ...dead, ...assigned, script: [back], until: 100 };
    const once = runClient('js34', path, { retryAfterDenial: seconds(10) });
    expect(once.of('token-failed').map(({ reason }) => reason)).toEqual(Array.from({ length: 11 }, () => 'unavailable'));
    expect(once.of('token-try-ended')).toHaveLength(1);
    const always = runClient('js15', path, { retryAfterDenial: seconds(10) });
    expect(always.of('token-answered')[0]).toMatchObject({ at: 10 });
  });
});
