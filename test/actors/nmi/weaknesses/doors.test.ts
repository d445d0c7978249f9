/** Who gets past NMI, and who is locked out: W1 to W4, W24, W25, W28, W29, W32. Numbers follow §5 of the behaviour of NMI. */
import { describe, expect, it } from 'vitest';
import { iptables } from '../../../../src/actors/iptables/index.ts';
import { nmi } from '../../../../src/actors/nmi/index.ts';
import type { MessageOf } from '../../../../src/model/messages/index.ts';
import { defineActor } from '../../../../src/model/vocabulary.ts';
import { create as createPod, pod as podOf, podSpec, runCluster as runNodes } from '../../../support/cluster.ts';
import { podObject } from '../../../support/token-path-objects.ts';
import { runTokenPath } from '../../../support/token-path.ts';
import { armCalls, runCluster, statuses } from '../../mic/cluster.ts';
import { BASE as MIC_BASE } from '../../mic/troubles.ts';
import { podAt } from '../../mic/weaknesses/world.ts';
import { answers, ask, BASE, identities, pages, probe, rules, servedBy, start, terminate, vanish } from './world.ts';

const STARTS = { 'nmi.init': '500ms', 'nmi.init.listenToRules': '200ms' };

describe('no rules yet, or no more', () => {
  it('W1: before the first rules of a new node a pod gets a token of any identity it names; afterwards it does not', () => {
    const others = { clientId: 'client-of-others' };
    const seen = runTokenPath({
      ...BASE,
      nmi: 'absent',
      overrides: STARTS,
      script: [ask(1, others), start(2), ask(2.4, others), ask(3, others)],
    });
    expect([servedBy(seen), identities(seen), answers(seen).at(-1)]).toEqual([
      ['imds', 'imds', 'nmi'],
      ['client-of-others', 'client-of-others', ''],
      [404, 83],
    ]);
  });

  it('W2: a graceful stop takes the rules away first, so IMDS is open for the 10 s of draining and until the next rules', () => {
    const script = [terminate(20), ask(20.1), ask(29.9), vanish(30.1), start(31), ask(31.4), ask(31.6)];
    const seen = runTokenPath({ ...BASE, overrides: STARTS, script });
    expect(servedBy(seen)).toEqual(['imds', 'imds', 'imds', 'nmi']);
    expect(seen.of('rules-changed').map(({ redirect, at }) => [redirect, at])).toEqual([
      ['off', 20],
      ['on', 31.5],
    ]);
  });

  it('W3: an NMI too slow for three probes gets SIGTERM from the kubelet, and that opens IMDS for 10 s and a start', () => {
    const run = runNodes({
      nodes: ['node-0'],
      more: [iptables, nmi],
      fill: (sim) => sim.add({ id: 'iptables/node-0', kind: 'iptables' }, { type: 'Start' }),
      overrides: { 'nmi.iptables.flushWindow': '0s', 'link.node': '0s', 'nmi.init': '500ms', 'nmi.init.listenToRules': '200ms' },
      script: [
        createPod(1, { ...podOf('p'), spec: podSpec('k8s/aad/nmi:v1') }),
        { at: 100, rule: { id: 'slow', to: 'nmi/node-0', type: 'Probe', times: 3, action: { kind: 'drop' } } },
      ],
    });
    const happened = run.facts.flatMap(({ at, fact }) =>
      fact.type === 'probe-failed'
        ? [{ at, what: `failed ${String(fact.failures)}` }]
        : fact.type === 'rules-changed'
          ? [{ at, what: fact.redirect }]
          : [],
    );
    expect(happened.map(({ what }) => what)).toEqual(['on', 'failed 1', 'failed 2', 'failed 3', 'off', 'on']);
    const [off, on] = happened.slice(-2).map(({ at }) => at / 1e6);
    expect((on ?? 0) - (off ?? 0)).toBeGreaterThan(10);
    expect((on ?? 0) - (off ?? 0)).toBeLessThan(15);
  });

  it('W25: rules that a third party flushed are back at the next check, up to 60 s later; writing them leaves a moment open as well', () => {
    const seen = runTokenPath({ ...BASE, script: [rules(5, 'flush'), ask(5.5), ask(66)] });
    const [off, on] = seen.of('rules-changed');
    expect([servedBy(seen), off?.at]).toEqual([['imds', 'nmi'], 5]);
    expect((on?.at ?? Infinity) - 5).toBeLessThanOrEqual(60);
    const rewritten = runTokenPath({
      ...BASE,
      settings: { version: '1.5.5' },
      overrides: { 'nmi.iptables.flushWindow': '5ms' },
      until: 300,
    });
    const gaps = rewritten.of('rules-changed').map(({ redirect, at }) => ({ redirect, at }));
    expect(gaps.length).toBeGreaterThanOrEqual(8);
    expect(gaps.every(({ redirect }, n) => redirect === (n % 2 === 0 ? 'off' : 'on'))).toBe(true);
    expect((gaps[1]?.at ?? 0) - (gaps[0]?.at ?? 0)).toBeCloseTo(0.005, 6);
  });

  it.each(['reverse', 'precede'] as const)(
    'W32: no check of NMI ever repairs "%s": IMDS stays open, and the health page says Active',
    (op) => {
      const seen = runTokenPath({ ...BASE, script: [rules(5, op), ask(6), ask(390), probe(391)] });
      expect([servedBy(seen), pages(seen)]).toEqual([['imds', 'imds'], ['200 Active']]);
    },
  );

  // Simplified away: the second NMI's own fate, a port it cannot bind and a crash loop. The model has one NMI per node.
  it('W29: what a second NMI of the node takes away at its end is missing until the next check of the one that lives', () => {
    const seen = runTokenPath({ ...BASE, script: [rules(5, 'remove'), ask(5.5), ask(66)] });
    expect(servedBy(seen)).toEqual(['imds', 'nmi']);
    const [, on] = seen.of('rules-changed');
    expect(on).toMatchObject({ redirect: 'on', by: 'nmi/node-0' });
    expect((on?.at ?? Infinity) - 5).toBeLessThanOrEqual(60);
  });
});

