/** Whom NMI takes a pod for, and how long it waits: W5 to W9, W13, W17, W20, W30, W31, W33. Numbers follow §5 of the behaviour of NMI. */
import { describe, expect, it } from 'vitest';
import { assignedIdentityName } from '../../../../src/model/mic/naming.ts';
import { keyOf } from '../../../../src/model/kubernetes.ts';
import type { AzureAssignedIdentity, AzureIdentity, Pod } from '../../../../src/model/kubernetes.ts';
import { assignedObject, identityObject, meta, podObject } from '../../../support/token-path-objects.ts';
import { runTokenPath } from '../../../support/token-path.ts';
import type { TokenPath } from '../../../support/token-path.ts';
import type { ScriptStep } from '../../../support/token-path-stand-ins.ts';
import { answers, ask, BASE, cache, hangUp, identities, ONE, runClient } from './world.ts';

const put = (at: number, pod: Pod): ScriptStep => ({ at, act: (turn) => turn.table('pods').put(keyOf(pod), pod) });
const gone = (at: number, key: string): ScriptStep => ({ at, act: (turn) => turn.table('pods').delete(key) });
const NEW = podObject('newcomer');
const BOTH: TokenPath = {
  ...BASE,
  assigned: [assignedObject(ONE, 'Assigned'), assignedObject(identityObject('two'), 'Assigned', 'newcomer')],
};
const newcomer = { sender: 'default/newcomer' };

describe('a pod by its address', () => {
  it('W5: a pod whose address NMI does not know yet gets 500 after 1.2 s, and 200 when it asks again', () => {
    const seen = runTokenPath({ ...BASE, pods: [podObject('app', { ip: '' })], script: [ask(10), put(11.5, podObject()), ask(12)] });
    expect(answers(seen)).toEqual([
      [500, 11.2],
      [200, 12],
    ]);
  });

  it('W6: a pod that got the address of another, before NMI hears of either, gets the identity of the other', () => {
    const script = [gone(10, 'default/app'), put(10, NEW), ask(11, newcomer), ask(13, newcomer)];
    const seen = runTokenPath({ ...BOTH, overrides: { 'watch.latency': '2s' }, script });
    expect(identities(seen)).toEqual(['client-one', 'client-two']);
    expect(seen.of('nmi-resolved').map(({ resolved }) => resolved)).toEqual(['default/app', 'default/newcomer']);
  });

  it('W7: while both pods of one address are in the cache both get 500 at once, until the old one has ended', () => {
    const script = [put(10, NEW), ask(11), ask(12, newcomer), put(20, podObject('app', { phase: 'Succeeded' })), ask(21, newcomer)];
    const seen = runTokenPath({ ...BOTH, script });
    expect(answers(seen)).toEqual([
      [500, 11],
      [500, 12],
      [200, 21],
    ]);
    expect(identities(seen).at(-1)).toBe('client-two');
  });

  it('W8: a completed pod is unknown by its address, but its assigned identity stays: by its name the host still gets a token', () => {
    const host: ScriptStep = {
      at: 20,
      act: (turn) =>
        turn.send('nmi/node-0', {
          type: 'MetadataRequest',
          request: 'host',
          call: { method: 'GET', path: '/host/token/', query: { resource: 'r' }, podHeaders: { podns: 'default', podname: 'app' } },
          sourceIP: '127.0.0.1',
          replyTo: 'client',
          sender: '',
          network: 'host',
          connection: '',
        }),
    };
    const seen = runTokenPath({ ...BASE, pods: [podObject('app', { phase: 'Succeeded' })], script: [ask(10), host] });
    expect([answers(seen), identities(seen)]).toEqual([
      [
        [500, 11.2],
        [200, 20],
      ],
      ['', 'client-one'],
    ]);
  });

  it('W9: behind a watch that stands still new pods get 500 and what is deleted is honoured, for as long as it stands', () => {
    const fresh = podObject('newcomer', { ip: '10.244.0.11' });
    const from = { ...newcomer, sourceIP: '10.244.0.11' };
    const removed: ScriptStep = { at: 10, act: (turn) => turn.table('azureAssignedIdentities').delete('default/app-default-one') };
    const freeze = [cache(5, 'pods', 'frozen'), cache(5, 'azureAssignedIdentities', 'frozen')];
    const thaw = [cache(60, 'pods', 'flowing'), cache(60, 'azureAssignedIdentities', 'flowing')];
    const seen = runTokenPath({
      ...BOTH,
      script: [...freeze, put(10, fresh), removed, ask(11, from), ask(50), ...thaw, ask(61, from), ask(62)],
    });
    expect(answers(seen)).toEqual([
      [500, 12.2],
      [200, 50],
      [200, 61],
      [404, 142],
    ]);
  });

  it('W9: managed mode honours a deleted binding behind such a watch', () => {
    const managed: TokenPath = {
      pods: [podObject('app', { labels: { aadpodidbinding: 'sel' } })],
      settings: { mode: 'managed' },
      until: 400,
      fill: (sim) => {
        sim.fill('azureIdentities', keyOf(ONE), ONE);
        const spec = { azureIdentity: 'one', selector: 'sel' };
        sim.fill('azureIdentityBindings', 'default/b', { kind: 'AzureIdentityBinding', metadata: meta('b'), spec });
      },
    };
    const unbound: ScriptStep = { at: 10, act: (turn) => turn.table('azureIdentityBindings').delete('default/b') };
    const frozen = [cache(5, 'azureIdentityBindings', 'frozen'), unbound, ask(50), cache(60, 'azureIdentityBindings', 'flowing'), ask(61)];
    expect(answers(runTokenPath({ ...managed, script: frozen }))).toEqual([
      [200, 50],
      [404, 61],
    ]);
    expect(answers(runTokenPath({ ...managed, script: [unbound, ask(50)] }))).toEqual([[404, 50]]);
  });

  it('W30: a pod that sends from its neighbour’s address gets the neighbour’s identity; the guard is one text in a file', () => {
    const seen = runTokenPath({ ...BASE, script: [ask(10, { sender: 'default/thief' })] });
    expect(identities(seen)).toEqual(['client-one']);
    expect(seen.of('nmi-resolved')).toMatchObject([{ sender: 'default/thief', resolved: 'default/app' }]);
    const phases = (path: TokenPath): unknown =>
      runTokenPath({ ...BASE, nmi: 'cold', ...path })
        .of('nmi-phase')
        .at(-1)?.phase;
    expect(phases({ settings: { network: 'kubenet' } })).toBe('dead');
    expect(phases({ settings: { network: 'kubenet' }, overrides: { 'nmi.kubenet.allowed': true } })).toBe('serving');
  });

  it('W31: a pod that comes over IPv6 gets 500 at once', () => {
    expect(answers(runTokenPath({ ...BASE, script: [ask(1, { sourceIP: 'fd00::10' })], until: 5 }))).toEqual([[500, 1]]);
  });
});

