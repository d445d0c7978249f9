/** W48 and W49: what MIC signs in with (§7 H of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import { aad } from '../../../../src/actors/aad/index.ts';
import { seconds } from '../../../../src/kernel/time.ts';
import type { Moment } from '../../../../src/kernel/time.ts';
import type { MessageOf } from '../../../../src/model/messages/index.ts';
import { CLOUD_CONFIG_KEY } from '../../../../src/model/settings.ts';
import type { CloudConfig } from '../../../../src/model/settings.ts';
import { defineActor } from '../../../../src/model/vocabulary.ts';
import { armCalls, at, idsOn, runCluster, statuses } from '../cluster.ts';
import type { Cluster, ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, node } from '../objects.ts';
import { BASE, QUICK, fault } from '../troubles.ts';
import { MIC, goneAt, nudge, podAt } from './world.ts';

/** The metadata address of a machine of scale set v1: no token for an identity that is not on it. */
const host = defineActor<object, MessageOf<'Start' | 'MetadataRequest'>>({
  kind: 'iptables',
  initial: () => ({}),
  handlers: {
    Start: () => undefined,
    MetadataRequest: (_state, { request, replyTo }, turn) => {
      const row = turn
        .table('computeResources')
        .all()
        .find(({ name }) => name === 'v1');
      const isThere = row?.userAssigned.includes(armId('x')) === true;
      const life = { issuedAt: turn.now, notBefore: turn.now, expiresAt: (turn.now + seconds(390)) as Moment };
      const token = { uti: request, audience: '', issuer: '', objectId: '', appId: '', mirid: '', ...life };
      const body = { token, resource: '', isCached: false };
      turn.send(replyTo, { type: 'MetadataResponse', request, servedBy: 'imds', ...(isThere ? { status: 200, body } : { status: 400 }) });
    },
  },
});

const MANAGED: CloudConfig = { userAssignedIdentityID: '', clientID: '', clientSecret: '' };

/** Somebody puts another azure.json in place. */
function rewriteAt(when: number, config: Partial<CloudConfig>, how: 'write' | 'rename' = 'write'): Step {
  return {
    at: when,
    act: (turn) => {
      turn.table('cloudConfigs').put(CLOUD_CONFIG_KEY, { ...MANAGED, ...config });
      turn.send(MIC, { type: 'CloudConfigWritten', how });
    },
  };
}

/** Entra, with an application whose secret `old` ends at 50 s and whose secret `new` is good from the start. */
const entra: Step = {
  at: 0.1,
  act: (turn) => {
    const secret = (value: string, end: number) => ({ kind: 'secret', keyId: value, value, notBefore: at(0), notAfter: at(end) }) as const;
    turn.table('servicePrincipals').put('sp', {
      objectId: 'sp',
      appId: 'app',
      kind: 'application',
      displayName: 'cluster',
      resourceId: '',
      createdAt: at(0),
      replicatedAt: at(0),
      credentials: [secret('old', 50), secret('new', 100_000)],
    });
    turn.spawn({ id: 'aad', kind: 'aad' }, { type: 'Start' });
  },
};

function run(steps: readonly Step[], more: Partial<ClusterOptions> = {}): Cluster {
  const knobs = { ...QUICK, 'entra.token.latency': '0s', 'entra.token.errorProb': '0' };
  return runCluster({ ...BASE, definitions: [aad], ...more, steps: [entra, ...steps], knobs: { ...knobs, ...more.knobs } });
}

const errors = (cluster: Cluster): readonly string[] =>
  cluster.of('mic-worker-ended').map(({ error }) => /AADSTS\d+/u.exec(error)?.[0] ?? error);

