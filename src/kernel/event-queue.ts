/**
 * Pending events in one total order: (time, tie key, sequence).
 *
 * A 4-ary heap on one typed array, no object per event. An entry is a time and a stamp, beside each other, so the four children of a
 * node fill one 64-byte cache line; what matters only on equal times, or after the pop, lies in cells apart (`event-cells.ts`).
 * A pop leaves a hole at the root, which the next push fills: an event that schedules one other costs one descent, not two.
 * Cancelling is lazy: the entry stays until it comes up, or until such entries outnumber the others.
 *
 *   heap   … │ time stamp │ time stamp │ …          cells   stamp tie │ …   slot │ …
 */
import { EventCells } from './event-cells.ts';
import type { EventCellsSnapshot } from './event-cells.ts';

/** Names a pushed event for {@link EventQueue.cancel}; never given twice by one queue between two restores. Positive integer. */
export type EventHandle = number;

/** State of a queue. Holds copies: it stays good while the queue goes on. */
export interface EventQueueSnapshot {
  readonly heap: Float64Array;
  readonly cells: EventCellsSnapshot;
  readonly live: number;
}

/**
 * Place of the root. A place is the index of an entry's time; its stamp follows. The children of place p begin at 4p - 10, which puts
 * siblings on one cache line where arrays start 16 bytes past the beginning of one, as V8's do.
 */
const ROOT = 4;

/** A heap of up to this many places lies in a near cache, where fetching ahead costs more than it saves. */
const CACHED = 16_384;

/** Below this many cancelled entries sweeping is not worth while. */
const SWEEP_FLOOR = 64;

/** Priority queue of events; pops them by time, then tie key, then order of pushing. */
export class EventQueue {
  /** Pairs of time and stamp, from ROOT to before end. */
  #heap = new Float64Array(512);
  #end = ROOT;
  /** Whether the root was popped and its place is not filled yet. */
  #hasHole = false;
  readonly #cells = new EventCells();
  #live = 0;
  /** Last popped: time, tie, sequence. A typed array, because a double in a field may cost an allocation at each change. */
  readonly #popped = new Float64Array(3);
  #poppedSlot = -1;

  /** Events pending, cancelled ones not counted. */
  get size(): number {
    return this.#live;
  }

  /** Time of the last popped event. */
  get time(): number {
    return this.#popped[0] ?? 0;
  }

  /** Tie key of the last popped event. */
  get tie(): number {
    return this.#popped[1] ?? 0;
  }

  /** Sequence number of the last popped event: the how-many-th push it was, from 1. */
  get sequence(): number {
    return this.#popped[2] ?? 0;
  }

  /** Slot of the last popped event, as given to {@link push}; -1 before the first pop. */
  get slot(): number {
    return this.#poppedSlot;
  }

