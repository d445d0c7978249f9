/** Replay tokens come back as they went, and whatever is no token is told so. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../../src/scenarios/replay/base64url.ts';
import { contentHash, decodeReplay, encodeReplay } from '../../src/scenarios/replay/replay-token.ts';
import type { ReplayRecipe } from '../../src/scenarios/replay/replay-token.ts';

const plain: ReplayRecipe = { scenario: 'aks-sql-token', content: '0123456789abcdef', seed: 'idflow', overrides: {}, ties: 'fixed' };

const recipes: fc.Arbitrary<ReplayRecipe> = fc
  .record({
    scenario: fc.string({ unit: 'grapheme', minLength: 1 }),
    content: fc.stringMatching(/^[0-9a-f]{16}$/),
    seed: fc.string({ unit: 'grapheme' }),
    overrides: fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}[.][a-z]{1,8}$/),
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.oneof(fc.string(), fc.integer()))),
      { noNullPrototype: true },
    ),
    ties: fc.constantFrom('fixed' as const, 'shuffled' as const),
    event: fc.option(fc.nat()),
  })
  .map(({ event, ...recipe }) => (event === null ? recipe : { ...recipe, event }));

test('any recipe comes back from its token', () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      expect(decodeReplay(encodeReplay(recipe))).toEqual({ ok: true, recipe });
      expect(decodeReplay(`  ${encodeReplay(recipe)}\n`)).toEqual({ ok: true, recipe });
    }),
  );
});

test('a token holds nothing that a shell or an address would take apart', () => {
  fc.assert(fc.property(recipes, (recipe) => /^idf1[.][A-Za-z0-9_-]+[.][0-9a-f]{6}$/.test(encodeReplay(recipe))));
});

test('the same knobs in another order make the same token', () => {
  const one = encodeReplay({ ...plain, overrides: { 'a.b': 1, 'c.d': '2s' } });
  expect(encodeReplay({ ...plain, overrides: { 'c.d': '2s', 'a.b': 1 } })).toBe(one);
});

test('a changed, lost or added character is noticed', () => {
  const token = encodeReplay(plain);
  fc.assert(
    fc.property(fc.nat({ max: token.length - 1 }), fc.constantFrom('A', 'z', '0', ''), (at, character) => {
      const damaged = token.slice(0, at) + character + token.slice(at + 1);
      fc.pre(damaged !== token);
      expect(decodeReplay(damaged).ok).toBe(false);
    }),
  );
});

describe('what is no token is told why', () => {
  const rule = (text: string): string => {
    const decoded = decodeReplay(text);
    return decoded.ok ? 'accepted' : decoded.rule;
  };

  test.each([
    ['', 'a replay token begins with "idf1."'],
    ['hello', 'a replay token begins with "idf1."'],
    ['idf2.abc.123456', 'this token is of version 2; this program reads version 1'],
    [encodeReplay(plain).slice(0, 20), 'a replay token has three parts with dots between; is it cut off?'],
    [`${encodeReplay(plain)}0`, 'the checksum does not match: a character was lost or changed'],
  ])('%j', (text, expected) => {
    expect(rule(text)).toBe(expected);
  });

  test('a list with a fine checksum and the wrong things in it', () => {
    const forged = encodeReplay({ ...plain, seed: 7 as unknown as string });
    expect(rule(forged)).toBe('the token holds no run: it was not made by this program');
  });
});

test('the hash of the files depends on every text and path, not on the order in which they were read', () => {
  const files = [
    { path: 'a.yaml', text: 'one' },
    { path: 'b.yaml', text: 'two' },
  ];
  const hash = contentHash(files);
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(contentHash([...files].reverse())).toBe(hash);
  expect(contentHash([{ path: 'a.yaml', text: 'one ' }, ...files.slice(1)])).not.toBe(hash);
  expect(contentHash([{ path: 'c.yaml', text: 'one' }, ...files.slice(1)])).not.toBe(hash);
});

test('base64url agrees with the one of Node for any text, and refuses what is none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(toBase64url(text)).toBe(Buffer.from(text, 'utf8').toString('base64url'));
      expect(fromBase64url(toBase64url(text))).toBe(text);
    }),
  );
  expect(fromBase64url('a')).toBeUndefined();
  expect(fromBase64url('ab+/')).toBeUndefined();
  expect(fromBase64url('_w')).toBeUndefined();
});
