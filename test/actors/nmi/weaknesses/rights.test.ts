/** Whose identity a pod gets: W10 to W12, W21, W22, W26, W27. Numbers follow §5 of the behaviour of NMI. */
import { describe, expect, it } from 'vitest';
import { assignedObject, identityObject, meta, podObject } from '../../../support/token-path-objects.ts';
import { runTokenPath } from '../../../support/token-path.ts';
import type { TokenPath } from '../../../support/token-path.ts';
import { answers, ask, BASE, identities, NMI, ONE } from './world.ts';

const TWO = identityObject('two');

describe('past all checks', () => {
  it('W10: an AzureIdentity without client id gives the default identity of the VM', () => {
    const empty = assignedObject(identityObject('empty', { clientID: '' }), 'Assigned');
    expect(identities(runTokenPath({ ...BASE, assigned: [empty], script: [ask(1)] }))).toEqual(['default']);
  });

  it('W11: a Deployment called microsvc in the namespace default gets any identity it names; under another MICNamespace it does not', () => {
    const path: TokenPath = {
      ...BASE,
      assigned: [],
      pods: [podObject('app', { owner: 'microsvc-7d9' })],
      script: [ask(1, { clientId: 'client-of-others' }), ask(2)],
    };
    expect(identities(runTokenPath(path))).toEqual(['client-of-others', 'default']);
    expect(answers(runTokenPath({ ...path, settings: { micNamespace: 'kube-system' } }))).toEqual([
      [404, 81],
      [404, 82],
    ]);
  });

  it('W12: one label of an exception is enough for any identity, and who asks by resource id gets the default one', () => {
    const path: TokenPath = {
      ...BASE,
      assigned: [],
      pods: [podObject('app', { labels: { kind: 'system' } })],
      fill: (sim) => {
        const spec = { podLabels: { kind: 'system', team: 'platform' } };
        sim.fill('azurePodIdentityExceptions', 'default/e', { kind: 'AzurePodIdentityException', metadata: meta('e'), spec });
      },
      script: [ask(1, { clientId: 'client-of-others' }), ask(2, { resourceId: '/resource/one' })],
    };
    expect(identities(runTokenPath(path))).toEqual(['client-of-others', 'default']);
  });

  it('W27: a process of the host gets the token of any pod it names, present or not', () => {
    const host = (at: number, podname: string) => ({
      at,
      act: (turn: Parameters<ReturnType<typeof ask>['act']>[0]): void =>
        turn.send(NMI, {
          type: 'MetadataRequest',
          request: `q${String(at)}`,
          call: { method: 'GET', path: '/host/token/', query: { resource: 'r' }, podHeaders: { podns: 'default', podname } },
          sourceIP: '127.0.0.1',
          replyTo: 'client',
          sender: '',
          network: 'host',
          connection: '',
        }),
    });
    const assigned = [assignedObject(ONE, 'Assigned'), assignedObject(TWO, 'Assigned', 'long-gone')];
    expect(identities(runTokenPath({ ...BASE, assigned, script: [host(1, 'app'), host(2, 'long-gone')] }))).toEqual([
      'client-one',
      'client-two',
    ]);
  });
});

describe('the wrong one, or none', () => {
  const both: TokenPath = { ...BASE, assigned: [assignedObject(ONE, 'Assigned'), assignedObject(TWO, 'Assigned')] };

  it('W21: a client id or resource id in other letter case gets 404 at once, though its identity is Assigned', () => {
    const script = [ask(1, { clientId: 'CLIENT-ONE' }), ask(2, { resourceId: '/RESOURCE/one' }), ask(3, { clientId: 'client-one' })];
    expect(answers(runTokenPath({ ...BASE, script }))).toEqual([
      [404, 1],
      [404, 2],
      [200, 3],
    ]);
  });

  it('W21: an object id is not read: of two identities the pod gets either, whichever it named', () => {
    const query = { resource: 'r', objectId: 'object-client-one' };
    const call = { method: 'GET', path: '/metadata/identity/oauth2/token', metadataHeader: 'true', query };
    const script = Array.from({ length: 20 }, (_, n) => ask(n + 1, { call }));
    expect(new Set(identities(runTokenPath({ ...both, script })))).toEqual(new Set(['client-one', 'client-two']));
  });

  it('W22: with two identities and none named, the token is of one or the other; before the second is Assigned always of the first', () => {
    const script = Array.from({ length: 20 }, (_, n) => ask(n + 1));
    expect(new Set(identities(runTokenPath({ ...both, script })))).toEqual(new Set(['client-one', 'client-two']));
    const early: TokenPath = { ...BASE, assigned: [assignedObject(ONE, 'Assigned'), assignedObject(TWO, 'Created')], script };
    expect(new Set(identities(runTokenPath(early)))).toEqual(new Set(['client-one']));
  });

  it('W26: where all identities lie in other namespaces NMI panics: 500, which no metric counts; a named one gets 404', () => {
    const far = assignedObject(identityObject('far', { namespace: 'elsewhere' }), 'Assigned');
    const script = [ask(1), ask(2, { clientId: 'client-far' })];
    const seen = runTokenPath({ ...BASE, assigned: [far], settings: { forceNamespaced: 'yes' }, script });
    expect(seen.of('nmi-answered').map(({ status, isCounted }) => [status, isCounted])).toEqual([
      [500, false],
      [404, true],
    ]);
  });
});
