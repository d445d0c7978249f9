/** Where a node's netfilter sends connections to the metadata address, through NMI's starts and deaths. */
import { describe, expect, it } from 'vitest';
import type { Turn } from '../../../src/model/vocabulary.ts';
import type { RulesOperation } from '../../../src/model/messages/token.ts';
import { assignedObject, identityObject, NODE, podObject } from '../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../support/token-path.ts';
import type { TokenPath } from '../../support/token-path.ts';

const base: TokenPath = { pods: [podObject()], assigned: [assignedObject(identityObject('one'), 'Assigned')], until: 300 };
const signal = (which: 'SIGTERM' | 'SIGKILL') => (turn: Turn) => turn.send(`nmi/${NODE}`, { type: 'Signal', signal: which });
const stop = (turn: Turn): void => turn.stop(`nmi/${NODE}`);
const start = (turn: Turn): void =>
  turn.spawn({ id: `nmi/${NODE}`, kind: 'nmi' }, { type: 'NmiStarted', pod: 'kube-system/nmi-x', node: NODE, start: 'cold' });
const rules = (op: RulesOperation) => (turn: Turn) => turn.send(`iptables/${NODE}`, { type: 'RulesCommand', request: 'r', op });
const ask = (at: number, more: Parameters<typeof requestToken>[1] = {}) => ({ at, act: requestToken(`q${String(at)}`, more) });

/** Who served the requests, in order of asking. */
function servedBy(path: TokenPath): readonly string[] {
  const { answers } = runTokenPath({ ...base, ...path });
  // A kill also resets what was answered before: the kernel of this model does not know that. Nobody waits for it.
  const first = answers.filter(({ request }, n) => answers.findIndex((other) => other.request === request) === n);
  return first.sort((a, b) => Number(a.request.slice(1)) - Number(b.request.slice(1))).map(({ answer }) => answer.servedBy);
}

describe('routing of new connections', () => {
  it('sends pods to NMI while rules are in and the port is open', () => {
    expect(servedBy({ script: [ask(1)] })).toEqual(['nmi']);
  });

  it('redirects from the first moment of a settled world, without saying that anything changed', () => {
    const overrides = { 'link.node': '50us', 'nmi.iptables.flushWindow': '5ms' };
    const seen = runTokenPath({ ...base, overrides, script: [ask(0)] });
    expect(seen.answers.map(({ answer }) => answer.servedBy)).toEqual(['nmi']);
    expect(seen.of('rules-changed')).toEqual([]);
  });

  it('sends pods straight to IMDS on a node without NMI: fail-open', () => {
    const path: TokenPath = { ...base, nmi: 'absent', script: [ask(1)] };
    expect(servedBy(path)).toEqual(['imds']);
    expect(runTokenPath(path).of('connection-routed')).toMatchObject([{ to: 'imds', network: 'pod', pod: 'default/app' }]);
  });

  it('never redirects the host network, nor 127.0.0.1', () => {
    expect(servedBy({ script: [ask(1, { network: 'host' }), ask(2, { sourceIP: '127.0.0.1' })] })).toEqual(['imds', 'imds']);
  });

  it('redirects nothing when RETURN stands before DNAT, and no check of NMI ever repairs that', () => {
    expect(servedBy({ script: [{ at: 5, act: rules('reverse') }, ask(6), ask(70), ask(250)] })).toEqual(['imds', 'imds', 'imds']);
  });

  it('repairs a flushed chain at the next check, at most 60 s later', () => {
    const seen = runTokenPath({ ...base, script: [{ at: 5, act: rules('flush') }, ask(5.5), ask(66)] });
    expect(seen.answers.map(({ answer }) => answer.servedBy)).toEqual(['imds', 'nmi']);
    const [off, on] = seen.of('rules-changed');
    expect(off).toMatchObject({ redirect: 'off', by: 'clerk', at: 5 });
    expect(on).toMatchObject({ redirect: 'on', by: `nmi/${NODE}` });
    expect((on?.at ?? 0) - 5).toBeGreaterThan(0);
    expect((on?.at ?? 0) - 5).toBeLessThanOrEqual(60);
  });

  it('states the same facts when every idle check is really made', () => {
    const path: TokenPath = {
      ...base,
      script: [{ at: 5, act: rules('flush') }, ask(66), { at: 100, act: stop }, { at: 103, act: start }, ask(110)],
    };
    const parked = runTokenPath(path);
    const naive = runTokenPath({ ...path, parking: 'off' });
    const factsOf = (seen: typeof parked): readonly string[] => seen.facts.map(({ at, actor, fact }) => JSON.stringify([at, actor, fact]));
    expect(factsOf(naive)).toEqual(factsOf(parked));
    expect(naive.fingerprint).toBe(parked.fingerprint);
  });

  it('acts alike in both modes', () => {
    const path: TokenPath = {
      ...base,
      script: [{ at: 5, act: rules('flush') }, ask(66), { at: 100, act: stop }, { at: 103, act: start }, ask(110)],
    };
    expect(runTokenPath({ ...path, mode: 'fast' }).fingerprint).toBe(runTokenPath(path).fingerprint);
  });
});

