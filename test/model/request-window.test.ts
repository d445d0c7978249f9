/** Fixed windows of requests, against counting by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes, moment, seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { countRequest, isOver, requestWindow } from '../../src/model/request-window.ts';

const at = (s: number): Moment => moment(seconds(s));

describe('a window of 2 requests in 3 minutes', () => {
  it('lets two through, tells the third to come back when it ends, and begins anew then', () => {
    let window = requestWindow({ requests: 2, length: minutes(3) });
    const answers = [10, 20, 30, 189, 190, 191, 192].map((s) => {
      const counting = countRequest(window, at(s));
      if (counting.ok) window = counting.window;
      return counting.ok ? 'passed' : counting.retryAfter;
    });
    expect(answers).toEqual(['passed', 'passed', seconds(160), seconds(1), 'passed', 'passed', seconds(178)]);
  });

  it('is as good as new when it has ended', () => {
    const counting = countRequest(requestWindow({ requests: 2, length: minutes(3) }), at(10));
    const window = counting.ok ? counting.window : requestWindow({ requests: 2, length: minutes(3) });
    expect([isOver(window, at(189)), isOver(window, at(190))]).toEqual([false, true]);
  });
});

describe('any window under any traffic', () => {
  it('lets through no more than its size between its first request and its end, and who waits as told is let through', () => {
    // Claim: both halves of a limit: never too many, and never a wait in vain.
    const traffic = fc.array(fc.nat(120), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), traffic, (requests, gaps) => {
        let window = requestWindow({ requests, length: minutes(3) });
        const passed: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          const counting = countRequest(window, at(now));
          if (counting.ok) {
            window = counting.window;
            passed.push(now);
            expect(window.counted).toBeLessThanOrEqual(requests);
            expect(passed.filter((t) => at(t) >= window.startedAt)).toHaveLength(window.counted);
          } else {
            expect(countRequest(window, moment((at(now) + counting.retryAfter) as never)).ok).toBe(true);
          }
        }
      }),
      { seed: 11 },
    );
  });
});
