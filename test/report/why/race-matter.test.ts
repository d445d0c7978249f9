/** Claim: an update that was lost is told with whose it was. */
import { expect, it } from 'vitest';
import { asked, reasonsOf, runOf } from './asked.ts';

it('a lost update names who had put the identity there before the list without it was written', () => {
  const { because } = reasonsOf(asked('race lostUpdate', runOf('two-writers')));
  expect(because).toMatch(/MIC \S+ put shop-id on aks-pool1-vmss at 00:02:\S+; the list that terraform wrote after that is without it/u);
});
