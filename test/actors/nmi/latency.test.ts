/** How the time to a token divides, by walking back through the trace: each wait on the token path bears its own name. */
import { describe, expect, it } from 'vitest';
import { moment, seconds } from '../../../src/kernel/time.ts';
import { assignedObject, identityObject, NODE, podObject, POD_IP, putAssigned } from '../../support/token-path-objects.ts';
import { runTokenPath } from '../../support/token-path.ts';
import type { TokenPath } from '../../support/token-path.ts';

const one = identityObject('one');

/** Seconds of each part of the first token of a pod that starts at 0. */
function partsOf(client: string, path: TokenPath): Readonly<Record<string, number>> {
  const seen = runTokenPath({
    pods: [podObject()],
    until: 2000,
    ...path,
    fill: (sim) => {
      sim.fill('workloads', 'app', { name: 'app', client, clientId: '', resource: 'r', service: '', every: seconds(0) });
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
  const answered = seen.facts.find(({ fact }) => fact.type === 'token-answered' || fact.type === 'token-failed');
  const parts: Record<string, number> = {};
  for (const { label, from, to } of seen.sim.trace.divide(answered?.event ?? -1, moment(0)))
    parts[label] = Math.round((parts[label] ?? 0) * 1e6 + (to - from)) / 1e6;
  return parts;
}

describe('parts of the time to a token', () => {
  it('names NMI’s poll from the moment the cache knew, the watch before that, and its own time', () => {
    const path: TokenPath = {
      overrides: { 'watch.latency': '700ms', 'nmi.overhead': '20ms' },
      script: [{ at: 42, act: putAssigned(one, 'Assigned') }],
    };
    // 42 s is how long the story let it wait; known at 42.7 s, seen at 45 s.
    expect(partsOf('adalGo', path)).toEqual({ idle: 42, watch: 0.7, nmiPoll: 2.3, net: 0.02 });
  });

  it('names the back-off of adal inside NMI', () => {
    expect(partsOf('adalGo', { assigned: [assignedObject(one, 'Assigned')], imds: ({ n }) => ({ status: n < 2 ? 429 : 200 }) })).toEqual({
      nmiBackoff: 8,
    });
  });

  it('names dial time-outs as IMDS', () => {
    expect(
      partsOf('adalGo', { assigned: [assignedObject(one, 'Assigned')], imds: ({ n }) => (n < 1 ? undefined : { status: 200 }) }),
    ).toEqual({ imds: 30, nmiBackoff: 2 });
  });

  it('names the look-up of the pod', () => {
    const late = {
      at: 1.1,
      act: (turn: Parameters<ReturnType<typeof putAssigned>>[0]) => turn.table('pods').put('default/app', podObject()),
    };
    expect(partsOf('adalGo', { pods: [], assigned: [assignedObject(one, 'Assigned')], script: [late] })).toEqual({
      idle: 1.1,
      nmiLookup: 0.1,
    });
  });

  it('names time-outs and back-offs of the client: adal 5 × 80 s and 112 s, the demo 80 s', () => {
    expect(partsOf('adalGo', {})).toEqual({ nmiPoll: 400, clientBackoff: 112 });
    expect(partsOf('demo', { assigned: [assignedObject(one, 'Created')] })).toEqual({ clientTimeout: 80 });
  });
});

/** How much each part changes from one world to the other [s]; what stays is left out. */
function growth(client: string, before: TokenPath, after: TokenPath): Readonly<Record<string, number>> {
  const [short, long] = [partsOf(client, before), partsOf(client, after)];
  const changed = Object.keys({ ...short, ...long }).map((part) => [
    part,
    Math.round(((long[part] ?? 0) - (short[part] ?? 0)) * 1e6) / 1e6,
  ]);
  return Object.fromEntries(changed.filter(([, change]) => change !== 0)) as Record<string, number>;
}

describe('a longer cause lengthens its own part and no other', () => {
  const ready: TokenPath = { assigned: [assignedObject(one, 'Assigned')] };
  const created: TokenPath = { assigned: [assignedObject(one, 'Created')] };

  it('nmiBackoff, by 5 s more of adal’s first wait', () => {
    const throttled: TokenPath = { ...ready, imds: ({ n }) => ({ status: n < 1 ? 429 : 200 }) };
    const slower = { ...throttled, overrides: { 'adal.imds.delays': '[7s,6s,14s,30s,60s]' } };
    expect(growth('goLatest', throttled, slower)).toEqual({ nmiBackoff: 5 });
  });

  it('imds, by a dial of 10 s more to an IMDS that is away', () => {
    const silent: TokenPath = { ...ready, imds: ({ n }) => (n < 1 ? undefined : { status: 200 }) };
    expect(growth('adalGo', silent, { ...silent, overrides: { 'adal.http.dialTimeout': '40s' } })).toEqual({ imds: 10 });
  });

  it('clientTimeout, by a client that waits 20 s more', () => {
    expect(growth('naive', created, { ...created, overrides: { 'client.http.timeout': '80s' } })).toEqual({ clientTimeout: 20 });
  });

  it('idle, by an assignment that the story makes 10 s later', () => {
    const story = (at: number): TokenPath => ({ script: [{ at, act: putAssigned(one, 'Assigned') }] });
    expect(growth('adalGo', story(40), story(50))).toEqual({ idle: 10 });
  });
});