describe('the cluster identity', () => {
  it('W48: taken off the machine MIC runs on, it leaves MIC without a token, so that MIC cannot put it back', () => {
    const cluster = runCluster({
      ...BASE,
      definitions: [host],
      settings: { clusterIdentityClientId: 'client-x' },
      // Spelled otherwise than in azure.json, so not protected (W17).
      objects: [node('v1-0'), azureIdentity('x', { resourceID: armId('x'), clientID: 'Client-X' }), binding('bx', 'x', 's')],
      carrying: { v1: { type: 'UserAssigned', ids: [armId('x')] } },
      steps: [podAt(10, 'p', 'v1-0'), goneAt(20, 'p'), podAt(900, 'q', 'v1-0'), nudge(950)],
      start: 'cold',
      knobs: { ...QUICK, 'mic.restart.duration': '1s', 'mic.warmup': '0s' },
      until: 1000,
    });
    expect(idsOn(cluster, 'v1')).toEqual([]);
    expect(armCalls(cluster, 'get').filter((moment) => moment > 100)).toEqual([]);
    expect(statuses(cluster)).toEqual(['q-default-x Created']);
  });
});

describe('a written azure.json', () => {
  it('W49: swaps the cloud clients under a running cycle, which ends with the new one', () => {
    const slow = { 'arm.get.latency': '5s' };
    const cluster = run([podAt(10, 'p', 'v1-0'), rewriteAt(12, { clientID: 'app', clientSecret: 'new' })], { knobs: slow });
    expect(cluster.of('mic-cloud-config-reloaded')).toHaveLength(1);
    const asked = cluster.deliveries.filter(({ message }) => message.type === 'AadTokenRequest');
    expect(asked.map(({ at: moment }) => moment)).toEqual([at(15)]);
    expect([statuses(cluster), cluster.of('mic-cycle-started').length]).toEqual([['p-default-x Assigned'], 1]);
  });

  it('W49: forgets a Retry-After that is in force', () => {
    const throttled: Step[] = [
      { at: 9, act: (turn) => fault(turn, '429', { op: 'patchIdentity', times: 1 }, { status: 429, retryAfter: 60 }) },
      podAt(10, 'p', 'v1-0'),
    ];
    const next = nudge(30);
    // The refused one never got to ARM.
    expect(armCalls(run([...throttled, next]), 'patchIdentity')).toEqual([]);
    expect(armCalls(run([...throttled, rewriteAt(20, {}), next]), 'patchIdentity')).toEqual([30]);
  });

  it('W49: does not refresh the set of identities that are never removed', () => {
    const steps = [rewriteAt(5, { userAssignedIdentityID: 'client-x' }), podAt(10, 'p', 'v1-0'), goneAt(20, 'p')];
    expect(idsOn(run(steps), 'v1')).toEqual([]);
    expect(idsOn(run(steps, { settings: { clusterIdentityClientId: 'client-x' } }), 'v1')).toEqual(['x']);
  });

  it.each([
    ['written in place', 'write', 2, ''],
    ['replaced by a rename, which makes no Write event', 'rename', 1, 'AADSTS7000222'],
  ] as const)('with the new secret before the old one ends, %s', (_case, how, reloads, error) => {
    const steps = [
      rewriteAt(1, { clientID: 'app', clientSecret: 'old' }),
      rewriteAt(40, { clientID: 'app', clientSecret: 'new' }, how),
      podAt(60, 'p', 'v1-0'),
    ];
    const cluster = run(steps);
    expect(errors(cluster)).toEqual([error]);
    expect(cluster.of('mic-cloud-config-reloaded')).toHaveLength(reloads);
  });

  it('is not seen before release 1.6.1', () => {
    const steps = [rewriteAt(1, { clientID: 'app', clientSecret: 'new' }), podAt(60, 'p', 'v1-0')];
    const asked = (version: string): number =>
      run(steps, { settings: { version } }).deliveries.filter(({ message }) => message.type === 'AadTokenRequest').length;
    expect([asked('1.6.0'), asked('1.6.1')]).toEqual([0, 1]);
  });

  it('in the wrong order, the secret gone before the file names the new one, fails every call until the next cycle after the write', () => {
    const steps = [
      rewriteAt(1, { clientID: 'app', clientSecret: 'old' }),
      podAt(60, 'p', 'v1-0'),
      rewriteAt(70, { clientID: 'app', clientSecret: 'wrong' }),
      nudge(75),
      rewriteAt(80, { clientID: 'app', clientSecret: 'new' }),
      nudge(85),
    ];
    const cluster = run(steps);
    expect(errors(cluster)).toEqual(['AADSTS7000222', 'AADSTS7000215', '']);
    expect(statuses(cluster)).toEqual(['p-default-x Assigned']);
  });
});
