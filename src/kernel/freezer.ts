/** Frozen actors: what comes due for them waits, in the order in which it came, until they run on. */
import type { Instance, Letter } from './instance.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Keeps count of the frozen, so that the common case of none costs one look. */
export class Freezer<V extends Vocabulary> {
  #frozen = 0;

  /** Whether that actor is frozen. `find` is asked only where some actor is. */
  isFrozen(find: () => Instance<V> | undefined): boolean {
    return this.#frozen > 0 && find()?.held !== undefined;
  }

  /** Freezes or thaws; answers what waited, or undefined where nothing changed. */
  set(instance: Instance<V> | undefined, state: 'frozen' | 'running'): readonly Letter<V>[] | undefined {
    if (instance === undefined || (instance.held !== undefined) === (state === 'frozen')) return undefined;
    const waiting = instance.held ?? [];
    instance.held = state === 'frozen' ? [] : undefined;
    this.#frozen += state === 'frozen' ? 1 : -1;
    return waiting;
  }

  /** Keeps what came due for a frozen actor; a tick that waits already is not kept twice. */
  hold(letter: Letter<V>): void {
    const { held } = letter.to;
    if (letter.timer !== undefined && held?.some(({ timer }) => timer === letter.timer) === true) return;
    held?.push(letter);
  }

  /** An actor ended, frozen or not: what waited is lost. */
  ended(instance: Instance<V>): void {
    if (instance.held !== undefined) this.#frozen -= 1;
  }

  /** Counts anew (after a restore). */
  rebuild(instances: Iterable<Instance<V>>): void {
    this.#frozen = 0;
    for (const instance of instances) if (instance.held !== undefined) this.#frozen += 1;
  }
}
