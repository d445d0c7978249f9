/**
 * The entry of a resource that lost its last identity and got one again: IMDS may go on with the old one and know nobody. And the cache
 * that a request may ask to be passed over.
 */
import { describe, expect, it } from 'vitest';
import { minutes } from '../../../src/kernel/time.ts';
import { imdsSentence } from '../../../src/model/imds-error.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import { armLine, computeId, factsOf, fillCompute, fillGrant, fillIdentity, heardOf, runBothWays } from '../../support/platform-world.ts';
import { identityId, tokenLine } from '../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../support/platform-world.ts';

const BOX = { kind: 'vm', name: 'box' } as const;
const give = (minute: number, name: string): Line =>
  armLine(minutes(minute), `give-${String(minute)}`, { op: 'assignIdentity', resource: BOX, identity: identityId(name) });
const take = (minute: number, name: string): Line =>
  armLine(minutes(minute), `take-${String(minute)}`, { op: 'unassignIdentity', resource: BOX, identity: identityId(name) });

/** A VM without identities; `script` gives and takes them, and asks for `web` at the end. */
function lastAnswer(prob: number, script: readonly Line[]): unknown {
  const run = runBothWays({
    knobs: { 'imds.staleIdentityBug.prob': prob },
    script: [...script, tokenLine(minutes(90), 'r', { vm: 'box', clientId: 'client-web' })],
    until: minutes(120),
    fill: (sim) => {
      fillCompute(sim, 'vm', 'box');
      for (const name of ['web', 'db']) fillIdentity(sim, name);
    },
  });
  return heardOf(run, 'MetadataResponse').map(({ status, text = '' }) => [status, imdsSentence(text)]);
}

const KEY = computeId('vm', 'box').toLowerCase();
const UNKNOWN = [[400, 'Identity not found']];
const FINE = [[200, '']];

describe('an identity that comes back', () => {
  it('is unknown to an IMDS with the bug, where it was the last one when it went', () => {
    expect(lastAnswer(1, [give(0, 'web'), take(20, 'web'), give(40, 'web')])).toEqual(UNKNOWN);
  });

  it('is known without the bug', () => {
    expect(lastAnswer(0, [give(0, 'web'), take(20, 'web'), give(40, 'web')])).toEqual(FINE);
  });

  it('is known with the bug, where another identity stayed all the while', () => {
    expect(lastAnswer(1, [give(0, 'web'), give(5, 'db'), take(20, 'web'), give(40, 'web')])).toEqual(FINE);
  });

  it('is unknown, where the other one went too before it came back', () => {
    expect(lastAnswer(1, [give(0, 'web'), give(5, 'db'), take(20, 'web'), take(25, 'db'), give(40, 'web')])).toEqual(UNKNOWN);
  });

  it('is no matter for an identity that was never there before', () => {
    expect(lastAnswer(1, [give(0, 'web')])).toEqual(FINE);
  });
});

describe('a request that asks to pass over the cache', () => {
  const twice = (knobs: Overrides): PlatformRun => {
    const plain = tokenLine(minutes(1), 'a', { vm: 'box' });
    const bypass = tokenLine(minutes(2), 'b', { vm: 'box' });
    if (bypass.message.type !== 'MetadataRequest') throw new Error('not a request');
    const { call } = bypass.message;
    const asking = { ...bypass, message: { ...bypass.message, call: { ...call, query: { ...call.query, bypassCache: 'true' as const } } } };
    return runBothWays({
      knobs,
      script: [plain, asking],
      until: minutes(10),
      fill: (sim) => {
        fillCompute(sim, 'vm', 'box');
        fillGrant(sim, KEY, fillIdentity(sim, 'web'));
      },
    });
  };

  it('gets a cached token all the same by default', () => {
    expect(factsOf(twice({}), 'aad-token-issued')).toHaveLength(1);
  });

  it('gets a fresh one where that is switched on', () => {
    expect(factsOf(twice({ 'imds.bypassCache.enabled': true }), 'aad-token-issued')).toHaveLength(2);
  });
});
