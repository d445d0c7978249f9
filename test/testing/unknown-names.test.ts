/** What a caller misspells is told by name, with the names that there are. */
import { expect, it } from 'vitest';
import { ACTS, arbitraryPlan, assertInvariants } from '../../src/testing/index.ts';
import type { Act, InvariantName } from '../../src/testing/index.ts';

it('an unknown act is refused with the one that was meant and all there are', () => {
  const acts = ['scaleDeploymnt', 'drain'] as unknown as readonly Act['do'][];
  const all = Object.keys(ACTS).join(', ');
  expect(() => arbitraryPlan({ acts })).toThrow(`unknown act scaleDeploymnt (did you mean scaleDeployment?); there are: ${all}`);
  expect(() => {
    assertInvariants({ invariants: ['noRemovalWhileInUse'], plans: { acts }, numRuns: 1 });
  }).toThrow(RangeError);
  expect(() => arbitraryPlan({ acts: [] })).toThrow(`no acts; there are: ${all}`);
});

it('an unknown invariant is refused with all there are', () => {
  const invariants = ['noRemoval'] as unknown as readonly InvariantName[];
  expect(() => {
    assertInvariants({ invariants, numRuns: 1 });
  }).toThrow(/unknown invariant noRemoval; there are: answerCodesKnown, /u);
});

it('each act can be drawn alone', () => {
  for (const name of Object.keys(ACTS) as Act['do'][]) expect(() => arbitraryPlan({ acts: [name] })).not.toThrow();
});
