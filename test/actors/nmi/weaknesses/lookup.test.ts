/** Weaknesses of NMI's look-up that upstream has and so have we, by their numbers: W13, W17, W20, W28, W31. */
import { describe, expect, it } from 'vitest';
import type { Turn } from '../../../../src/model/vocabulary.ts';
import { assignedObject, identityObject, NODE, podObject } from '../../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../../support/token-path.ts';
import type { Seen, TokenPath } from '../../../support/token-path.ts';

const ask = (at: number, more: Parameters<typeof requestToken>[1] = {}) => ({ at, act: requestToken(`q${String(at)}`, more) });
const answers = (seen: Seen): unknown => seen.answers.map(({ status, at }) => [status, at]);

describe('W13: a pod that takes over the name of another', () => {
  it('gets the identity of its predecessor, whose AzureAssignedIdentity is still there', () => {
    const old = assignedObject(identityObject('predecessor'), 'Assigned');
    const fresh = { ...podObject('app', { labels: { aadpodidbinding: 'something-else' } }) };
    const seen = runTokenPath({ pods: [fresh], assigned: [old], script: [ask(1)], until: 10 });
    expect(seen.answers[0]?.answer.body?.token.appId).toBe('client-predecessor');
  });
});

describe('W17: a client that hangs up', () => {
  it('ends the wait, and its next try begins from zero', () => {
    const hangUp = { at: 61, act: (turn: Turn): void => turn.send(`iptables/${NODE}`, { type: 'ConnectionClosed', request: 'q1' }) };
    const seen = runTokenPath({ pods: [podObject()], script: [ask(1), hangUp, ask(62)], until: 200 });
    expect(seen.of('nmi-answered').map(({ status, at }) => [status, at])).toEqual([
      [404, 61],
      [404, 142],
    ]);
    expect(answers(seen)).toEqual([[404, 142]]);
  });
});

describe('W20: Retry-After for errors that last', () => {
  it('answers a client id that does not exist like one that will: 503 and 20 s', () => {
    const path: TokenPath = {
      pods: [podObject()],
      assigned: [assignedObject(identityObject('one'), 'Assigned')],
      settings: { retryAfterHeader: 'yes' },
      overrides: { 'nmi.lookup.createdAttempts': 1, 'nmi.lookup.assignedAttempts': 1, 'nmi.lookup.interval': '1s' },
      script: [ask(1, { clientId: 'client-nobody' })],
      until: 10,
    };
    const seen = runTokenPath(path);
    expect(seen.answers.map(({ status, answer }) => [status, answer.retryAfter])).toEqual([[503, 20_000_000]]);
    expect(seen.of('nmi-answered')).toMatchObject([{ hasRetryAfter: true }]);
  });
});

describe('W28: a health page that says nothing of health', () => {
  it('is 200 and Active while the rules are gone', () => {
    const flush = { at: 1, act: (turn: Turn): void => turn.send(`iptables/${NODE}`, { type: 'RulesCommand', request: 'r', op: 'flush' }) };
    const probe = { at: 2, act: (turn: Turn): void => turn.send(`nmi/${NODE}`, { type: 'Probe', request: 'p' }) };
    const seen = runTokenPath({ pods: [podObject()], script: [flush, probe], until: 3 });
    expect(seen.deliveries.find(({ message }) => message.type === 'ProbeAnswer')?.message).toMatchObject({ status: 200, body: 'Active' });
  });
});

describe('W31: an address that is not IPv4', () => {
  it('is answered 500 at once', () => {
    expect(answers(runTokenPath({ pods: [podObject()], script: [ask(1, { sourceIP: 'fd00::10' })], until: 5 }))).toEqual([[500, 1]]);
  });
});
