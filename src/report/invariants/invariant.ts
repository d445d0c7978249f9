/** What an invariant is: an incremental observer that counts how often it was put to the test and keeps its first breach. */
import type { Moment } from '../../kernel/time.ts';
import type { InvariantName } from '../../scenarios/schema/claim-names.ts';
import type { PlaceInRun } from '../document/index.ts';
import type { Watcher } from '../watcher.ts';

/** A claim about every moment of a run. */
export interface Invariant extends Watcher {
  readonly record: InvariantRecord;
  /** The run ends here: what should have happened by now and has not is a breach. Called once, last. */
  onEnd?(at: Moment): void;
}

/** One breach. */
export interface Breach {
  readonly place: PlaceInRun;
  /** One clause that names the parties. */
  readonly text: string;
}

/** How an invariant fared. */
export class InvariantRecord {
  readonly name: InvariantName;
  #checks = 0;
  #breaches = 0;
  #first: Breach | undefined;

  constructor(name: InvariantName) {
    this.name = name;
  }

  /** How often something happened that could have broken it. Without any, it says nothing. */
  get checks(): number {
    return this.#checks;
  }

  get breaches(): number {
    return this.#breaches;
  }

  get first(): Breach | undefined {
    return this.#first;
  }

  /** Something happened that could have broken it. */
  check(): void {
    this.#checks += 1;
  }

  /** It is broken. */
  breach(place: PlaceInRun, text: string): void {
    this.#breaches += 1;
    this.#first ??= { place, text };
  }
}
