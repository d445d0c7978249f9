/** When an IMDS sees a grant. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moment, seconds } from '../../src/kernel/time.ts';
import type { Duration } from '../../src/kernel/time.ts';
import { attachedGrant, detachedGrant, isVisible } from '../../src/model/identity-grant.ts';
import type { GrantDraws } from '../../src/model/identity-grant.ts';

const attachment = {
  resource: '/vm',
  identity: '/id',
  clientId: 'c',
  principalId: 'p',
  startedAt: moment(seconds(100)),
  took: seconds(40),
};
const draws: GrantDraws = { visibleAt: () => 0.75, lingers: () => seconds(10) };

describe('a grant', () => {
  it('of a PATCH that starts at 100 s and takes 40 s is seen from 130 s on by an IMDS that draws 0.75', () => {
    const grant = attachedGrant(undefined, attachment);
    expect(isVisible(grant, draws, moment(seconds(130) - 1))).toBe(false);
    expect(isVisible(grant, draws, moment(seconds(130)))).toBe(true);
  });

  it('detached at 200 s is seen for 10 s more', () => {
    const grant = detachedGrant(attachedGrant(undefined, attachment), moment(seconds(200)));
    expect(isVisible(grant, draws, moment(seconds(210) - 1))).toBe(true);
    expect(isVisible(grant, draws, moment(seconds(210)))).toBe(false);
  });

  it('attached anew at 205 s lingers as the old incarnation until 210 s, is gone, and is back at 235 s', () => {
    const old = detachedGrant(attachedGrant(undefined, attachment), moment(seconds(200)));
    const grant = attachedGrant(old, { ...attachment, startedAt: moment(seconds(205)) });
    expect(grant).toMatchObject({ incarnation: 2, previousDetachedAt: seconds(200) });
    const seen = [204, 209, 211, 234, 235].map((at) => isVisible(grant, draws, moment(seconds(at))));
    expect(seen).toEqual([true, true, false, false, true]);
  });

  it('that stands already is not changed by a second attachment, nor one that is gone by a second detachment', () => {
    const grant = attachedGrant(undefined, attachment);
    expect(attachedGrant(grant, { ...attachment, startedAt: moment(seconds(150)) })).toBe(grant);
    const gone = detachedGrant(grant, moment(seconds(200)));
    expect(detachedGrant(gone, moment(seconds(300)))).toBe(gone);
  });

  it('never detached is seen for ever once it is seen', () => {
    // Claim: visibility of a standing grant is monotone in time.
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2, noNaN: true }), fc.nat(200_000_000), fc.nat(200_000_000), (fraction, from, more) => {
        const own: GrantDraws = { visibleAt: () => fraction, lingers: () => 0 as Duration };
        const grant = attachedGrant(undefined, attachment);
        if (isVisible(grant, own, moment(from))) expect(isVisible(grant, own, moment(from + more))).toBe(true);
      }),
    );
  });
});
