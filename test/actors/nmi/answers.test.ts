/** What NMI answers: guards, pod look-up, exceptions, choice, and what becomes of each answer of IMDS, Secrets and Entra. */
import { describe, expect, it } from 'vitest';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { assignedObject, identityObject, meta, NODE, podObject } from '../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../support/token-path.ts';
import type { TokenPath } from '../../support/token-path.ts';
import type { ImdsSays } from '../../support/token-path-stand-ins.ts';

const one = identityObject('one');
const base: TokenPath = { pods: [podObject()], assigned: [assignedObject(one, 'Assigned')], until: 400 };

/** Status and seconds of the answer to one request at 10 s. */
function ask(path: TokenPath, more: Parameters<typeof requestToken>[1] = {}): { readonly status: number; readonly took: number } {
  const seen = runTokenPath({ ...base, ...path, script: [...(path.script ?? []), { at: 10, act: requestToken('q', more) }] });
  const [answer] = seen.answers;
  return { status: answer?.status ?? -1, took: Math.round(((answer?.at ?? 0) - 10) * 1e6) / 1e6 };
}

type Call = MessageOf<'MetadataRequest'>['call'];
const call = (more: Partial<Call>): Call => ({
  method: 'GET',
  path: '/metadata/identity/oauth2/token',
  metadataHeader: 'true',
  query: { resource: 'r' },
  ...more,
});

describe('guards of the token route', () => {
  it.each([
    [
      'a request without the Metadata header gets 400',
      { call: { method: 'GET', path: '/metadata/identity/oauth2/token', query: { resource: 'r' } } },
      400,
    ],
    ['a header of another value gets 400', { call: call({ metadataHeader: 'True' }) }, 400],
    ['a sender with an IPv6 address gets 500', { sourceIP: 'fd00::1' }, 500],
    ['a request without a resource gets 400', { call: call({ query: {} }) }, 400],
    ['back-slash tricks get 400', { call: call({ path: '/metadata/identity\\oauth2/token/' }) }, 400],
    ['an unclean path is redirected with 301', { call: call({ path: '/metadata//identity/oauth2/token' }) }, 301],
    ['a longer word with the same beginning is a token request', { call: call({ path: '/MetaData/identity/oauth2/tokenXYZ' }) }, 200],
    ['other paths go to IMDS', { call: call({ path: '/metadata/instance' }) }, 200],
    ['other paths need the header too', { call: { method: 'GET', path: '/metadata/instance', query: {} } }, 400],
  ])('%s', (_title, more, status) => {
    expect(ask({}, more)).toEqual({ status, took: 0 });
  });

  it('blocks instance metadata with 403 where the flag is on', () => {
    expect(ask({ settings: { blockInstanceMetadata: 'yes' } }, { call: call({ path: '/Metadata/instance' }) })).toEqual({
      status: 403,
      took: 0,
    });
  });

  it('lets a request without the header pass where it is not required', () => {
    const bare = { method: 'GET', path: '/metadata/identity/oauth2/token', query: { resource: 'r' } };
    expect(ask({ settings: { metadataHeaderRequired: 'no' } }, { call: bare })).toEqual({ status: 200, took: 0 });
  });
});

describe('pod look-up by address', () => {
  it('answers 500 after 1.2 s when no pod has the address', () => {
    expect(ask({ pods: [] })).toEqual({ status: 500, took: 1.2 });
  });

  it('finds a pod whose address shows up 1.1 s later, by the scan at 1.2 s', () => {
    const late = {
      at: 11.1,
      act: (turn: Parameters<ReturnType<typeof requestToken>>[0]) => turn.table('pods').put('default/app', podObject()),
    };
    expect(ask({ pods: [], script: [late] })).toEqual({ status: 200, took: 1.2 });
  });

  it('answers 500 at once when two pods have it', () => {
    expect(ask({ pods: [podObject(), podObject('other')] })).toEqual({ status: 500, took: 0 });
  });

  it('passes over a completed pod that still has the address, and takes the old pod for the new one while only that is known', () => {
    expect(ask({ pods: [podObject(), podObject('done', { phase: 'Succeeded' })] })).toEqual({ status: 200, took: 0 });
    const seen = runTokenPath({ ...base, script: [{ at: 1, act: requestToken('q', { sender: 'default/newcomer' }) }] });
    expect(seen.of('nmi-resolved')).toMatchObject([{ sender: 'default/newcomer', resolved: 'default/app' }]);
  });
});

describe('exceptions', () => {
  const excepted: TokenPath = {
    assigned: [],
    pods: [podObject('app', { labels: { kind: 'System' } })],
    fill: (sim) =>
      sim.fill('azurePodIdentityExceptions', 'default/e', {
        kind: 'AzurePodIdentityException',
        metadata: meta('e'),
        spec: { podLabels: { other: 'x', kind: 'system' } },
      }),
  };

  it('lets a pod with one matching label through to IMDS, values compared without regard to case', () => {
    expect(ask(excepted, { clientId: 'any' })).toEqual({ status: 200, took: 0 });
  });

  it('answers 403 for every error of an excepted pod, also when IMDS cannot be reached', () => {
    expect(ask({ ...excepted, imds: () => ({ status: 0 }) })).toEqual({ status: 403, took: 112 });
  });

  it('drops the resource id of an excepted pod: IMDS is asked for the default identity', () => {
    const asked: string[] = [];
    ask({ ...excepted, imds: ({ clientId }) => (asked.push(clientId), { status: 200 }) }, { resourceId: '/resource/one' });
    expect(asked).toEqual(['default']);
  });

  it('takes any ReplicaSet called mic-something, or microsvc, in the namespace default for MIC', () => {
    expect(ask({ assigned: [], pods: [podObject('m', { owner: 'microsvc-7d9' })] }, { clientId: 'any' })).toEqual({ status: 200, took: 0 });
    expect(ask({ assigned: [], pods: [podObject('m', { owner: 'mic-7d9', namespace: 'else' })] }, { clientId: 'any' })).toEqual({
      status: 404,
      took: 80,
    });
  });
});

