/** The other ways to a token through NMI: service principals, managed mode, the host route. */
import { describe, expect, it } from 'vitest';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { assignedObject, identityObject, meta, NODE, podObject, POD_IP } from '../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../support/token-path.ts';
import type { TokenPath } from '../../support/token-path.ts';

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
      sim.fill('azureIdentityBindings', 'default/b', {
        kind: 'AzureIdentityBinding',
        metadata: meta('b'),
        spec: { azureIdentity: 'one', selector: 'sel' },
      });
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
          turn.send(`nmi/${NODE}`, {
            type: 'MetadataRequest',
            request: 'q',
            call: asked,
            sourceIP,
            replyTo: 'client',
            sender: '',
            network: 'host',
            connection: '',
          });
        },
      },
    ],
  });
  const named = { podns: 'default', podname: 'app' };

  it('gives any host process the token of a pod it names, without the Metadata header', () => {
    expect(runTokenPath(host({ podHeaders: named, metadataHeader: '' })).answers[0]?.status).toBe(200);
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
