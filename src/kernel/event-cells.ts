/**
 * What the event queue knows of each event besides its time: tie key, slot, and whether it is still to come.
 *
 * One cell per event, from `open` until its entry has left the heap, also when it is cancelled in between: so a tie key never changes
 * under an entry that is still sorted by it, and a slot may be used again at once. Cells are typed arrays with a stack of free ones.
 */

/** Bound of simultaneously open cells, 4 million; with 2^31 events a stamp stays below 2^53. */
const CELL_LIMIT = 4_194_304;
const SEQUENCE_LIMIT = 2_147_483_648;
const ONE_CELL = 1 / CELL_LIMIT;

const START_CAPACITY = 256;

/** State of the cells. Holds copies. */
export interface EventCellsSnapshot {
  readonly stampsAndTies: Float64Array;
  readonly slots: Int32Array;
  readonly free: Int32Array;
  readonly sequence: number;
}

/**
 * Cells by stamp. A stamp is sequence · 2^22 + cell number: a positive integer below 2^53, unique, ordered as the sequence. It serves as
 * the heap's last key and as the handle of the event.
 */
export class EventCells {
  /** Stamp and tie of each cell: 0 for a free one, minus the stamp for a cancelled one. */
  #stampsAndTies = new Float64Array(2 * START_CAPACITY);
  #slots = new Int32Array(START_CAPACITY);
  /** Stack of free cells below `used`. */
  #free = new Int32Array(START_CAPACITY);
  #freeCount = 0;
  /** Cells that were ever open. */
  #used = 0;
  /** Number of the next event, from 1. */
  #sequence = 1;

  /** Opens a cell for a new event and gives its stamp. Throws RangeError above 4 million open cells or 2^31 events. */
  open(tie: number, slot: number): number {
    const cell = this.#freeCount > 0 ? this.#reuse() : this.#extend();
    if (this.#sequence === SEQUENCE_LIMIT) throw new RangeError(`more than ${String(SEQUENCE_LIMIT)} events in one run`);
    const stamp = this.#sequence * CELL_LIMIT + cell;
    this.#sequence += 1;
    this.#stampsAndTies[2 * cell] = stamp;
    this.#stampsAndTies[2 * cell + 1] = tie;
    this.#slots[cell] = slot;
    return stamp;
  }

  /** Frees the cell of an entry that left the heap; what it held can be read until the next `open`. */
  close(stamp: number): void {
    const cell = cellOf(stamp);
    this.#stampsAndTies[2 * cell] = 0;
    this.#free[this.#freeCount] = cell;
    this.#freeCount += 1;
  }

  /** Marks an event as cancelled; false if it is not live (popped, cancelled, or never one of ours). */
  cancel(stamp: number): boolean {
    if (!this.isLive(stamp)) return false;
    this.#stampsAndTies[2 * cellOf(stamp)] = -stamp;
    return true;
  }

  /** Whether the event of a stamp is still to come. */
  isLive(stamp: number): boolean {
    return stamp > 0 && this.#stampsAndTies[2 * cellOf(stamp)] === stamp;
  }

  tieOf(stamp: number): number {
    return this.#stampsAndTies[2 * cellOf(stamp) + 1] ?? 0;
  }

  slotOf(stamp: number): number {
    return this.#slots[cellOf(stamp)] ?? 0;
  }

  /** The how-many-th event it is, from 1. */
  sequenceOf(stamp: number): number {
    return Math.floor(stamp * ONE_CELL);
  }

  /**
   * The order of events at one time, and the only place besides the comparison of times where order is decided: smaller tie key first,
   * then the earlier push. No two stamps are equal, so the order is total.
   */
  isBefore(stamp: number, other: number): boolean {
    const tie = this.tieOf(stamp);
    const otherTie = this.tieOf(other);
    return tie < otherTie || (tie === otherTie && stamp < other);
  }

  /** Frees all cells. Sequence numbers go on, so old stamps stay dead. */
  clear(): void {
    this.#stampsAndTies.fill(0, 0, 2 * this.#used);
    this.#used = 0;
    this.#freeCount = 0;
  }

  snapshot(): EventCellsSnapshot {
    return {
      stampsAndTies: this.#stampsAndTies.slice(0, 2 * this.#used),
      slots: this.#slots.slice(0, this.#used),
      free: this.#free.slice(0, this.#freeCount),
      sequence: this.#sequence,
    };
  }

  restore(snapshot: EventCellsSnapshot): void {
    this.clear();
    while (this.#slots.length < snapshot.slots.length) this.#grow();
    this.#stampsAndTies.set(snapshot.stampsAndTies);
    this.#slots.set(snapshot.slots);
    this.#free.set(snapshot.free);
    this.#used = snapshot.slots.length;
    this.#freeCount = snapshot.free.length;
    this.#sequence = snapshot.sequence;
  }

  #reuse(): number {
    this.#freeCount -= 1;
    return this.#free[this.#freeCount] ?? 0;
  }

  #extend(): number {
    if (this.#used === CELL_LIMIT) throw new RangeError(`more than ${String(CELL_LIMIT)} events pending`);
    if (this.#used === this.#slots.length) this.#grow();
    this.#used += 1;
    return this.#used - 1;
  }

  #grow(): void {
    const old = { stampsAndTies: this.#stampsAndTies, slots: this.#slots, free: this.#free };
    this.#stampsAndTies = new Float64Array(2 * old.stampsAndTies.length);
    this.#stampsAndTies.set(old.stampsAndTies);
    this.#slots = new Int32Array(2 * old.slots.length);
    this.#slots.set(old.slots);
    this.#free = new Int32Array(2 * old.free.length);
    this.#free.set(old.free);
  }
}

/** Cell number of a stamp, its low 22 bits. Floor is cheaper than the remainder of doubles, and `| 0` spares a range check. */
function cellOf(stamp: number): number {
  return (stamp - Math.floor(stamp * ONE_CELL) * CELL_LIMIT) | 0;
}