describe('a process that ends', () => {
  it('takes its connections with it: NMI stops waiting for an identity', () => {
    const gone = { at: 10, act: (turn: Turn) => turn.send(`iptables/${NODE}`, { type: 'ProcessGone', process: 'client' }) };
    const seen = runTokenPath({ ...base, assigned: [], script: [ask(1), gone, ask(50)], until: 300 });
    expect(seen.of('nmi-answered').map(({ took }) => Math.round(took / 1e6))).toEqual([9, 80]);
  });

  it('leaves those of others alone', () => {
    const gone = { at: 10, act: (turn: Turn) => turn.send(`iptables/${NODE}`, { type: 'ProcessGone', process: 'pod/default/other' }) };
    const seen = runTokenPath({ ...base, assigned: [], script: [ask(1), gone], until: 300 });
    expect(seen.of('nmi-answered').map(({ took }) => Math.round(took / 1e6))).toEqual([80]);
  });
});

describe('NMI’s own port', () => {
  it('is open to the host while NMI listens, and no rule is asked', () => {
    const call = {
      method: 'GET',
      path: '/host/token/',
      query: { resource: 'https://vault.azure.net' },
      podHeaders: { podns: 'default', podname: 'app' },
    } as const;
    const path = { call, network: 'host', sourceIP: '127.0.0.1', to: 'nmi' } as const;
    const seen = runTokenPath({ ...base, script: [ask(1, path), { at: 5, act: stop }, ask(10, path)] });
    expect(seen.answers.find(({ request }) => request === 'q1')?.answer).toMatchObject({ status: 200, servedBy: 'nmi' });
    expect(seen.answers.find(({ request }) => request === 'q10')?.answer).toMatchObject({ status: 0, servedBy: 'kernel' });
    expect(seen.of('connection-routed')).toEqual([]);
  });
});

describe('connection tracking', () => {
  it('keeps an old connection on IMDS after the rules came, for 60 s of silence', () => {
    const connection = 'keep';
    const path: TokenPath = {
      nmi: 'absent',
      script: [ask(1, { connection }), { at: 2, act: start }, ask(40, { connection }), ask(41), ask(110, { connection })],
    };
    expect(servedBy(path)).toEqual(['imds', 'imds', 'nmi', 'nmi']);
  });

  it('cuts it right after the first rules where conntrack deletion is on', () => {
    const connection = 'keep';
    const path: TokenPath = {
      nmi: 'absent',
      overrides: { 'nmi.conntrackDeletion': true },
      script: [ask(1, { connection }), { at: 2, act: start }, ask(40, { connection })],
    };
    expect(servedBy(path)).toEqual(['imds', 'nmi']);
  });

  it('keeps a redirected connection on NMI while it drains, though new ones reach IMDS', () => {
    const connection = 'keep';
    expect(servedBy({ script: [ask(1, { connection }), { at: 2, act: signal('SIGTERM') }, ask(5, { connection }), ask(6)] })).toEqual([
      'nmi',
      'nmi',
      'imds',
    ]);
  });
});

