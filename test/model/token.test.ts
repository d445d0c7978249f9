/** Tokens: claims as Entra writes them, bounds as verifiers check them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORIGIN, after, hours, moment, seconds } from '../../src/kernel/time.ts';
import type { ServicePrincipal } from '../../src/model/azure.ts';
import { copyOfToken, issueToken, judgeToken } from '../../src/model/token.ts';

const principal: ServicePrincipal = {
  objectId: 'object',
  appId: 'app',
  kind: 'userAssigned',
  displayName: 'web',
  resourceId: '/ids/web',
  createdAt: ORIGIN,
  replicatedAt: ORIGIN,
  credentials: [],
};
const AT = moment(seconds(1000));
const token = issueToken({ uti: 'aad#1', audience: 'https://vault.azure.net', principal, at: AT, life: hours(24), backdate: seconds(300) });
const at = (now: number): Parameters<typeof judgeToken>[1] => ({
  audience: 'https://vault.azure.net',
  now: moment(now),
  skew: seconds(300),
});

describe('a token of a managed identity', () => {
  it('claims to be issued 300 s ago and lasts 24 h from now', () => {
    expect(token).toMatchObject({
      issuedAt: seconds(700),
      notBefore: seconds(700),
      expiresAt: seconds(1000) + hours(24),
      mirid: '/ids/web',
    });
  });

  it('is accepted until 300 s after its expiry and not a microsecond longer', () => {
    const last = token.expiresAt + seconds(300);
    expect(judgeToken(token, at(last))).toBe('valid');
    expect(judgeToken(token, at(last + 1))).toBe('expired');
  });

  it('is accepted from 300 s before its start and not a microsecond earlier', () => {
    expect(judgeToken(token, at(seconds(400)))).toBe('valid');
    expect(judgeToken(token, at(seconds(400) - 1))).toBe('notYetValid');
  });

  it('is refused for an audience that differs by a slash, and from another issuer', () => {
    expect(judgeToken(token, { ...at(AT), audience: 'https://vault.azure.net/' })).toBe('wrongAudience');
    expect(judgeToken({ ...token, issuer: 'https://elsewhere/' }, at(AT))).toBe('foreignIssuer');
  });

  it('is copied whole', () => {
    expect(copyOfToken(token)).toEqual(token);
    expect(copyOfToken(token)).not.toBe(token);
  });
});

describe('any lifetime', () => {
  it('is accepted exactly within [nbf − skew, exp + skew]', () => {
    // Claim: one closed interval, by random moments, lives and skews.
    const micros = fc.integer({ min: 0, max: 10_000_000_000 });
    fc.assert(
      fc.property(micros, micros, micros, micros, (issued, life, skew, now) => {
        const made = issueToken({ uti: 'u', audience: 'a', principal, at: moment(issued), life: life as never, backdate: seconds(300) });
        const inside = now >= made.notBefore - skew && now <= made.expiresAt + skew;
        const verdict = judgeToken(made, { audience: 'a', now: moment(now), skew: skew as never });
        expect(verdict === 'valid').toBe(inside);
        expect(after(made.notBefore, seconds(300))).toBe(issued);
      }),
    );
  });
});
