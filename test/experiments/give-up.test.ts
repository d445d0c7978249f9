/**
 * Claim: token clients give up when their schedules and NMI's waits say so. Method: every cell out of the simulation against the sum of
 * what is waited for; exactly where no chance is in it, within its band where there is.
 *
 * Where a published table differs, the mechanism is right: @azure/identity 2.1 and 3.4 make three tries with two gaps, 0.8 s and 1.6 s,
 * so 242.4 s and 302.4 s, not 246 s and 306 s (a third gap would come before a fourth try). azidentity for Go waits at most 25 s each
 * time, so never more than 104 s in all, about 97 s on average.
 */
import { describe, expect, it } from 'vitest';
import { giveUpText } from '../../src/cli/commands/table.ts';
import { giveUpTable, MEETINGS } from '../../src/experiments/give-up/table.ts';
import type { GiveUpCell } from '../../src/experiments/give-up/table.ts';

const made = giveUpTable();
const cell = (row: string, client: string): GiveUpCell | undefined =>
  made.rows.find(({ name }) => name === row)?.cells.find((one) => one.client === client);

/** Waits of azidentity for Go between its seven tries: (2^n − 1) · 2 s, times 0.8 to 1.3, at most 25 s. */
const GO = { low: 1.6 + 4.8 + 11.2 + 24 + 25 + 25, high: 2.6 + 7.8 + 18.2 + 25 + 25 + 25 };
/** Waits of @azure/identity 4.14 on 404: 0.8 · 2^n s, times 0.5 to 1. */
const JS = { low: 12.4, high: 24.8 };

const EXACT: readonly (readonly [row: string, client: string, seconds: number, tries: number])[] = [
  ['neverCreated', 'js34', 3 * 80 + 0.8 + 1.6, 3],
  ['neverCreated', 'adalGo', 5 * 80 + 112, 5],
  ['stuckCreated', 'js34', 3 * 100 + 0.8 + 1.6, 3],
  ['stuckCreated', 'adalGo', 5 * 100 + 112, 5],
  ...(['js414', 'js34', 'goLatest', 'adalGo'] as const).flatMap((client) => [
    ['assignedAt42', client, 45, 1] as const,
    ['imds400', client, 0, 1] as const,
  ]),
  ...(['js414', 'js34', 'adalGo'] as const).map((client) => ['assignedAt72', client, 75, 1] as const),
  ['retryAfter', 'js414', 4 * 1 + 3 * 20, 4],
  ['retryAfter', 'js34', 4 * 1 + 3 * 20, 4],
  ['retryAfter', 'goLatest', 7 * 1 + 6 * 20, 7],
  ['retryAfter', 'adalGo', 5 * 1 + 112, 5],
  ['imds5xx', 'js414', 112, 1],
  ['imds5xx', 'js34', 112, 1],
  ['imds5xx', 'adalGo', 112, 1],
  ['nmiDead', 'js34', 0, 0],
  ['nmiDead', 'adalGo', 112, 5],
  ['dropped', 'js34', 1, 0],
  ['dropped', 'adalGo', 5 * 30 + 112, 5],
];

const BANDS: readonly (readonly [row: string, client: string, low: number, high: number])[] = [
  ['neverCreated', 'js414', 480 + JS.low, 480 + JS.high],
  ['stuckCreated', 'js414', 600 + JS.low, 600 + JS.high],
  ['neverCreated', 'goLatest', 420 + GO.low, 420 + GO.high],
  ['stuckCreated', 'goLatest', 420 + GO.low, 420 + GO.high],
  ['imds5xx', 'goLatest', 420 + GO.low, 420 + GO.high],
  ['dropped', 'goLatest', 420 + GO.low, 420 + GO.high],
  ['nmiDead', 'goLatest', GO.low, GO.high],
  ['assignedAt72', 'goLatest', 72, 77],
  ['nmiDead', 'js414', 3.5, 7],
  ['dropped', 'js414', 4 * 127 + 3.5, 4 * 127 + 7],
];

describe('when token clients give up', () => {
  it.each(EXACT)('%s, %s: exactly %f s, after %i tries', (row, client, seconds, tries) => {
    const found = cell(row, client);
    expect([found?.lowS, found?.highS]).toEqual([expect.closeTo(seconds, 6), expect.closeTo(seconds, 6)]);
    expect(found?.tries).toBe(tries);
  });

  it.each(BANDS)('%s, %s: from %f s to %f s, and not always the same', (row, client, low, high) => {
    const { lowS, highS } = cell(row, client) ?? { lowS: NaN, highS: NaN };
    expect(lowS).toBeGreaterThanOrEqual(low - 1e-6);
    expect(highS).toBeLessThanOrEqual(high + 1e-6);
    expect(lowS).toBeLessThan(highS);
  });

  it('says something of every cell', () => {
    const said = new Set([...EXACT, ...BANDS].map(([row, client]) => `${row} ${client}`));
    expect(said.size).toBe(Object.keys(MEETINGS).length * made.clients.length);
  });

  it('is the page kept here', async () => {
    await expect(giveUpText(made, { columns: 100, color: 'none' })).toMatchFileSnapshot('../golden/give-up.out');
  });
});
