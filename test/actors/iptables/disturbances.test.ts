/** What third parties do to a node's rules, and what becomes of NMI's redirect: weaknesses W25 and W32, dropped packets, the lock of xtables. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { RulesDisturbance } from '../../../src/model/messages/token.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import { assignedObject, identityObject, NODE, podObject } from '../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../support/token-path.ts';
import type { Seen, TokenPath } from '../../support/token-path.ts';

const base: TokenPath = { pods: [podObject()], assigned: [assignedObject(identityObject('one'), 'Assigned')], until: 400 };
const disturb = (at: number, op: RulesDisturbance, hold?: number) => ({
  at,
  act: (turn: Turn): void =>
    turn.send(`iptables/${NODE}`, { type: 'RulesCommand', request: 'r', op, ...(hold === undefined ? {} : { hold: seconds(hold) }) }),
});
const start = (at: number) => ({
  at,
  act: (turn: Turn): void =>
    turn.spawn({ id: `nmi/${NODE}`, kind: 'nmi' }, { type: 'NmiStarted', pod: 'kube-system/nmi-x', node: NODE, start: 'cold' }),
});
const ask = (at: number, more: Parameters<typeof requestToken>[1] = {}) => ({ at, act: requestToken(`q${String(at)}`, more) });
const answers = (seen: Seen): unknown => seen.answers.map(({ request, status, at, answer }) => [request, status, at, answer.servedBy]);

describe('a rule of somebody else before the jump (W32)', () => {
  it('takes pods to IMDS for ever, and no check of NMI minds; taken away, all is as before', () => {
    const seen = runTokenPath({ ...base, script: [disturb(5, 'precede'), ask(6), ask(300), disturb(310, 'withdraw'), ask(311)] });
    expect(seen.answers.map(({ answer }) => answer.servedBy)).toEqual(['imds', 'imds', 'nmi']);
    expect(seen.of('rules-changed').map(({ redirect, at }) => [redirect, at])).toEqual([
      ['off', 5],
      ['on', 310],
    ]);
  });
});

describe('a policy against the address NMI listens at', () => {
  it('lets connections hang for as long as the sender waits: its own limit, or that of its operating system', () => {
    const seen = runTokenPath({ ...base, script: [disturb(5, 'block'), ask(10, { connectTimeout: seconds(30) }), ask(11)] });
    expect(answers(seen)).toEqual([
      ['q10', 0, 40, 'kernel'],
      ['q11', 0, 138, 'kernel'],
    ]);
    expect(seen.of('connection-routed').map(({ to }) => to)).toEqual(['dropped', 'dropped']);
  });

  it('leaves the host alone, and ends when it is lifted', () => {
    const script = [disturb(5, 'block'), ask(10, { network: 'host' as const }), disturb(20, 'unblock'), ask(21)];
    expect(runTokenPath({ ...base, script }).answers.map(({ answer }) => answer.servedBy)).toEqual(['imds', 'nmi']);
  });
});

describe('the lock of xtables in other hands', () => {
  it('delays the first rules of a new NMI: until then pods reach IMDS', () => {
    const seen = runTokenPath({ ...base, nmi: 'absent', script: [disturb(1, 'lock', 29), start(2), ask(29), ask(31)] });
    expect(seen.answers.map(({ answer }) => answer.servedBy)).toEqual(['imds', 'nmi']);
    expect(seen.of('rules-changed')).toMatchObject([{ redirect: 'on', at: 30 }]);
  });

  it('delays the removal at the end of an NMI, and its ten seconds begin after that', () => {
    const stop = { at: 6, act: (turn: Turn): void => turn.send(`nmi/${NODE}`, { type: 'Signal', signal: 'SIGTERM' }) };
    const seen = runTokenPath({ ...base, script: [disturb(5, 'lock', 15), stop] });
    expect(seen.of('rules-changed')).toMatchObject([{ redirect: 'off', at: 20 }]);
    expect(seen.of('nmi-phase').at(-1)).toMatchObject({ phase: 'dead', at: 30 });
  });

  it('ends an NMI of an older release, whose iptables does not wait, and the rules stay as they are', () => {
    const overrides = { 'nmi.iptables.onLock': 'fail' };
    const seen = runTokenPath({ ...base, overrides, script: [disturb(5, 'flush'), disturb(5.5, 'lock', 100), ask(110)] });
    const [dead] = seen.of('nmi-phase').filter(({ phase }) => phase === 'dead');
    expect(dead?.at).toBeLessThanOrEqual(65);
    expect(seen.deliveries.find(({ message }) => message.type === 'ProcessExited')?.message).toMatchObject({ code: 255 });
    expect(seen.answers.map(({ answer }) => answer.servedBy)).toEqual(['imds']);
  });

  it('is taken by others once in each period, and a check that meets them ends an NMI that does not wait', () => {
    const others = { 'xtables.lock.period': '30s', 'xtables.lock.hold': '30s', 'nmi.iptables.onLock': 'fail' };
    const ends = (overrides: TokenPath['overrides']): number =>
      runTokenPath({ ...base, overrides: { ...overrides } })
        .of('nmi-phase')
        .filter(({ phase }) => phase === 'dead').length;
    expect(ends(others)).toBe(1);
    expect(ends({ ...others, 'nmi.iptables.onLock': 'wait' })).toBe(0);
    expect(ends({ ...others, 'xtables.lock.hold': '0s' })).toBe(0);
  });

  it('a longer hold counts, a shorter one that begins meanwhile does not', () => {
    const seen = runTokenPath({ ...base, nmi: 'absent', script: [disturb(1, 'lock', 29), start(2), disturb(10, 'lock', 5)] });
    expect(seen.of('rules-changed')).toMatchObject([{ redirect: 'on', at: 30 }]);
  });
});