describe('a pod by its name', () => {
  it('W13: a pod that takes over a name gets the identity of its predecessor, whose AzureAssignedIdentity is still there', () => {
    const old = assignedObject(identityObject('predecessor'), 'Assigned');
    const fresh = podObject('app', { labels: { aadpodidbinding: 'something-else' } });
    expect(identities(runTokenPath({ pods: [fresh], assigned: [old], script: [ask(1)], until: 10 }))).toEqual(['client-predecessor']);
  });

  it('W13: without the scale features one of another node will do too, and IMDS does not know it: 403', () => {
    const old = assignedObject(identityObject('predecessor'), 'Assigned');
    const elsewhere: AzureAssignedIdentity = {
      ...old,
      metadata: { ...old.metadata, labels: { nodename: 'node-1' } },
      spec: { ...old.spec, nodename: 'node-1' },
    };
    const path: TokenPath = { ...BASE, assigned: [elsewhere], imds: () => ({ status: 400 }), script: [ask(1)] };
    expect(answers(runTokenPath({ ...path, settings: { scaleFeatures: 'no' } }))).toEqual([[403, 1]]);
    expect(answers(runTokenPath(path))).toEqual([[404, 81]]);
  });

  it('W33: of two pods whose assignments have one name one is served; the other gets 404 after 80 s, each time', () => {
    const [served, starved] = [
      { pod: 'x', podNamespace: 'a-b' },
      { pod: 'x-a', podNamespace: 'b' },
    ];
    const name = assignedIdentityName({ ...served, identity: 'one' });
    expect(assignedIdentityName({ ...starved, identity: 'one' })).toBe(name);
    const kept: AzureAssignedIdentity = withName(ONE, name, served);
    const other = { sender: 'b/x-a', sourceIP: '10.244.0.11' };
    const seen = runTokenPath({
      ...BASE,
      pods: [podObject('x', { namespace: 'a-b' }), podObject('x-a', { namespace: 'b', ip: '10.244.0.11' })],
      assigned: [kept],
      script: [ask(1), ask(2, other), ask(100, other)],
    });
    expect(answers(seen)).toEqual([
      [200, 1],
      [404, 82],
      [404, 180],
    ]);
  });
});

function withName(
  identity: AzureIdentity,
  name: string,
  of: { readonly pod: string; readonly podNamespace: string },
): AzureAssignedIdentity {
  const made = assignedObject(identity, 'Assigned', of.pod);
  return { ...made, metadata: { ...made.metadata, name }, spec: { ...made.spec, ...of } };
}

describe('the wait', () => {
  it('W17: a client that hangs up ends it, and its next try begins from zero', () => {
    const seen = runTokenPath({ pods: [podObject()], script: [ask(1), hangUp(61, 1), ask(62)], until: 200 });
    expect(seen.of('nmi-answered').map(({ status, at }) => [status, at])).toEqual([
      [404, 61],
      [404, 142],
    ]);
    expect(answers(seen)).toEqual([[404, 142]]);
  });

  it('W17: a client of 60 s a try never sees the 404 of 80 s, and has the identity of 70 s in its second try', () => {
    const never = runClient('goLatest', { assigned: [] });
    expect(new Set(never.of('token-try-ended').map(({ status }) => status))).toEqual(new Set([-1]));
    expect(never.of('nmi-answered').every(({ status }) => status === 404)).toBe(true);
    const object = assignedObject(ONE, 'Assigned');
    const late: ScriptStep = { at: 70, act: (turn) => turn.table('azureAssignedIdentities').put(keyOf(object), object) };
    const tries = runClient('goLatest', { assigned: [], script: [late] }).of('token-try-ended');
    expect(tries.map(({ status }) => status)).toEqual([-1, 200]);
  });

  it('W20: with Retry-After on, a client id that nobody has is answered like one that is on its way: 503 and 20 s', () => {
    const seen = runTokenPath({
      ...BASE,
      settings: { retryAfterHeader: 'yes' },
      overrides: { 'nmi.lookup.createdAttempts': 1, 'nmi.lookup.assignedAttempts': 1, 'nmi.lookup.interval': '1s' },
      script: [ask(1, { clientId: 'client-nobody' })],
    });
    expect(seen.answers.map(({ status, answer }) => [status, answer.retryAfter])).toEqual([[503, 20_000_000]]);
    expect(seen.of('nmi-answered')).toMatchObject([{ hasRetryAfter: true }]);
  });
});