  /**
   * Adds an event. `time` is any number but NaN, `tie` a non-negative integer below 2^53, `slot` a 32-bit integer that the queue
   * keeps and does not interpret. Throws RangeError for NaN, above 4 million pending events, and above 2^31 pushes.
   */
  push(time: number, tie: number, slot: number): EventHandle {
    if (Number.isNaN(time)) throw new RangeError('the time of an event must be a number');
    const stamp = this.#cells.open(tie, slot);
    this.#live += 1;
    if (this.#hasHole) {
      this.#hasHole = false;
      this.#heap[ROOT] = time;
      this.#heap[ROOT + 1] = stamp;
      this.#sink(ROOT);
    } else {
      const place = this.#end;
      if (place === this.#heap.length) this.#heap = grown(this.#heap);
      this.#end = place + 2;
      this.#heap[place] = time;
      this.#heap[place + 1] = stamp;
      this.#rise(place);
    }
    return stamp;
  }

  /** Takes the earliest event and shows it in `time`, `tie`, `sequence`, `slot`; false, and these unchanged, when none is left. */
  pop(): boolean {
    if (this.peekTime() === Number.POSITIVE_INFINITY && this.#live === 0) return false;
    const stamp = this.#heap[ROOT + 1] ?? 0;
    const cells = this.#cells;
    this.#popped[0] = this.#heap[ROOT] ?? 0;
    this.#popped[1] = cells.tieOf(stamp);
    this.#popped[2] = cells.sequenceOf(stamp);
    this.#poppedSlot = cells.slotOf(stamp);
    this.#live -= 1;
    cells.close(stamp);
    this.#hasHole = true;
    return true;
  }

  /** Time of the earliest event; Infinity when none is pending. */
  peekTime(): number {
    for (;;) {
      if (this.#hasHole) this.#fillHole();
      if (this.#end === ROOT) return Number.POSITIVE_INFINITY;
      const stamp = this.#heap[ROOT + 1] ?? 0;
      if (this.#cells.isLive(stamp)) return this.#heap[ROOT] ?? 0;
      this.#cells.close(stamp);
      this.#hasHole = true;
    }
  }

  /** Takes an event out before its time. False if it was popped or cancelled already, also when its slot is in use again. */
  cancel(handle: EventHandle): boolean {
    if (!this.#cells.cancel(handle)) return false;
    this.#live -= 1;
    const cancelled = (this.#end - ROOT) / 2 - this.#live;
    if (cancelled > SWEEP_FLOOR && cancelled > this.#live) this.#sweep();
    return true;
  }

  /** Whether an event is still pending. */
  isPending(handle: EventHandle): boolean {
    return this.#cells.isLive(handle);
  }

  /** Removes all events. Sequence numbers go on, so old handles stay dead. */
  clear(): void {
    this.#cells.clear();
    this.#end = ROOT;
    this.#hasHole = false;
    this.#live = 0;
  }

  /** The queue as it stands; costs a copy of 40 bytes per pending event. What was popped last is not part of it. */
  snapshot(): EventQueueSnapshot {
    if (this.#hasHole) this.#fillHole();
    return { heap: this.#heap.slice(ROOT, this.#end), cells: this.#cells.snapshot(), live: this.#live };
  }

  /** Goes back to a snapshot, of this queue or another. Handles given after it was taken are void from now on. */
  restore(snapshot: EventQueueSnapshot): void {
    while (this.#heap.length < ROOT + snapshot.heap.length) this.#heap = grown(this.#heap);
    this.#heap.set(snapshot.heap, ROOT);
    this.#end = ROOT + snapshot.heap.length;
    this.#hasHole = false;
    this.#cells.restore(snapshot.cells);
    this.#live = snapshot.live;
  }

  /** Lets smaller children move up past the entry at a place. */
  #sink(place: number): void {
    const heap = this.#heap;
    const time = heap[place] ?? 0;
    const stamp = heap[place + 1] ?? 0;
    const lastFull = this.#end - 8;
    const lastFetch = lastFull > CACHED ? lastFull - 24 : 0;
    let touched = 0;
    let hole = place;
    let first = firstChild(hole);
    while (first <= lastFull) {
      // Reading one time of each group of grandchildren fetches their cache lines before it is known which of them is needed.
      const next = firstChild(first);
      if (next <= lastFetch) touched += (heap[next] ?? 0) + (heap[next + 8] ?? 0) + (heap[next + 16] ?? 0) + (heap[next + 24] ?? 0);
      const best = this.#earliestOfFour(heap, first);
      const bestTime = heap[best] ?? 0;
      const bestStamp = heap[best | 1] ?? 0;
      if (time < bestTime || (time === bestTime && this.#cells.isBefore(stamp, bestStamp))) break;
      heap[hole] = bestTime;
      heap[hole | 1] = bestStamp;
      hole = best;
      first = firstChild(hole);
    }
    heap[hole] = time;
    heap[hole | 1] = stamp;
    // Kept, in a place that is never an entry, so that the compiler does not drop the reads.
    heap[0] = touched;
    if (first > lastFull && first < this.#end) this.#sinkPastLast(hole);
  }

  /** Comparisons are used as numbers here, because branches on them would be mispredicted half of the time. */
  #earliestOfFour(heap: Float64Array, first: number): number {
    const t0 = heap[first] ?? 0;
    const t1 = heap[first + 2] ?? 0;
    const t2 = heap[first + 4] ?? 0;
    const t3 = heap[first + 6] ?? 0;
    const left = t0 === t1 ? this.#earlierOnTie(first, first + 2) : first + 2 * Number(t1 < t0);
    const right = t2 === t3 ? this.#earlierOnTie(first + 4, first + 6) : first + 4 + 2 * Number(t3 < t2);
    const leftTime = heap[left] ?? 0;
    const rightTime = heap[right] ?? 0;
    return leftTime === rightTime ? this.#earlierOnTie(left, right) : left ^ ((left ^ right) & -Number(rightTime < leftTime));
  }

  /** The last step of {@link #sink} where a node has fewer than four children, all leaves: the last node of the heap. */
  #sinkPastLast(place: number): void {
    const heap = this.#heap;
    let best = place;
    for (let child = firstChild(place); child < this.#end; child += 2) {
      const isTie = heap[child] === heap[best];
      if (isTie ? this.#earlierOnTie(best, child) === child : (heap[child] ?? 0) < (heap[best] ?? 0)) best = child;
    }
    if (best === place) return;
    const time = heap[place] ?? 0;
    const stamp = heap[place + 1] ?? 0;
    heap.copyWithin(place, best, best + 2);
    heap[best] = time;
    heap[best + 1] = stamp;
  }

  /** Lets larger parents move down past the entry at a place. */
  #rise(place: number): void {
    const heap = this.#heap;
    const time = heap[place] ?? 0;
    const stamp = heap[place + 1] ?? 0;
    let hole = place;
    while (hole > ROOT) {
      const parent = ((hole + 10) >> 3) << 1;
      const parentTime = heap[parent] ?? 0;
      const parentStamp = heap[parent | 1] ?? 0;
      if (parentTime < time || (parentTime === time && this.#cells.isBefore(parentStamp, stamp))) break;
      heap[hole] = parentTime;
      heap[hole | 1] = parentStamp;
      hole = parent;
    }
    heap[hole] = time;
    heap[hole | 1] = stamp;
  }

  /** Of two places with equal times, the one whose event comes first. */
  #earlierOnTie(place: number, other: number): number {
    return this.#cells.isBefore(this.#heap[place + 1] ?? 0, this.#heap[other + 1] ?? 0) ? place : other;
  }

  #fillHole(): void {
    this.#hasHole = false;
    this.#end -= 2;
    if (this.#end === ROOT) return;
    this.#heap[ROOT] = this.#heap[this.#end] ?? 0;
    this.#heap[ROOT + 1] = this.#heap[this.#end + 1] ?? 0;
    this.#sink(ROOT);
  }

  /** Drops the entries of cancelled events and builds the heap anew. The order is total, so nothing else changes. */
  #sweep(): void {
    if (this.#hasHole) this.#fillHole();
    const heap = this.#heap;
    let end = ROOT;
    for (let place = ROOT; place < this.#end; place += 2) {
      const stamp = heap[place + 1] ?? 0;
      if (this.#cells.isLive(stamp)) {
        heap[end] = heap[place] ?? 0;
        heap[end + 1] = stamp;
        end += 2;
      } else this.#cells.close(stamp);
    }
    this.#end = end;
    for (let place = end - 2; place >= ROOT; place -= 2) this.#sink(place);
  }
}

/** Place of the first child. The mask shows the compiler that no sum below overflows; heaps end long before it. */
function firstChild(place: number): number {
  return ((place << 2) - 10) & 0x3fff_ffff;
}

function grown(array: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}