describe('choice of the identity', () => {
  const two = identityObject('two');
  const upper = { clientId: 'CLIENT-ONE' };

  it('answers 404 at once when the client id differs in letter case only', () => {
    expect(ask({}, upper)).toEqual({ status: 404, took: 0 });
  });

  it('finds by resource id exactly, and waits 80 s for one that is not the pod’s', () => {
    expect(ask({}, { resourceId: '/resource/one' })).toEqual({ status: 200, took: 0 });
    expect(ask({}, { resourceId: '/resource/none' })).toEqual({ status: 404, took: 80 });
  });

  it('gives both of two identities when none is named, and the first in list order on demand', () => {
    const path: TokenPath = {
      ...base,
      assigned: [assignedObject(one, 'Assigned'), assignedObject(two, 'Assigned')],
      script: Array.from({ length: 40 }, (_, n) => ({ at: n + 1, act: requestToken(`q${String(n)}`) })),
    };
    const served = (seen: ReturnType<typeof runTokenPath>): readonly string[] =>
      [...new Set(seen.answers.map(({ answer }) => answer.body?.token.appId ?? ''))].sort();
    expect(served(runTokenPath(path))).toEqual(['client-one', 'client-two']);
    expect(served(runTokenPath({ ...path, overrides: { 'informer.listOrder': 'given' } }))).toEqual(['client-one']);
  });

  it('panics into 500 when namespaced and all identities lie elsewhere, and answers 404 when one is named', () => {
    const far = assignedObject(identityObject('far', { namespace: 'elsewhere' }), 'Assigned');
    expect(ask({ assigned: [far], settings: { forceNamespaced: 'yes' } })).toEqual({ status: 500, took: 0 });
    expect(ask({ assigned: [far], settings: { forceNamespaced: 'yes' } }, { clientId: 'client-far' })).toEqual({ status: 404, took: 0 });
    const byAnnotation = identityObject('far', { namespace: 'elsewhere', annotations: { 'aadpodidentity.k8s.io/Behavior': 'namespaced' } });
    expect(ask({ assigned: [assignedObject(byAnnotation, 'Assigned')] })).toEqual({ status: 500, took: 0 });
  });

  it('leaves an empty client id out, so that IMDS takes the default identity', () => {
    const asked: string[] = [];
    ask({
      assigned: [assignedObject(identityObject('x', { clientID: '' }), 'Assigned')],
      imds: ({ clientId }) => (asked.push(clientId), { status: 200 }),
    });
    expect(asked).toEqual(['default']);
  });
});

describe('status of IMDS and status for the pod', () => {
  const failing =
    (status: number, times: number): ImdsSays =>
    ({ n }) => ({ status: n < times ? status : 200 });

  it.each([
    [400, 403, 0],
    [401, 403, 0],
    [403, 403, 0],
    [404, 403, 112],
    [410, 403, 112],
    [429, 403, 112],
    [500, 403, 112],
    [0, 503, 112],
  ])('%i for ever becomes %i after %i s', (status, expected, took) => {
    expect(ask({ imds: () => ({ status }) })).toEqual({ status: expected, took });
  });

  it.each([
    [1, 2],
    [2, 8],
    [3, 22],
    [4, 52],
  ])('%i failures, then 200 after %i s', (times, took) => {
    expect(ask({ imds: failing(429, times) })).toEqual({ status: 200, took });
  });

  it('answers 503 after 262 s when IMDS swallows everything', () => {
    expect(ask({ imds: () => undefined })).toEqual({ status: 503, took: 262 });
  });

  it('asks IMDS anew for each request: two requests, two calls', () => {
    let calls = 0;
    runTokenPath({
      ...base,
      imds: () => ((calls += 1), { status: 200 }),
      script: [1, 2].map((at) => ({ at, act: requestToken(`q${String(at)}`) })),
    });
    expect(calls).toBe(2);
  });

  it('goes on asking IMDS after the client hung up: 5 calls for nobody', () => {
    let calls = 0;
    const seen = runTokenPath({
      ...base,
      imds: () => ((calls += 1), { status: 500 }),
      script: [
        { at: 1, act: requestToken('q') },
        { at: 2, act: (turn) => turn.send(`iptables/${NODE}`, { type: 'ConnectionClosed', request: 'q' }) },
      ],
    });
    expect({ calls, answers: seen.answers.length, stated: seen.of('nmi-answered')[0]?.at }).toEqual({ calls: 5, answers: 0, stated: 113 });
  });
});