describe('rules without NMI', () => {
  it('W4: a crash leaves the rules: every pod of the node is refused, MIC’s too, until the next NMI listens', () => {
    const mic = { sender: 'default/mic-0' };
    const seen = runTokenPath({ ...BASE, overrides: STARTS, script: [vanish(20), ask(21), ask(22, mic), start(30), ask(30.2), ask(30.4)] });
    expect(servedBy(seen)).toEqual(['kernel', 'kernel', 'kernel', 'nmi']);
    expect(seen.of('rules-changed')).toEqual([]);
  });

  it('W24: a MIC whose node’s NMI is dead gets no token for ARM, and so assigns nothing anywhere', () => {
    const refusing = defineActor<object, MessageOf<'Start' | 'MetadataRequest'>>({
      kind: 'iptables',
      initial: () => ({}),
      handlers: {
        Start: () => undefined,
        MetadataRequest: (_state, { request, replyTo }, turn) => {
          turn.send(replyTo, { type: 'MetadataResponse', request, status: 0, servedBy: 'kernel' });
        },
      },
    });
    const steps = [podAt(10, 'p', 'n1'), podAt(10, 'q', 'v1-0')];
    const cold = { ...MIC_BASE, start: 'cold', steps, until: 400 } as const;
    const knobs = { ...MIC_BASE.knobs, 'mic.restart.duration': '1s' };
    const locked = runCluster({ ...cold, knobs, definitions: [refusing] });
    expect([statuses(locked), armCalls(locked, 'patchIdentity')]).toEqual([['p-default-x Created', 'q-default-x Created'], []]);
    expect(statuses(runCluster({ ...cold, knobs }))).toEqual(['p-default-x Assigned', 'q-default-x Assigned']);
  });
});

describe('what health says', () => {
  it('W28: 200 and Active while the rules are gone, the caches stand still and IMDS is down', () => {
    const frozen = { at: 1, act: (turn: Parameters<ReturnType<typeof probe>['act']>[0]) => turn.stall('nmi/node-0', 'pods', 'frozen') };
    const seen = runTokenPath({ ...BASE, imds: () => ({ status: 0 }), script: [rules(1, 'flush'), frozen, probe(2)], until: 3 });
    expect(pages(seen)).toEqual(['200 Active']);
    expect(seen.of('rules-changed')).toMatchObject([{ redirect: 'off' }]);
  });

  it('W28: 200 before the first rules, so the DaemonSet is ready while pods still reach IMDS', () => {
    const seen = runTokenPath({ ...BASE, nmi: 'cold', overrides: STARTS, script: [probe(0.4), ask(0.4), probe(0.6)], pods: [podObject()] });
    expect([pages(seen), servedBy(seen)]).toEqual([['200 Not Active', '200 Active'], ['imds']]);
  });
});
