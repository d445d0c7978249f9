/** Service-account tokens: when they are renewed, and when Entra trusts them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hours, micros, seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { EXCHANGE_AUDIENCE, projectedAt, trusted } from '../../src/model/federated-credential.ts';
import type { FederatedCredential, ServiceAccountToken } from '../../src/model/federated-credential.ts';

const credential: FederatedCredential = {
  id: '1',
  name: 'one',
  missingFrom: 0,
  principalId: 'p',
  issuer: 'https://oidc.example/a/',
  subject: 'system:serviceaccount:shop:orders',
  audience: EXCHANGE_AUDIENCE,
  createdAt: 0 as Moment,
  propagatedAt: 0 as Moment,
};
const token: ServiceAccountToken = {
  issuer: credential.issuer,
  subject: credential.subject,
  audience: EXCHANGE_AUDIENCE,
  keyId: 'signing-key-1',
  expiresAt: 100 as Moment,
};

describe('a projected token', () => {
  test('that a process reads is never expired, never from the future, and never older than its renewal', () => {
    fc.assert(
      fc.property(
        fc.nat(1e12),
        fc.nat(1e12),
        fc.integer({ min: 3600, max: 86_400 }),
        fc.double({ min: 0.1, max: 0.99, noNaN: true }),
        (start, passed, life, at) => {
          const now = (start + passed) as Moment;
          const rule = { life: seconds(life), at, most: hours(24) };
          const issued = projectedAt(start as Moment, now, rule);
          expect(issued).toBeLessThanOrEqual(now);
          expect(now - issued).toBeLessThan(rule.life);
          expect(now - issued).toBeLessThanOrEqual(Math.max(1, Math.round(rule.life * at)));
        },
      ),
      { seed: 4 },
    );
  });

  test('of an hour is renewed after 48 minutes', () => {
    const rule = { life: hours(1), at: 0.8, most: hours(24) };
    expect(projectedAt(0 as Moment, micros(48 * 60_000_000 - 1) as number as Moment, rule)).toBe(0);
    expect(projectedAt(0 as Moment, micros(48 * 60_000_000) as number as Moment, rule)).toBe(48 * 60_000_000);
  });
});

describe('Entra', () => {
  test('trusts the token of a federated credential, and names what does not fit', () => {
    const judge = (change: Partial<ServiceAccountToken>, now = 5): unknown =>
      trusted([credential], { ...token, ...change }, now as Moment, 'caseSensitive');
    expect(judge({})).toBe(credential);
    expect(judge({ issuer: 'https://oidc.example/b/' })).toBe('AADSTS700211');
    expect(judge({ subject: 'system:serviceaccount:shop:other' })).toBe('AADSTS700213');
    expect(judge({ audience: 'api://other' })).toBe('AADSTS700212');
    expect(judge({}, 100)).toBe('AADSTS700024');
  });

  test('since it compares letter by letter, a credential in other letters no longer fits (WI-09)', () => {
    const shouted = { ...token, subject: 'system:serviceaccount:Shop:orders' };
    expect(trusted([credential], shouted, 5 as Moment, 'caseInsensitive')).toBe(credential);
    expect(trusted([credential], shouted, 5 as Moment, 'caseSensitive')).toBe('AADSTS7002138');
  });
});