describe('death and restart of NMI', () => {
  it('SIGTERM opens the way to IMDS for the 10 s of draining and until the next rules', () => {
    const seen = runTokenPath({
      ...base,
      overrides: { 'nmi.init': '500ms', 'nmi.init.listenToRules': '200ms' },
      script: [{ at: 20, act: signal('SIGTERM') }, ask(29), { at: 31, act: stop }, { at: 32, act: start }, ask(32.4), ask(32.6)],
    });
    expect(seen.answers.map(({ answer }) => answer.servedBy)).toEqual(['imds', 'imds', 'nmi']);
    expect(seen.of('nmi-phase').map(({ phase, at }) => [phase, at])).toEqual([
      ['serving', 0],
      ['draining', 20],
      ['dead', 30],
      ['starting', 32],
      ['syncing', 32],
      ['serving', 32.3],
    ]);
    expect(seen.of('rules-changed').map(({ redirect, at }) => [redirect, at])).toEqual([
      ['off', 20],
      ['on', 32.5],
    ]);
    expect(seen.deliveries.find(({ message }) => message.type === 'ProcessExited')).toMatchObject({ at: 30_000_000, message: { code: 0 } });
  });

  it('SIGKILL leaves the rules: connections are refused until the next NMI listens', () => {
    const path: TokenPath = {
      overrides: { 'nmi.init': '500ms', 'nmi.init.listenToRules': '200ms' },
      script: [{ at: 20, act: stop }, ask(21), { at: 22, act: start }, ask(22.2), ask(22.4)],
    };
    expect(servedBy(path)).toEqual(['kernel', 'kernel', 'nmi']);
    expect(runTokenPath({ ...base, ...path }).of('rules-changed')).toEqual([]);
  });

  it('resets the requests that were open when the process was killed, within a second', () => {
    const seen = runTokenPath({ ...base, assigned: [], script: [ask(10), { at: 20, act: stop }] });
    expect(seen.answers).toMatchObject([{ request: 'q10', status: 0 }]);
    expect(seen.answers[0]?.at).toBeGreaterThan(20);
    expect(seen.answers[0]?.at).toBeLessThanOrEqual(21);
  });

  it('resets what is still waiting when the drained process exits, and nothing that was answered', () => {
    const created = assignedObject(identityObject('two'), 'Created');
    const seen = runTokenPath({
      ...base,
      script: [ask(1), ask(10, { clientId: 'client-two' }), { at: 20, act: signal('SIGTERM') }],
      assigned: [...(base.assigned ?? []), created],
    });
    expect(seen.answers.map(({ request, status, at }) => [request, status, at])).toEqual([
      ['q1', 200, 1],
      ['q10', 0, 30],
    ]);
  });

  it('sends the packets of a connection to a killed NMI to the rules again: refused, then the next NMI', () => {
    const connection = 'keep';
    const script = [
      ask(20.1, { connection }),
      { at: 20.2, act: stop },
      ask(20.3, { connection }),
      { at: 20.4, act: start },
      ask(20.5, { connection }),
    ];
    expect(servedBy({ script })).toEqual(['nmi', 'kernel', 'nmi']);
  });

  it('killed while it writes the chain, NMI leaves it empty: fail-open until the next start', () => {
    const path: TokenPath = {
      nmi: 'cold',
      overrides: { 'nmi.iptables.flushWindow': '1s' },
      script: [{ at: 0.5, act: stop }, ask(30), { at: 40, act: start }, ask(45)],
    };
    expect(servedBy(path)).toEqual(['imds', 'nmi']);
    expect(
      runTokenPath({ ...base, ...path })
        .of('rules-changed')
        .map(({ redirect, at }) => [redirect, at]),
    ).toEqual([['on', 41]]);
  });

  it('SIGTERM before the port is open kills at once and cleans nothing', () => {
    const seen = runTokenPath({
      ...base,
      fill: (sim) => sim.fill('nodeRules', NODE, { node: NODE, chain: 'full', jump: 'present', listener: 'down' }),
      nmi: 'cold',
      overrides: { 'nmi.init': '500ms' },
      script: [{ at: 0.1, act: signal('SIGTERM') }, ask(1)],
    });
    expect(seen.answers[0]).toMatchObject({ status: 0, answer: { servedBy: 'kernel' } });
    expect(seen.of('nmi-phase').at(-1)).toMatchObject({ phase: 'dead', at: 0.1 });
  });

  it('stays in syncing, with its port closed, while there is no API server', () => {
    const seen = runTokenPath({ ...base, nmi: 'cold', apiStatus: 503, script: [ask(200)] });
    expect(seen.of('nmi-phase').map(({ phase }) => phase)).toEqual(['starting', 'syncing']);
    expect(seen.answers[0]?.answer.servedBy).toBe('imds');
  });

  it('does not start on kubenet unless allowed', () => {
    const path: TokenPath = { ...base, nmi: 'cold', settings: { network: 'kubenet' } };
    expect(
      runTokenPath(path)
        .of('nmi-phase')
        .map(({ phase }) => phase),
    ).toEqual(['starting', 'dead']);
    expect(
      runTokenPath({ ...path, overrides: { 'nmi.kubenet.allowed': true } })
        .of('nmi-phase')
        .at(-1)?.phase,
    ).toBe('serving');
  });

  it('health is always 200 once the port is open, Active only after the rules', () => {
    const probe = (turn: Turn): void => turn.send(`nmi/${NODE}`, { type: 'Probe', request: 'p' });
    const seen = runTokenPath({
      ...base,
      nmi: 'cold',
      overrides: { 'nmi.init': '800ms', 'nmi.init.listenToRules': '400ms' },
      script: [0.2, 0.6, 1].map((at) => ({ at, act: probe })),
    });
    const bodies = seen.deliveries.flatMap(({ message }) =>
      message.type === 'ProbeAnswer' ? [`${String(message.status)} ${message.body}`.trim()] : [],
    );
    expect(bodies).toEqual(['0', '200 Not Active', '200 Active']);
  });
});
