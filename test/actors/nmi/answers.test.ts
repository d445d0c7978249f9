/** What NMI answers: guards, pod look-up, exceptions, choice, and what becomes of each answer of IMDS, Secrets and Entra. */
import { describe, expect, it } from 'vitest';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { assignedObject, identityObject, meta, NODE, podObject, POD_IP, requestToken, runTokenPath } from '../../support/token-path.ts';
import type { ImdsSays, TokenPath } from '../../support/token-path.ts';

const one = identityObject('one');
const base: TokenPath = { pods: [podObject()], assigned: [assignedObject(one, 'Assigned')], until: 400 };

/** Status and seconds of the answer to one request at 10 s. */
function ask(path: TokenPath, more: Parameters<typeof requestToken>[1] = {}): { readonly status: number; readonly took: number } {
  const seen = runTokenPath({ ...base, ...path, script: [...(path.script ?? []), { at: 10, act: requestToken('q', more) }] });
  const [answer] = seen.answers;
  return { status: answer?.status ?? -1, took: Math.round(((answer?.at ?? 0) - 10) * 1e6) / 1e6 };
}

type Call = MessageOf<'MetadataRequest'>['call'];
const call = (more: Partial<Call>): Call => ({ method: 'GET', path: '/metadata/identity/oauth2/token', metadataHeader: 'true', query: { resource: 'r' }, ...more });

describe('guards of the token route', () => {
  it.each([
    ['a request without the Metadata header gets 400', { call: { method: 'GET', path: '/metadata/identity/oauth2/token', query: { resource: 'r' } } }, 400],
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
    expect(ask({ settings: { blockInstanceMetadata: 'yes' } }, { call: call({ path: '/Metadata/instance' }) })).toEqual({ status: 403, took: 0 });
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
    const late = { at: 11.1, act: (turn: Parameters<ReturnType<typeof requestToken>>[0]) => turn.table('pods').put('default/app', podObject()) };
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
    fill: (sim) => sim.fill('azurePodIdentityExceptions', 'default/e', { kind: 'AzurePodIdentityException', metadata: meta('e'), spec: { podLabels: { other: 'x', kind: 'system' } } }),
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
    expect(ask({ assigned: [], pods: [podObject('m', { owner: 'mic-7d9', namespace: 'else' })] }, { clientId: 'any' })).toEqual({ status: 404, took: 80 });
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
    const served = (seen: ReturnType<typeof runTokenPath>): readonly string[] => [...new Set(seen.answers.map(({ answer }) => answer.body?.token.appId ?? ''))].sort();
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
    ask({ assigned: [assignedObject(identityObject('x', { clientID: '' }), 'Assigned')], imds: ({ clientId }) => (asked.push(clientId), { status: 200 }) });
    expect(asked).toEqual(['default']);
  });
});

describe('status of IMDS and status for the pod', () => {
  const failing = (status: number, times: number): ImdsSays => ({ n }) => ({ status: n < times ? status : 200 });

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
    runTokenPath({ ...base, imds: () => ((calls += 1), { status: 200 }), script: [1, 2].map((at) => ({ at, act: requestToken(`q${String(at)}`) })) });
    expect(calls).toBe(2);
  });

  it('goes on asking IMDS after the client hung up: 5 calls for nobody', () => {
    let calls = 0;
    const seen = runTokenPath({
      ...base,
      imds: () => ((calls += 1), { status: 500 }),
      script: [{ at: 1, act: requestToken('q') }, { at: 2, act: (turn) => turn.send(`iptables/${NODE}`, { type: 'ConnectionClosed', request: 'q' }) }],
    });
    expect({ calls, answers: seen.answers.length, stated: seen.of('nmi-answered')[0]?.at }).toEqual({ calls: 5, answers: 0, stated: 113 });
  });
});

