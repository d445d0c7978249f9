/** Lists of steps that go on side by side in simulated time: each is a generator that says what it waits for. */
import type { WorldView } from './stage/world-view.ts';

/** A wait: over when its condition holds, or at its deadline [s since the start]. */
export interface Wait {
  readonly deadline: number;
  isOver?(): boolean;
}

/** A list of steps under way. */
export type Steps = Generator<Wait, void, undefined>;

interface Task {
  readonly steps: Steps;
  wait: Wait;
}

/** Runs lists of steps. */
export class Timeline {
  readonly #world: WorldView;
  readonly #tasks: Task[] = [];

  constructor(world: WorldView) {
    this.#world = world;
  }

  /** Adds a list; it begins when its turn comes. */
  begin(steps: Steps, wait: Wait = { deadline: this.#world.now }): void {
    this.#tasks.push({ steps, wait });
  }

  /** Whether a list is done. */
  isDone(steps: Steps): boolean {
    return !this.#tasks.some((task) => task.steps === steps);
  }

  /** Runs lists side by side and waits for all of them. */
  *together(lists: readonly Steps[]): Steps {
    for (const list of lists) this.begin(list);
    yield { deadline: Infinity, isOver: () => lists.every((list) => this.isDone(list)) };
  }

  /** Runs until all lists are done. */
  run(): void {
    while (this.#tasks.length > 0) {
      const ready = this.#tasks.find((task) => this.#isReady(task.wait));
      if (ready !== undefined) {
        this.#advance(ready);
        continue;
      }
      const soonest = Math.min(...this.#tasks.map(({ wait }) => wait.deadline));
      // Nobody looks before the deadline: no need to stop at each event.
      if (soonest < Infinity && this.#tasks.every(({ wait }) => wait.isOver === undefined)) {
        this.#world.pass(soonest - this.#world.now);
        continue;
      }
      const isMoved = this.#world.passToNext(Math.max(0, Math.min(soonest - this.#world.now, LONGEST)));
      if (!isMoved && soonest === Infinity) throw new Error('the case waits for what nothing in its world will bring');
    }
  }

  #isReady(wait: Wait): boolean {
    return wait.isOver?.() === true || this.#world.now >= wait.deadline - TINY;
  }

  #advance(task: Task): void {
    const next = task.steps.next();
    if (next.done === true) this.#tasks.splice(this.#tasks.indexOf(task), 1);
    else task.wait = next.value;
  }
}

/** Half a microsecond: what a sum of decimal seconds may be off [s]. */
const TINY = 5e-7;
/** A wait without a deadline lasts no longer than this while nothing happens [s]. */
const LONGEST = 1e8;
