/** Signing keys of a cluster: how long Entra believes them, what a rotation breaks, and what it means that nobody reaches the issuer. */
import { describe, expect, test } from 'vitest';
import { hours } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { publishedKeys, rotated, signingKeyAt } from '../../src/model/signing-keys.ts';
import { runWritten, told } from '../support/written.ts';
import type { WrittenRun } from '../support/written.ts';

const at = (n: number): Moment => hours(n) as number as Moment;

describe('the document of an issuer', () => {
  const first = { issuer: 'i', keys: [{ keyId: 'signing-key-1', from: at(0) }] };
  const second = rotated(first, at(10), hours(24));

  test('has old and new key for a day after a rotation, and the new one signs', () => {
    expect(publishedKeys(second, at(11))).toEqual(['signing-key-1', 'signing-key-2']);
    expect(publishedKeys(second, at(34))).toEqual(['signing-key-2']);
    expect([signingKeyAt(second, at(9)), signingKeyAt(second, at(11))]).toEqual(['signing-key-1', 'signing-key-2']);
  });

  test('loses the oldest key at once when keys are rotated twice', () => {
    expect(publishedKeys(rotated(second, at(12), hours(24)), at(12))).toEqual(['signing-key-2', 'signing-key-3']);
  });
});

/** A pod that asks Entra every minute from 1m on, its token renewed after 48 minutes. */
function run(story: string, overrides: Record<string, string> = {}): WrittenRun {
  return runWritten(
    `
horizon: 3h
world:
  identities: [{ name: shop-id, federated: [{ serviceAccount: default/shop }] }]
  services: [{ name: vault, kind: keyVault }]
  roles: [{ to: shop-id, role: Key Vault Secrets User, on: vault }]
  cluster:
    nodePools: [{ name: pool1, nodes: 1, images: ['registry.example/app:1'] }]
    workloadIdentity: {}
    workloads:
      - { name: shop, credential: workloadIdentity, identity: shop-id, client: naive, every: 1m, retryAfterDenial: 1m, uses: vault, select: { labels: { app: shop } } }
story:
  - at: 1m
    apply:
      - apiVersion: v1
        kind: Pod
        metadata: { name: shop, labels: { app: shop, azure.workload.identity/use: 'true' } }
        spec: { serviceAccountName: shop, containers: [{ name: main, image: 'registry.example/app:1' }] }
${story}`,
    { 'wi.oidc.entraJwksCache': '30m', ...overrides },
  );
}

const ROTATE = (time: string): string => `  - { at: ${time}, rotateSigningKeys: cluster }\n`;
const CUT = '  - at: 1h\n    fault: { id: cut, to: oidc-issuer, do: drop }\n';

/** First and last time [min] of refusals with a code. */
function refused(made: WrittenRun, error: string): readonly [number, number] | undefined {
  const times = told(made, 'aad-token-refused').flatMap((fact) => (fact.error === error ? [fact.at / 60] : []));
  return times.length === 0 ? undefined : [times[0] ?? 0, times.at(-1) ?? 0];
}

test('a rotation breaks nothing: the old token is good with the old key, the new one makes Entra look again', () => {
  const made = run(ROTATE('20m'));
  expect(told(made, 'signing-key-rotated')).toHaveLength(1);
  expect(told(made, 'aad-token-refused')).toEqual([]);
});

test('two rotations invalidate what the first key signed, as soon as Entra looks again, until the kubelet renews the token', () => {
  const [from = 0, to = 0] = refused(run(ROTATE('20m') + ROTATE('21m')), 'AADSTS700027') ?? [];
  // The cache of 30 minutes is from the first request, at 1 minute.
  expect(from).toBeGreaterThan(31);
  expect(from).toBeLessThan(33);
  expect(to).toBeGreaterThan(47);
  expect(to).toBeLessThan(50);
});

test('the longer Entra keeps the keys, the longer it believes a withdrawn one', () => {
  expect(refused(run(ROTATE('20m') + ROTATE('21m'), { 'wi.oidc.entraJwksCache': '40m' }), 'AADSTS700027')?.[0]).toBeGreaterThan(41);
  expect(refused(run(ROTATE('20m') + ROTATE('21m'), { 'wi.oidc.entraJwksCache': '2h' }), 'AADSTS700027')).toBeUndefined();
});

test('without an overlap one rotation breaks as much as two', () => {
  expect(refused(run(ROTATE('20m'), { 'wi.oidc.keyOverlap': '1ms' }), 'AADSTS700027')).toBeDefined();
});

describe('while nobody reaches the issuer', () => {
  test('tokens are good as long as the cache is, and then refused with AADSTS90061 until it is reached again', () => {
    const made = run(`${CUT}  - { at: 2h, restore: cut }\n`);
    const [from = 0, to = 0] = refused(made, 'AADSTS90061') ?? [];
    expect(from).toBeGreaterThan(60);
    expect(from).toBeLessThan(93);
    expect(to).toBeLessThan(121);
    expect(told(made, 'aad-token-issued').some(({ at: time }) => time / 60 > 121)).toBe(true);
  });

  test('a refusal takes as long as Entra waits for the keys', () => {
    const took = (timeout: string): number => {
      const [first] = told(run(CUT, { 'wi.oidc.fetchTimeout': timeout }), 'aad-token-refused');
      const asked = told(run(CUT, { 'wi.oidc.fetchTimeout': timeout }), 'token-asked').filter(({ at: time }) => time <= (first?.at ?? 0));
      return (first?.at ?? 0) - (asked.at(-1)?.at ?? 0);
    };
    expect(took('20s') - took('5s')).toBeCloseTo(15, 3);
  });
});

test('a key that Entra does not know makes it look again, but not more than every refresh interval', () => {
  const made = run(`${ROTATE('20m')}${ROTATE('21m')}`, { 'wi.oidc.refreshInterval': '5m' });
  const fetches = made.world.events;
  expect(fetches).toBeGreaterThan(0);
  const often = run(`${ROTATE('20m')}${ROTATE('21m')}`, { 'wi.oidc.refreshInterval': '1ms' });
  // More looks, more events; the same refusals.
  expect(often.world.events).toBeGreaterThan(fetches);
});
