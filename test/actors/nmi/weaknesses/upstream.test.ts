/** Between NMI and IMDS: W14 to W16, W18, W19. Numbers follow §5 of the behaviour of NMI. */
import { describe, expect, it } from 'vitest';
import { assignedObject, podObject } from '../../../support/token-path-objects.ts';
import { runTokenPath } from '../../../support/token-path.ts';
import type { ImdsSays, ScriptStep } from '../../../support/token-path-stand-ins.ts';
import { at, runCluster } from '../../mic/cluster.ts';
import { remove } from '../../mic/objects.ts';
import { BASE as MIC_BASE, QUICK } from '../../mic/troubles.ts';
import { podAt } from '../../mic/weaknesses/world.ts';
import { answers, ask, BASE, hangUp, ONE, runClient } from './world.ts';

const dropped = (second: number): ScriptStep => ({
  at: second,
  act: (turn) => turn.table('azureAssignedIdentities').delete('default/app-default-one'),
});

describe('a binding that goes', () => {
  it('W14: MIC takes the identity off the VM first, for as long as ARM takes; until then it is Assigned, which is all NMI looks at', () => {
    const knobs = { ...QUICK, 'vm.patch.duration': '40s' };
    const steps = [podAt(1, 'p', 'n1'), { at: 100, api: [remove('AzureIdentityBinding', 'default/bx')] }];
    const cluster = runCluster({ ...MIC_BASE, knobs, steps, until: 300 });
    const calls = cluster.deliveries.flatMap(({ at: moment, message }) =>
      message.type === 'ApiRequest' && message.call.verb === 'delete' && message.call.kind === 'AzureAssignedIdentity' ? [moment] : [],
    );
    expect(calls).toHaveLength(1);
    expect(calls[0]).toBeGreaterThanOrEqual(at(140));
    // No binding is in NMI's world at all. IMDS serves until it hears of the change; after that it refuses; then MIC deletes.
    const imds: ImdsSays = ({ at: second }) => ({ status: second < 130 ? 200 : 400 });
    expect(answers(runTokenPath({ ...BASE, imds, script: [ask(101), ask(129), ask(131), dropped(140), ask(141)] }))).toEqual([
      [200, 101],
      [200, 129],
      [403, 131],
      [404, 221],
    ]);
  });

  it('W15: an assignment deleted while NMI backs off is not looked at again: the token comes 52 s later all the same', () => {
    const imds: ImdsSays = ({ n }) => ({ status: n < 4 ? 429 : 200 });
    expect(answers(runTokenPath({ ...BASE, imds, script: [ask(10), dropped(11)] }))).toEqual([[200, 62]]);
  });
});

describe('an IMDS that does not know the identity yet', () => {
  it.each(['js21', 'js34', 'js414', 'goLatest', 'adalGo', 'msalGo'])(
    'W16: 403 at once although it is Assigned, and %s does not try again; the 404 before it was Assigned it would have tried again',
    (client) => {
      const refused = runClient(client, { imds: () => ({ status: 400 }) });
      expect(refused.of('token-try-ended').filter(({ attempt }) => attempt > 0)).toMatchObject([{ at: 0, status: 403 }]);
      expect(refused.of('token-failed')).toMatchObject([{ at: 0, status: 403 }]);
      const early = runClient(client, { assigned: [], settings: { mode: 'managed' } });
      expect(early.of('token-try-ended').filter(({ status }) => status === 404).length).toBeGreaterThan(1);
    },
  );
});

describe('no limit, no jitter', () => {
  it('W18: NMI goes on for clients that are gone: one request of goLatest makes 7 tries and 35 calls of IMDS', () => {
    let calls = 0;
    const seen = runClient('goLatest', { imds: () => ((calls += 1), { status: 500 }) });
    expect([seen.of('token-try-ended').length, calls]).toEqual([7, 35]);
    calls = 0;
    const left = runTokenPath({ ...BASE, imds: () => ((calls += 1), { status: 500 }), script: [ask(1), hangUp(2, 1)] });
    expect([calls, left.answers.length, left.of('nmi-answered')[0]?.at]).toEqual([5, 0, 113]);
  });

  it('W19: of 30 pods that ask together, 5 are served at each of 0, 2, 8, 22 and 52 s, and 5 get 403 after 112 s', () => {
    const names = Array.from({ length: 30 }, (_, n) => `app-${String(n)}`);
    const addressOf = (n: number): string => `10.244.1.${String(n + 1)}`;
    let wave = { second: -1, asked: 0 };
    const imds: ImdsSays = ({ at: second }) => {
      wave = wave.second === second ? { second, asked: wave.asked + 1 } : { second, asked: 1 };
      return { status: wave.asked <= 5 ? 200 : 429 };
    };
    const script = names.map((name, n): ScriptStep => {
      const { act } = ask(10, { request: `q-${name}`, connection: `c-${name}`, sender: `default/${name}`, sourceIP: addressOf(n) });
      return { at: 10, act };
    });
    const seen = runTokenPath({
      pods: names.map((name, n) => podObject(name, { ip: addressOf(n) })),
      assigned: names.map((name) => assignedObject(ONE, 'Assigned', name)),
      imds,
      script,
      until: 200,
    });
    const counted = new Map<string, number>();
    for (const [status, second] of answers(seen)) {
      const key = `${String(status)} after ${String(second - 10)}`;
      counted.set(key, (counted.get(key) ?? 0) + 1);
    }
    const waves = [0, 2, 8, 22, 52].map((after): [string, number] => [`200 after ${String(after)}`, 5]);
    expect([...counted]).toEqual([...waves, ['403 after 112', 5]]);
  });
});
