/** How MIC gets its own token for ARM, and what happens when it does not. */
import { describe, expect, it } from 'vitest';
import type { AnyActorDefinition } from '../../../src/kernel/actor.ts';
import { seconds } from '../../../src/kernel/time.ts';
import type { Moment } from '../../../src/kernel/time.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { defineActor } from '../../../src/model/vocabulary.ts';
import type { Identity } from '../../../src/model/vocabulary.ts';
import { armCalls, at, runCluster, secondsBetween, statuses } from './cluster.ts';
import type { Step } from './cluster.ts';
import { create, pod, remove } from './objects.ts';
import { BASE, QUICK } from './troubles.ts';

/** A metadata address that answers with these statuses, one after the other, then with tokens of that life. */
function gateway(answers: readonly number[], lifeSeconds: number): AnyActorDefinition<Identity> {
  return defineActor<{ n: number }, MessageOf<'Start' | 'MetadataRequest'>>({
    kind: 'iptables',
    initial: () => ({ n: 0 }),
    handlers: {
      Start: () => undefined,
      MetadataRequest: (state, { request, replyTo }, turn) => {
        const status = answers[state.n] ?? 200;
        state.n += 1;
        const expiresAt = (turn.now + seconds(lifeSeconds)) as Moment;
        const token = {
          uti: request,
          audience: '',
          issuer: '',
          objectId: '',
          appId: '',
          mirid: '',
          issuedAt: turn.now,
          notBefore: turn.now,
          expiresAt,
        };
        const body = { token, resource: '', isCached: false };
        turn.send(replyTo, { type: 'MetadataResponse', request, status, servedBy: 'imds', ...(status === 200 ? { body } : {}) });
      },
    },
  });
}

/** A process that led from the start, but has never asked for a token. */
function coldToken(answers: readonly number[], steps: readonly Step[], lifeSeconds = 86_400): ReturnType<typeof runCluster> {
  return runCluster({
    ...BASE,
    start: 'cold',
    steps,
    knobs: { ...QUICK, 'mic.restart.duration': '1s' },
    definitions: [gateway(answers, lifeSeconds)],
    until: 400,
  });
}

function tokenRequests(cluster: ReturnType<typeof runCluster>): readonly number[] {
  return cluster.deliveries
    .filter(({ message }) => message.type === 'MetadataRequest')
    .map(({ at: moment }) => secondsBetween(at(0), moment));
}

describe('the token for ARM', () => {
  it('is asked for once, before the first call, and kept until 5 minutes before it expires', () => {
    const steps: Step[] = [
      { at: 10, api: [create(pod('p', { node: 'n1', label: 's' }))] },
      { at: 20, api: [create(pod('q', { node: 'v1-0', label: 's' }))] },
      { at: 120, api: [remove('Pod', 'default/p')] },
    ];
    const cluster = coldToken([], steps, 390);
    expect(tokenRequests(cluster)).toEqual([10, 120]);
    const asked = cluster.deliveries.find(({ message }) => message.type === 'MetadataRequest')?.message;
    expect(asked).toMatchObject({
      network: 'pod',
      sender: 'default/mic-0',
      call: { metadataHeader: 'true', query: { resource: 'https://management.azure.com/' } },
    });
  });

  it('is tried five times with waits of 2, 6, 14, 30 and 60 s after 404, 429 and 5xx; then the call of ARM fails, and that is not repeated', () => {
    const cluster = coldToken([404, 429, 500, 503, 410, 503], [{ at: 10, api: [create(pod('p', { node: 'n1', label: 's' }))] }]);
    // The failure path asks for a token of its own, whose first try fails too.
    expect(tokenRequests(cluster)).toEqual([10, 12, 18, 32, 62, 122, 124]);
    expect(cluster.of('mic-worker-ended').map(({ error }) => error.includes('adal'))).toEqual([true]);
  });

  it('is not tried again after 400 or 403', () => {
    const cluster = coldToken([400, 403], [{ at: 10, api: [create(pod('p', { node: 'n1', label: 's' }))] }]);
    expect(tokenRequests(cluster)).toEqual([10, 10]);
    expect(statuses(cluster)).toEqual(['p-default-x Created']);
    expect(armCalls(cluster, 'get')).toEqual([]);
  });
});
