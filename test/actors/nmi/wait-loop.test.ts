/** NMI's wait for an identity, in a world where nothing else takes time. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { assignedObject, identityObject, podObject, putAssigned } from '../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../support/token-path.ts';
import type { TokenPath } from '../../support/token-path.ts';

const one = identityObject('one');
const base: TokenPath = { pods: [podObject()], until: 400 };
const asked = { at: 10, act: requestToken('q') };

function answerOf(path: TokenPath): { readonly status: number; readonly took: number } {
  const { answers } = runTokenPath({ ...base, ...path });
  expect(answers.map(({ request }) => request)).toEqual(['q']);
  return { status: answers[0]?.status ?? -1, took: Math.round(((answers[0]?.at ?? 0) - 10) * 1e6) / 1e6 };
}

describe('the wait loop of NMI', () => {
  it('answers 200 at once when the identity is Assigned', () => {
    expect(answerOf({ assigned: [assignedObject(one, 'Assigned')], script: [asked] })).toEqual({ status: 200, took: 0 });
  });

  it('answers 200 at once for a legacy identity without a state', () => {
    expect(answerOf({ assigned: [assignedObject(one, '')], script: [asked] })).toEqual({ status: 200, took: 0 });
  });

  it('answers 404 after 80 s when the identity is never Created', () => {
    expect(answerOf({ script: [asked] })).toEqual({ status: 404, took: 80 });
  });

  it('answers 404 after 100 s when the identity stays Created', () => {
    expect(answerOf({ assigned: [assignedObject(one, 'Created')], script: [asked] })).toEqual({ status: 404, took: 100 });
  });

  it('answers 404 after 100 s when Created is first seen by the look at 80 s', () => {
    expect(answerOf({ script: [asked, { at: 88, act: putAssigned(one, 'Created') }] })).toEqual({ status: 404, took: 100 });
  });

  it('answers 404 after 80 s when Unassigned is all there is', () => {
    expect(answerOf({ assigned: [assignedObject(one, 'Unassigned')], script: [asked] })).toEqual({ status: 404, took: 80 });
  });

  it('answers 503 with Retry-After 20 s after 1 s or 2 s when tuned to one look each', () => {
    const overrides = { 'nmi.lookup.createdAttempts': 1, 'nmi.lookup.assignedAttempts': 1, 'nmi.lookup.interval': '1s' };
    const settings = { retryAfterHeader: 'yes' } as const;
    expect(answerOf({ overrides, settings, script: [asked] })).toEqual({ status: 503, took: 1 });
    const { answers } = runTokenPath({ ...base, overrides, settings, assigned: [assignedObject(one, 'Created')], script: [asked] });
    expect(answers[0]).toMatchObject({ status: 503, at: 12, answer: { retryAfter: 20_000_000 } });
  });

  it('ends at once, and answers nobody, when the client hangs up', () => {
    const hangUp = {
      at: 23,
      act: (turn: Parameters<typeof asked.act>[0]) => turn.send('iptables/node-0', { type: 'ConnectionClosed', request: 'q' }),
    };
    const seen = runTokenPath({ ...base, script: [asked, hangUp] });
    expect(seen.answers).toEqual([]);
    expect(seen.of('nmi-answered')).toMatchObject([{ at: 23, status: 404, took: 13_000_000, found: 'none' }]);
  });

  // Claim: what becomes Assigned after t seconds is answered at the next multiple of 5 s, whatever came before. Method: closed form.
  test.prop({ created: fc.integer({ min: 0, max: 120_000 }), lag: fc.integer({ min: 0, max: 120_000 }) })(
    'equals the closed-form table',
    ({ created, lag }) => {
      const assigned = created + lag;
      const script = [
        asked,
        { at: 10 + created / 1000, act: putAssigned(one, 'Created') },
        { at: 10 + assigned / 1000, act: putAssigned(one, 'Assigned') },
      ];
      const nextLook = (ms: number): number => Math.ceil((ms + 0.001) / 5000) * 5;
      const isCreatedInTime = nextLook(created) <= 80;
      const expected = !isCreatedInTime
        ? { status: 404, took: 80 }
        : nextLook(assigned) <= 95
          ? { status: 200, took: nextLook(assigned) }
          : { status: 404, took: 100 };
      const got = answerOf({ script });
      // At equal times the order of a write and a look is the tie rule's: either neighbour is right.
      const isTie = created % 5000 === 0 || assigned % 5000 === 0;
      if (!isTie) expect(got).toEqual(expected);
    },
  );

  it('acts alike in both modes', () => {
    const path: TokenPath = {
      ...base,
      script: [asked, { at: 21, act: putAssigned(one, 'Created') }, { at: 44, act: putAssigned(one, 'Assigned') }],
    };
    expect(runTokenPath({ ...path, mode: 'fast' }).fingerprint).toBe(runTokenPath({ ...path, mode: 'recorded' }).fingerprint);
  });
});