describe('service principals', () => {
  const secret = { kind: 'Secret', metadata: meta('sp'), data: { key: 'pass' } } as const;
  const sp = identityObject('sp', { type: 1, clientPassword: { name: 'sp', namespace: 'default' } });
  const path: TokenPath = { assigned: [assignedObject(sp, 'Assigned')], secrets: [secret] };

  it('reads the Secret live and asks Entra', () => {
    const seen = runTokenPath({ ...base, ...path, script: [{ at: 1, act: requestToken('q') }] });
    expect(seen.answers[0]).toMatchObject({ status: 200, answer: { body: { token: { appId: 'client-sp/pass' } } } });
  });

  it('answers 503 without the Secret, 403 when Entra refuses, 503 for an unknown type', () => {
    expect(ask({ ...path, secrets: [] }).status).toBe(503);
    expect(ask({ ...path, aadStatus: 401 }).status).toBe(403);
    expect(ask({ ...path, assigned: [assignedObject(identityObject('odd', { type: 7 }), 'Assigned')] }).status).toBe(503);
  });

  it('wraps the error where there are auxiliary tenants: 503 instead of 403', () => {
    const many = identityObject('sp', { type: 1, clientPassword: { name: 'sp', namespace: 'default' }, auxiliaryTenantIDs: ['a', 'b'] });
    expect(ask({ ...path, assigned: [assignedObject(many, 'Assigned')] }).status).toBe(200);
    expect(ask({ ...path, assigned: [assignedObject(many, 'Assigned')], aadStatus: 401 }).status).toBe(503);
  });

  it('needs the key certificate for a certificate', () => {
    const cert = identityObject('sp', { type: 2, clientPassword: { name: 'sp', namespace: 'default' } });
    expect(ask({ ...path, assigned: [assignedObject(cert, 'Assigned')] }).status).toBe(503);
    const filled = { ...secret, data: { certificate: 'pfx', password: '' } };
    expect(ask({ ...path, assigned: [assignedObject(cert, 'Assigned')], secrets: [filled] }).status).toBe(200);
  });

  it('lets 10 calls for Secrets pass at once and then 5 a second', () => {
    const script = Array.from({ length: 15 }, (_, n) => ({ at: 1, act: requestToken(`q${String(n).padStart(2, '0')}`) }));
    const seen = runTokenPath({ ...base, ...path, script });
    expect(seen.answers.filter(({ at }) => at === 1)).toHaveLength(10);
    expect(seen.answers.at(-1)?.at).toBeCloseTo(2, 6);
  });
});

describe('managed mode', () => {
  const labelled = podObject('app', { labels: { aadpodidbinding: 'sel' } });
  const managed = (pods: readonly Pod[]): TokenPath => ({
    pods,
    assigned: [],
    settings: { mode: 'managed' },
    fill: (sim) => {
      sim.fill('azureIdentities', keyOf(one), one);
      sim.fill('azureIdentityBindings', 'default/b', { kind: 'AzureIdentityBinding', metadata: meta('b'), spec: { azureIdentity: 'one', selector: 'sel' } });
    },
  });

  it('joins label, binding and identity without any assigned identity', () => {
    expect(ask(managed([labelled]))).toEqual({ status: 200, took: 0 });
  });

  it('answers 404 at once on a miss, and 503 with Retry-After under the flag', () => {
    expect(ask(managed([podObject()]))).toEqual({ status: 404, took: 0 });
    const flagged = managed([podObject()]);
    expect(ask({ ...flagged, settings: { mode: 'managed', retryAfterHeader: 'yes' } })).toEqual({ status: 503, took: 0 });
  });
});

describe('host route', () => {
  const host = (more: Partial<Call>, sourceIP = '127.0.0.1'): TokenPath => ({
    ...base,
    script: [
      {
        at: 1,
        act: (turn) => {
          const asked = call({ path: '/host/token/', ...more });
          turn.send(`nmi/${NODE}`, { type: 'MetadataRequest', request: 'q', call: asked, sourceIP, replyTo: 'client', sender: '', network: 'host', connection: '' });
        },
      },
    ],
  });
  const named = { podns: 'default', podname: 'app' };

  it('gives any host process the token of a pod it names, without the Metadata header', () => {
    const { metadataHeader: _unsent, ...bare } = call({ path: '/host/token/', podHeaders: named });
    expect(runTokenPath(host(bare)).answers[0]?.status).toBe(200);
  });

  it('checks pod, sender and resource in that order: 400, 500, 400', () => {
    expect(runTokenPath(host({})).answers[0]?.status).toBe(400);
    expect(runTokenPath(host({ podHeaders: named, query: {} }, POD_IP)).answers[0]?.status).toBe(500);
    expect(runTokenPath(host({ podHeaders: named, query: {} })).answers[0]?.status).toBe(400);
  });

  it('answers 404 and not 503 without an identity, also under the Retry-After flag', () => {
    const path = host({ podHeaders: { podns: 'default', podname: 'nobody' } });
    expect(runTokenPath({ ...path, settings: { retryAfterHeader: 'yes' } }).answers[0]).toMatchObject({ status: 404, at: 81 });
  });
});
