/** Peers of the hold model in JavaScript: the kernel's queue with payload slots, and the heap of objects one would write first. */
import { EventQueue } from '../src/kernel/event-queue.ts';
import { TABLE_SIZE, increment, nextState, preparedIncrements, tieKey } from './hold.ts';
import type { HoldJob, HoldPeer } from './hold.ts';

/** The kernel's queue as the simulation uses it: lazy cancelling on, payload in arrays by slot, slots from a free list. */
export const kernelQueue: HoldPeer = {
  name: 'idflow event queue, payload in slots',
  run: (job) => holdKernelQueue(job),
};

/** A binary heap of objects with a comparing function inlined: one object an event. */
export const objectHeap: HoldPeer = {
  name: 'JS binary heap of objects',
  share: 0.25,
  run: (job) => holdObjects(job),
};

function holdKernelQueue(job: HoldJob): number {
  const { pending } = job;
  const queue = new EventQueue();
  const payload = new Int32Array(pending);
  const free = new Int32Array(pending);
  let freeCount = 0;
  let sequence = 0;
  const source = new Increments(job);
  for (; sequence < pending; sequence += 1) {
    payload[sequence] = sequence;
    queue.push(source.next(), tieKey(sequence), sequence);
  }
  let checksum = 0;
  const hold = (operations: number): void => {
    for (let i = 0; i < operations; i += 1) {
      queue.pop();
      const now = queue.time;
      checksum += payload[queue.slot] ?? 0;
      free[freeCount] = queue.slot;
      freeCount += 1;
      freeCount -= 1;
      const slot = free[freeCount] ?? 0;
      payload[slot] = i;
      queue.push(now + source.next(), tieKey(sequence), slot);
      sequence += 1;
    }
  };
  const seconds = timed(hold, job.operations);
  if (Number.isNaN(checksum) || queue.size !== pending) throw new Error('the queue lost events');
  return seconds;
}

interface PlainEvent {
  readonly time: number;
  readonly tie: number;
  readonly sequence: number;
  readonly payload: { readonly value: number };
}

function holdObjects(job: HoldJob): number {
  const heap: PlainEvent[] = [];
  let sequence = 0;
  const source = new Increments(job);
  const push = (now: number): void => {
    pushObject(heap, { time: now + source.next(), tie: tieKey(sequence), sequence, payload: { value: sequence } });
    sequence += 1;
  };
  for (let i = 0; i < job.pending; i += 1) push(0);
  let checksum = 0;
  const hold = (operations: number): void => {
    for (let i = 0; i < operations; i += 1) {
      const event = popObject(heap);
      checksum += event.payload.value;
      push(event.time);
    }
  };
  const seconds = timed(hold, job.operations);
  if (Number.isNaN(checksum) || heap.length !== job.pending) throw new Error('the heap lost events');
  return seconds;
}

function isBefore(a: PlainEvent, b: PlainEvent): boolean {
  if (a.time !== b.time) return a.time < b.time;
  return a.tie === b.tie ? a.sequence < b.sequence : a.tie < b.tie;
}

function pushObject(heap: PlainEvent[], event: PlainEvent): void {
  let hole = heap.length;
  heap.push(event);
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const other = heap[parent];
    if (other === undefined || isBefore(other, event)) break;
    heap[hole] = other;
    hole = parent;
  }
  heap[hole] = event;
}

function popObject(heap: PlainEvent[]): PlainEvent {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined) throw new Error('the heap is empty');
  if (heap.length === 0) return top;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    let best = heap[child];
    if (best === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && isBefore(right, best)) {
      child += 1;
      best = right;
    }
    if (isBefore(last, best)) break;
    heap[hole] = best;
    hole = child;
  }
  heap[hole] = last;
  return top;
}

/** Increments of a job, drawn or prepared. */
class Increments {
  readonly #mean: number;
  readonly #table: Float64Array | undefined;
  #state = 1;
  #at = 0;

  constructor(job: HoldJob) {
    this.#mean = 1000 * job.pending;
    this.#table = job.increments === 'prepared' ? preparedIncrements(this.#mean) : undefined;
  }

  next(): number {
    if (this.#table !== undefined) {
      this.#at = (this.#at + 1) & (TABLE_SIZE - 1);
      return this.#table[this.#at] ?? 0;
    }
    this.#state = nextState(this.#state);
    return increment(this.#state, this.#mean);
  }
}

function timed(hold: (operations: number) => void, operations: number): number {
  hold(Math.round(operations / 4));
  const start = process.hrtime.bigint();
  hold(operations);
  return Number(process.hrtime.bigint() - start) / 1e9;
}
