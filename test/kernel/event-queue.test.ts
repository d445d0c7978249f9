/** The queue by example: order, cancelling, growth, snapshots. */
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/kernel/event-queue.ts';

function drain(queue: EventQueue): number[] {
  const slots: number[] = [];
  while (queue.pop()) slots.push(queue.slot);
  return slots;
}

describe('order', () => {
  it('is time first, then tie key, then order of pushing', () => {
    const queue = new EventQueue();
    queue.push(2, 0, 1);
    queue.push(1, 9, 2);
    queue.push(1, 3, 3);
    queue.push(1, 9, 4);
    queue.push(1, 3, 5);
    expect(drain(queue)).toEqual([3, 5, 2, 4, 1]);
  });

  it('shows time, tie, sequence and slot of what was popped', () => {
    const queue = new EventQueue();
    queue.push(7.5, 1, 10);
    queue.push(3, 2 ** 48 - 1, -4);
    expect(queue.pop()).toBe(true);
    expect([queue.time, queue.tie, queue.sequence, queue.slot]).toEqual([3, 2 ** 48 - 1, 2, -4]);
  });

  it('holds for 20000 events pushed in reverse, through several doublings', () => {
    const queue = new EventQueue();
    for (let slot = 20_000; slot > 0; slot -= 1) queue.push(slot, 0, slot);
    expect(drain(queue)).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
  });

  it('survives a push between two pops that comes before, between or after what is pending', () => {
    for (const time of [5, 15, 25, 35]) {
      const queue = new EventQueue();
      for (const at of [10, 20, 30]) queue.push(at, 0, at);
      queue.pop();
      queue.push(time, 0, time);
      expect(drain(queue)).toEqual([20, 30, time].sort((a, b) => a - b));
    }
  });
});

describe('an empty queue', () => {
  it('pops nothing, peeks Infinity, and keeps showing the last event', () => {
    const queue = new EventQueue();
    expect([queue.pop(), queue.peekTime(), queue.size, queue.slot]).toEqual([false, Infinity, 0, -1]);
    queue.push(1, 2, 3);
    queue.pop();
    expect([queue.pop(), queue.peekTime(), queue.size, queue.time, queue.slot]).toEqual([false, Infinity, 0, 1, 3]);
  });

  it('delivers an event at Infinity, and refuses one at NaN', () => {
    const queue = new EventQueue();
    queue.push(Infinity, 0, 1);
    expect(drain(queue)).toEqual([1]);
    expect(() => queue.push(Number.NaN, 0, 1)).toThrow(RangeError);
  });
});

describe('cancelling', () => {
  it('takes an event out once; twice, after its pop, or with a made-up handle it does nothing', () => {
    const queue = new EventQueue();
    const first = queue.push(1, 0, 1);
    const second = queue.push(2, 0, 2);
    expect([queue.cancel(first), queue.cancel(first), queue.isPending(first), queue.isPending(second), queue.size]).toEqual([
      true,
      false,
      false,
      true,
      1,
    ]);
    expect(queue.peekTime()).toBe(2);
    expect(drain(queue)).toEqual([2]);
    expect([queue.cancel(second), queue.cancel(0), queue.cancel(-first), queue.cancel(12345), queue.cancel(Number.NaN)]).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('never brings an event back when its slot is used again at once', () => {
    const queue = new EventQueue();
    const old = queue.push(1, 0, 7);
    queue.cancel(old);
    const fresh = queue.push(5, 0, 7);
    expect(queue.cancel(old)).toBe(false);
    expect([queue.pop(), queue.time, queue.slot]).toEqual([true, 5, 7]);
    expect(queue.cancel(fresh)).toBe(false);
    expect(queue.pop()).toBe(false);
  });

  it('does not disturb ties of one moment when slots are used again with other tie keys', () => {
    const queue = new EventQueue();
    const handles = [5, 7, 8, 9, 6].map((tie, slot) => queue.push(1, tie, slot));
    queue.cancel(handles[0] ?? 0);
    queue.push(1, 99, 0);
    expect(drain(queue)).toEqual([4, 1, 2, 3, 0]);
  });

  it('sweeps cancelled entries: a snapshot after 100000 pushes and cancels holds under 200 entries', () => {
    const queue = new EventQueue();
    queue.push(1, 0, 1);
    for (let i = 0; i < 100_000; i += 1) queue.cancel(queue.push(2 + i, 0, 2));
    expect(queue.snapshot().heap.length / 2).toBeLessThan(200);
    expect(queue.snapshot().cells.slots.length).toBeLessThan(200);
    expect(drain(queue)).toEqual([1]);
  });
});

describe('clear and snapshot', () => {
  it('clear forgets events and lets no old handle touch a new event', () => {
    const queue = new EventQueue();
    const old = queue.push(1, 0, 1);
    queue.clear();
    expect([queue.size, queue.pop(), queue.cancel(old)]).toEqual([0, false, false]);
    queue.push(2, 0, 2);
    expect([queue.cancel(old), queue.size]).toEqual([false, 1]);
  });

  it('a snapshot is not touched by what follows, and can be restored twice and into another queue', () => {
    const queue = new EventQueue();
    for (let slot = 0; slot < 1_000; slot += 1) queue.push(slot % 10, slot % 3, slot);
    queue.pop();
    const kept = queue.snapshot();
    const wanted = drain(queue);
    expect(wanted.length).toBe(999);
    queue.push(1, 1, 5);
    queue.restore(kept);
    expect(drain(queue)).toEqual(wanted);
    const other = new EventQueue();
    other.push(0, 0, 1);
    other.pop();
    other.restore(kept);
    expect([other.size, drain(other)]).toEqual([999, wanted]);
  });

  it('handles from before a snapshot work after its restoration', () => {
    const queue = new EventQueue();
    const handle = queue.push(1, 0, 1);
    const kept = queue.snapshot();
    queue.pop();
    queue.restore(kept);
    expect([queue.isPending(handle), queue.cancel(handle), queue.pop()]).toEqual([true, true, false]);
  });
});
