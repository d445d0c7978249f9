/** The queue equals a stable sort, whatever is pushed, cancelled and restored. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from '../../src/kernel/event-queue.ts';
import type { EventQueueSnapshot } from '../../src/kernel/event-queue.ts';

interface Expected {
  readonly time: number;
  readonly tie: number;
  readonly slot: number;
  readonly handle: number;
}

/** The same queue done the slow way: a list in order of pushing, sorted stably by time and tie at each pop. */
class ToyQueue {
  pending: Expected[] = [];

  earliest(): Expected | undefined {
    return [...this.pending].sort((a, b) => a.time - b.time || a.tie - b.tie)[0];
  }

  remove(event: Expected): void {
    this.pending = this.pending.filter((other) => other !== event);
  }
}

type Command =
  | { readonly kind: 'push'; readonly time: number; readonly tie: number }
  | { readonly kind: 'pop' | 'peek' | 'keep' | 'back' | 'clear' }
  | { readonly kind: 'cancel'; readonly which: number };

function run(commands: readonly Command[]): void {
  const queue = new EventQueue();
  const toy = new ToyQueue();
  const slots = new Set<number>();
  let handed: Expected[] = [];
  let kept: { readonly snapshot: EventQueueSnapshot; readonly pending: Expected[]; readonly slots: readonly number[] } | undefined;
  const free = (event: Expected): void => {
    toy.remove(event);
    slots.delete(event.slot);
  };

  for (const command of commands) {
    switch (command.kind) {
      case 'push': {
        // The lowest free slot, so that slots are used again as soon as possible.
        let slot = 0;
        while (slots.has(slot)) slot += 1;
        slots.add(slot);
        const event = { time: command.time, tie: command.tie, slot, handle: queue.push(command.time, command.tie, slot) };
        toy.pending.push(event);
        handed.push(event);
        break;
      }
      case 'pop': {
        const wanted = toy.earliest();
        expect(queue.pop()).toBe(wanted !== undefined);
        if (wanted === undefined) break;
        expect([queue.time, queue.tie, queue.slot]).toEqual([wanted.time, wanted.tie, wanted.slot]);
        free(wanted);
        break;
      }
      case 'peek':
        expect(queue.peekTime()).toBe(toy.earliest()?.time ?? Infinity);
        break;
      case 'cancel': {
        const event = handed[command.which % Math.max(1, handed.length)];
        if (event === undefined) break;
        expect(queue.cancel(event.handle)).toBe(toy.pending.includes(event));
        if (toy.pending.includes(event)) free(event);
        break;
      }
      case 'keep':
        kept = { snapshot: queue.snapshot(), pending: [...toy.pending], slots: [...slots] };
        break;
      case 'back':
        if (kept === undefined) break;
        queue.restore(kept.snapshot);
        toy.pending = [...kept.pending];
        handed = [...kept.pending];
        slots.clear();
        for (const slot of kept.slots) slots.add(slot);
        break;
      case 'clear':
        queue.clear();
        toy.pending = [];
        slots.clear();
        break;
    }
    expect(queue.size).toBe(toy.pending.length);
  }
  for (let wanted = toy.earliest(); wanted !== undefined; wanted = toy.earliest()) {
    expect([queue.pop(), queue.slot]).toEqual([true, wanted.slot]);
    toy.remove(wanted);
  }
  expect(queue.pop()).toBe(false);
}

function commands(times: number): fc.Arbitrary<Command[]> {
  const push = fc.record({ kind: fc.constant('push' as const), time: fc.nat(times), tie: fc.nat(3) });
  const cancel = fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() });
  const plain = (kind: 'pop' | 'peek' | 'keep' | 'back' | 'clear'): fc.Arbitrary<Command> => fc.constant({ kind });
  return fc.array(
    fc.oneof(
      { weight: 40, arbitrary: push },
      { weight: 20, arbitrary: plain('pop') },
      { weight: 25, arbitrary: cancel },
      { weight: 5, arbitrary: plain('peek') },
      { weight: 3, arbitrary: plain('keep') },
      { weight: 3, arbitrary: plain('back') },
      { weight: 1, arbitrary: plain('clear') },
    ),
    { maxLength: 400, size: 'max' },
  );
}

// Claim: the heap pops what a stable sort would, whatever is pushed, cancelled, kept, restored and cleared in between; by running
// random commands on both. Few distinct times make most comparisons ties, many make few.
it.each([0, 5, 1_000_000])('the queue is a stable sort, with times from 0 to %d', (times) => {
  fc.assert(fc.property(commands(times), run), { numRuns: 120 });
});

// Claim: the same when cancelled entries are so many that they are swept; by cancelling two thirds of 600 events at random.
it('sweeping cancelled events changes no order', () => {
  const events = fc.array(fc.record({ time: fc.nat(50), tie: fc.nat(3), fate: fc.nat(2) }), { minLength: 600, maxLength: 600 });
  fc.assert(
    fc.property(events, (list) => {
      const queue = new EventQueue();
      const handles = list.map(({ time, tie }, slot) => queue.push(time, tie, slot));
      for (const [slot, { fate }] of list.entries()) if (fate > 0) expect(queue.cancel(handles[slot] ?? 0)).toBe(true);
      const wanted = list
        .map((event, slot) => ({ ...event, slot }))
        .filter(({ fate }) => fate === 0)
        .sort((a, b) => a.time - b.time || a.tie - b.tie);
      expect(wanted.map(() => queue.pop() && queue.slot)).toEqual(wanted.map(({ slot }) => slot));
      expect(queue.pop()).toBe(false);
    }),
    { numRuns: 50 },
  );
});
