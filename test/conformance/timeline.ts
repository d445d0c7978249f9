/** Lists of steps that go on side by side in simulated time: each is a generator that says what it waits for. */
import type { ControlPlane } from './stage/control-plane.ts';

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
  readonly #plane: ControlPlane;
  readonly #tasks: Task[] = [];

  constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  /** Adds a list; it begins when its turn comes. */
  begin(steps: Steps, wait: Wait = { deadline: this.#plane.now }): void {
    this.#tasks.push({ steps, wait });
  }

  /** Whether a list is done. */
  isDone(steps: Steps): boolean {
    return !this.#tasks.some((task) => task.steps === steps);
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
      this.#plane.passToNext(Math.max(0, soonest - this.#plane.now));
    }
  }

  #isReady(wait: Wait): boolean {
    return wait.isOver?.() === true || this.#plane.now >= wait.deadline - TINY;
  }

  #advance(task: Task): void {
    const next = task.steps.next();
    if (next.done === true) this.#tasks.splice(this.#tasks.indexOf(task), 1);
    else task.wait = next.value;
  }
}

/** Half a microsecond: what a sum of decimal seconds may be off [s]. */
const TINY = 5e-7;
