/** Retry-After as MIC reads it. */
import { expect, test } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import { holdBackOf } from '../../../src/model/mic/retry-after.ts';

const present = (text: string): number => Date.parse(text) / 1000;

test('whole seconds are a wait', () => {
  expect(holdBackOf('180', 0)).toBe(seconds(180));
});

test.each(['1970-01-01T00:00:00Z', '2000-02-28T23:59:00Z', '2024-02-29T12:00:00Z', '2024-12-31T23:59:59Z', '2100-03-01T00:00:00Z'])(
  'a date of RFC 1123 an hour after %s is a wait of an hour',
  (now) => {
    const later = new Date((present(now) + 3600) * 1000).toUTCString();
    expect(holdBackOf(later, present(now))).toBe(seconds(3600));
  },
);

test('a date that is over is no wait', () => {
  expect(holdBackOf('Thu, 01 Jan 1970 00:00:10 GMT', 10)).toBeUndefined();
});

test.each(['', 'soon', '1.5', '-3', '01 Jan 70 00:05 UTC', '1970-01-01T00:05:00Z'])('"%s" is no wait', (text) => {
  expect(holdBackOf(text, 0)).toBeUndefined();
});
