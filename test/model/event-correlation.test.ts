/** How a recorder counts, combines and drops Events. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { correlate } from '../../src/model/event-correlation.ts';
import type { Correlation, EventMemory } from '../../src/model/event-correlation.ts';

const LIMITS = { similarEvents: 10, similarWithin: seconds(600), perObject: { capacity: 25, refillPerSecond: 1 / 300 } };

/** What a recorder remembers, by object. */
type Memory = Map<string, EventMemory>;

function say(memory: Memory, message: string, s: number, object = 'b'): Correlation {
  const regarding = `AzureIdentityBinding/default/${object}`;
  const now = seconds(s) as number as Moment;
  const name = `e${String(s)}-${message}`;
  const { made, memory: after } = correlate(
    memory.get(regarding),
    { type: 'Normal', reason: 'binding applied', regarding, message, name, now },
    LIMITS,
  );
  memory.set(regarding, after);
  return made;
}

describe('correlation of Events', () => {
  it('counts the same Event on the old one instead of writing another', () => {
    const memory = new Map() as Memory;
    expect(say(memory, 'x', 0)).toMatchObject({ outcome: 'new', count: 1, name: 'e0-x' });
    expect(say(memory, 'x', 5)).toMatchObject({ outcome: 'counted', count: 2, name: 'e0-x' });
    expect(say(memory, 'y', 6)).toMatchObject({ outcome: 'new', count: 1, name: 'e6-y' });
    expect(say(memory, 'x', 7, 'other')).toMatchObject({ outcome: 'new', count: 1 });
  });

  it('writes nine different messages one by one and combines the tenth and all after it', () => {
    const memory = new Map() as Memory;
    const said = Array.from({ length: 13 }, (_, n) => say(memory, String(n), n));
    expect(said.slice(0, 9).every((one) => one.outcome === 'new')).toBe(true);
    expect(said[9]).toMatchObject({ outcome: 'new', message: '(combined from similar events): 9', count: 1 });
    expect(said[12]).toMatchObject({ outcome: 'counted', message: '(combined from similar events): 12', count: 4 });
  });

  it('begins to count similar ones anew after more than ten minutes without one', () => {
    const memory = new Map() as Memory;
    for (let n = 0; n < 10; n += 1) say(memory, String(n), n);
    expect(say(memory, 'late', 9 + 600)).toMatchObject({ message: '(combined from similar events): late' });
    expect(say(memory, 'later', 9 + 600 + 601)).toMatchObject({ outcome: 'new', message: 'later' });
  });

  it('lets 25 about one object through at once, then one in 5 minutes, and counts what it drops', () => {
    const memory = new Map() as Memory;
    const said = Array.from({ length: 30 }, () => say(memory, 'x', 0));
    expect(said.filter(({ outcome }) => outcome === 'dropped')).toHaveLength(5);
    expect(say(memory, 'x', 300)).toMatchObject({ outcome: 'counted', count: 31 });
  });
});
