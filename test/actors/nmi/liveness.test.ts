/** Promises of NMI that hold in every world: a known status for each request, in bounded time, alike in both modes. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { AssignedStatus } from '../../../src/model/kubernetes.ts';
import { identityObject, NODE, podObject, putAssigned } from '../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../support/token-path.ts';
import type { Seen, TokenPath } from '../../support/token-path.ts';

const STATUSES: readonly AssignedStatus[] = ['', 'Created', 'Assigned', 'Unassigned'];
const names = ['one', 'two', 'three'] as const;
const identities = names.map((name) => identityObject(name, name === 'three' ? { namespace: 'elsewhere' } : {}));

const at = fc.integer({ min: 0, max: 150_000 }).map((ms) => ms / 1000);
const write = fc.record({ at, identity: fc.constantFrom(...identities), status: fc.constantFrom(...STATUSES) });
const request = fc.record({
  at,
  clientId: fc.constantFrom('', 'client-one', 'CLIENT-TWO', 'client-three', 'nobody'),
  resourceId: fc.constantFrom('', '/resource/two'),
  sourceIP: fc.constantFrom('10.244.0.10', '10.244.0.11', 'fd00::1', ''),
});
const world = fc.record({
  writes: fc.array(write, { maxLength: 8 }),
  requests: fc.array(request, { minLength: 1, maxLength: 6 }),
  imds: fc.array(fc.constantFrom(200, 200, 400, 404, 410, 429, 500, 0, -1), { minLength: 1, maxLength: 12 }),
  setsRetryAfter: fc.constantFrom('yes', 'no'),
  isNamespaced: fc.constantFrom('yes', 'no'),
  lag: fc.constantFrom('0s', '150ms', '1s'),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

function pathOf({ writes, requests, imds, setsRetryAfter, isNamespaced, lag }: World): TokenPath {
  return {
    pods: [podObject()],
    until: 1000,
    settings: { retryAfterHeader: setsRetryAfter, forceNamespaced: isNamespaced },
    overrides: { 'watch.latency': lag },
    // -1 stands for silence.
    imds: ({ n }) => {
      const status = imds[n % imds.length] ?? 200;
      return status === -1 ? undefined : { status };
    },
    script: [
      ...writes.map(({ at: when, identity, status }) => ({ at: when, act: putAssigned(identity, status) })),
      ...requests.map(({ at: when, ...more }, n) => ({ at: when, act: requestToken(`q${String(n)}`, more) })),
    ],
  };
}

function tookOf(seen: Seen, requests: World['requests']): readonly { readonly status: number; readonly took: number }[] {
  return requests.map(({ at: when }, n) => {
    const [answer, ...more] = seen.answers.filter((other) => other.request === `q${String(n)}`);
    expect(more).toEqual([]);
    return { status: answer?.status ?? -1, took: (answer?.at ?? Infinity) - when };
  });
}

describe('promises of NMI', () => {
  // Claim (S10, L2): every request is answered once, with a status of the list, within 1.2 + 100 + 262 s; 503 with Retry-After only by the
  // flag. Method: random assigned identities, requests and IMDS answers, silence included.
  test.prop({ it: world })('each request is answered once, with a known status, within 363.2 s', ({ it: one }) => {
    const seen = runTokenPath(pathOf(one));
    for (const { status, took } of tookOf(seen, one.requests)) {
      expect([200, 400, 403, 404, 500, 503]).toContain(status);
      expect(took).toBeLessThanOrEqual(363.2 + 1e-6);
    }
    const withRetryAfter = seen.answers.filter(({ answer }) => answer.retryAfter !== undefined);
    if (one.setsRetryAfter === 'no') expect(withRetryAfter).toEqual([]);
    expect(withRetryAfter.every(({ status }) => status === 503)).toBe(true);
    expect(seen.of('nmi-answered')).toHaveLength(one.requests.length);
  });

  // Claim: with IMDS in reach the bound is 1.2 + 100 + 112 s. Method: as above, without silence.
  test.prop({ it: world.filter(({ imds }) => !imds.includes(-1)) })('within 213.2 s where IMDS can be reached', ({ it: one }) => {
    for (const { took } of tookOf(runTokenPath(pathOf(one)), one.requests)) expect(took).toBeLessThanOrEqual(213.2 + 1e-6);
  });

  // Claim: nobody gets a token of an identity that no assigned identity of its pod carries. Method: as above; what IMDS was asked for.
  test.prop({ it: world })('a token is always of an identity that was assigned to the pod, and of the one named', ({ it: one }) => {
    const seen = runTokenPath(pathOf(one));
    const written = new Set(one.writes.map(({ identity }) => identity.spec.clientID));
    for (const [n, { clientId, resourceId }] of one.requests.entries()) {
      const answer = seen.answers.find(({ request: id }) => id === `q${String(n)}`)?.answer;
      if (answer?.body === undefined) continue;
      expect(written).toContain(answer.body.token.appId);
      const named = [clientId, ...(resourceId === '' ? [] : ['client-two'])].filter((id) => id !== '');
      if (named.length > 0) expect(named).toContain(answer.body.token.appId);
    }
  });

  // Claim: recorded and fast runs are the same run, also while NMI is killed, drained and restarted. Method: fingerprints with payloads.
  test.prop({ it: world, deaths: fc.array(fc.record({ at, how: fc.constantFrom('SIGTERM', 'SIGKILL', 'restart') }), { maxLength: 4 }) })(
    'runs alike in both modes, and every request ends, whatever kills NMI',
    ({ it: one, deaths }) => {
      const base = pathOf(one);
      const script = deaths.map(({ at: when, how }) => ({
        at: when,
        act: (turn: Parameters<ReturnType<typeof requestToken>>[0]) => {
          const id = `nmi/${NODE}`;
          if (how !== 'restart') {
            turn.send(id, { type: 'Signal', signal: how });
            return;
          }
          if (turn.isAlive(id)) turn.stop(id);
          else turn.spawn({ id, kind: 'nmi' }, { type: 'NmiStarted', pod: 'kube-system/nmi-x', node: NODE, start: 'cold' });
        },
      }));
      const path = { ...base, script: [...script, ...(base.script ?? [])] };
      const seen = runTokenPath(path);
      expect(runTokenPath({ ...path, mode: 'fast' }).fingerprint).toBe(seen.fingerprint);
      const ended = new Set(seen.answers.map(({ request: id }) => id));
      // A request that went straight to a silent IMDS is the client's own to end.
      if (!one.imds.includes(-1)) expect(ended.size).toBe(one.requests.length);
    },
  );
});
