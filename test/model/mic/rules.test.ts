/** The smaller rules of MIC: blame, places, names, repeats, the lock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { Moment } from '../../../src/kernel/time.ts';
import { blamedIdentities, withoutBlamed } from '../../../src/model/mic/bad-identity.ts';
import { isHolder, lastRenewal, mayTake, nextRenewal, sight } from '../../../src/model/mic/lease.ts';
import { assignedIdentityName, isUserAssignedId } from '../../../src/model/mic/naming.ts';
import { placementOf } from '../../../src/model/mic/placement.ts';
import { isRepeated, repeatWait, throttleKey } from '../../../src/model/mic/sdk-retry.ts';
import { placeOfProvider } from '../../../src/model/provider-id.ts';

const ID = '/subscriptions/s-1/resourcegroups/rg_1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1';
const WORDS = 'LinkedAuthorizationFailed,FailedIdentityOperation';

function moment(s: number): Moment {
  return seconds(s) as number as Moment;
}

describe('blame', () => {
  it('finds the ids of the first quoted list and leaves other quoted texts alone', () => {
    expect(blamedIdentities(`The client 'x' may not act on the linked scope(s) '${ID},${ID}2' or '${ID}3'`)).toEqual([ID, `${ID}2`]);
    expect(blamedIdentities('an error')).toEqual([]);
  });

  it('misses an id with a dot or a parenthesis in its name', () => {
    expect(blamedIdentities(`resource '${ID}.x' was not found`)).toEqual([]);
    expect(blamedIdentities(`resource '${ID}(x)' was not found`)).toEqual([]);
  });

  it('drops blamed ids from the delta, adds and removals alike, and gives up where that changes nothing or leaves nothing', () => {
    const delta = [
      { id: ID.toLowerCase(), action: 'remove' as const },
      { id: 'other', action: 'add' as const },
    ];
    const text = `Code="FailedIdentityOperation" '${ID}'`;
    expect(withoutBlamed(delta, { text, words: WORDS })).toEqual([{ id: 'other', action: 'add' }]);
    expect(withoutBlamed(delta.slice(0, 1), { text, words: WORDS })).toBeUndefined();
    expect(withoutBlamed(delta.slice(1), { text, words: WORDS })).toBeUndefined();
    expect(withoutBlamed(delta, { text: `Code="Other" '${ID}'`, words: WORDS })).toBeUndefined();
  });
});

describe('providerID', () => {
  it('reads the parent of a nested resource, as spelled, and refuses what is no resource id', () => {
    expect(
      placeOfProvider(
        'azure:///subscriptions/S/RESOURCEGROUPS/Rg/providers/Microsoft.Compute/virtualMachineScaleSets/V1/virtualMachines/0',
      ),
    ).toEqual({
      subscription: 'S',
      resourceGroup: 'Rg',
      provider: 'Microsoft.Compute',
      resourceType: 'virtualMachineScaleSets',
      resourceName: 'V1',
    });
    for (const id of ['', '/subscriptions/asdf/resourceGroups/qwery', 'aws:///zone/i-1']) expect(placeOfProvider(id)).toBeUndefined();
  });

  it('takes a node for a VM unless its type is exactly virtualMachineScaleSets; an empty id is a VM, a foreign one unreadable', () => {
    const of = (type: string): string =>
      placementOf(`azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/${type}/x`).kind;
    expect([of('virtualMachines'), of('virtualMachineScaleSets'), of('virtualmachinescalesets')]).toEqual(['vm', 'vmss', 'vm']);
    expect([placementOf('').kind, placementOf('vk://x').kind]).toEqual(['vm', 'unreadable']);
  });
});

describe('names', () => {
  it('collide where dashes meet (W40)', () => {
    const name = (pod: string, podNamespace: string): string => assignedIdentityName({ pod, podNamespace, identity: 'id' });
    expect(name('a-b', 'c')).toBe(name('a', 'b-c'));
  });

  it('accepts a user-assigned id in any letter case and nothing else', () => {
    expect(isUserAssignedId(ID)).toBe(true);
    expect(isUserAssignedId(ID.toUpperCase())).toBe(true);
    expect(isUserAssignedId('/subscriptions/s/resourcegroups/rg/providers/Microsoft.Compute/virtualMachines/x')).toBe(false);
  });
});

describe('repeats of the SDK', () => {
  it('waits 30, 60, 120, 240 s, or Retry-After instead', () => {
    expect([0, 1, 2, 3].map((n) => repeatWait(n, { base: seconds(30), retryAfter: undefined }))).toEqual(
      [30, 60, 120, 240].map((s) => seconds(s)),
    );
    expect(repeatWait(2, { base: seconds(30), retryAfter: seconds(1) })).toBe(seconds(1));
  });

  it('repeats 408 and 5xx but not 429, 409 or 404', () => {
    expect([0, 408, 500, 502, 503, 504].every(isRepeated)).toBe(true);
    expect([200, 400, 403, 404, 409, 429, 501].some(isRepeated)).toBe(false);
  });

  it('remembers throttles by client type and direction, or by resource where a knob says so', () => {
    const call = { kind: 'vmss', name: 'v1', direction: 'write' } as const;
    expect([throttleKey({ ...call, scope: 'clientType' }), throttleKey({ ...call, scope: 'resource' })]).toEqual([
      'vmss/write',
      'vmss/v1/write',
    ]);
  });
});

describe('the lock', () => {
  const record = { renewedAt: moment(10), period: seconds(3.75) };

  // Claim: renewals of a standing exchange lie on one grid, by arithmetic on random moments.
  it('puts every moment between its last and its next renewal, one period apart', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10_000_000, max: 1_000_000_000 }), (us) => {
        const now = us as Moment;
        const [last, next] = [lastRenewal(record, now), nextRenewal(record, now)];
        expect(last <= now && now < next).toBe(true);
        expect(next - last).toBe(record.period);
        expect((last - record.renewedAt) % record.period).toBe(0);
      }),
    );
  });

  it('may be taken 15 s after the record was last seen to change, not earlier, or at once if it is one’s own or nobody’s', () => {
    const first = sight(undefined, { holder: 'a', renewedAt: moment(1) }, moment(20));
    const again = sight(first, { holder: 'a', renewedAt: moment(1) }, moment(30));
    expect(again.seenAt).toBe(moment(20));
    const who = { isOwn: false, duration: seconds(15) };
    expect([mayTake(again, who, moment(34.9)), mayTake(again, who, moment(35))]).toEqual([false, true]);
    expect(sight(again, { holder: 'a', renewedAt: moment(29) }, moment(30)).seenAt).toBe(moment(30));
    expect(mayTake(first, { ...who, isOwn: true }, moment(20))).toBe(true);
    expect(mayTake({ ...first, holder: '' }, who, moment(20))).toBe(true);
  });

  it('knows its holder by pod key or by bare name', () => {
    expect([
      isHolder('default/mic-0', 'default/mic-0'),
      isHolder('mic-0', 'default/mic-0'),
      isHolder('ic-0', 'default/mic-0'),
      isHolder('', 'default/'),
    ]).toEqual([true, true, false, false]);
  });
});
