/** States that may not last: since when each stands, and a breach for one that stood too long when it ends, or when the run does. */
import type { Moment } from '../../kernel/time.ts';
import type { PlaceInRun } from '../document/index.ts';
import type { Breach, InvariantRecord } from './invariant.ts';

/** Whether a state that stood from one moment to another stood too long. */
export type IsLate = (since: Moment, until: Moment) => boolean;

/** The states of one invariant, by name. */
export class Deadlines {
  readonly #record: InvariantRecord;
  readonly #isLate: IsLate;
  readonly #standing = new Map<string, Breach>();

  /** Breaches go to `record`. */
  constructor(record: InvariantRecord, isLate: IsLate) {
    this.#record = record;
    this.#isLate = isLate;
  }

  get size(): number {
    return this.#standing.size;
  }

  has(name: string): boolean {
    return this.#standing.has(name);
  }

  /** Names of what stands now; it may end meanwhile. */
  names(): readonly string[] {
    return [...this.#standing.keys()];
  }

  /** The state begins; one that stands already goes on. The text is that of its breach. */
  begin(name: string, place: PlaceInRun, text: string): void {
    if (!this.#standing.has(name)) this.#standing.set(name, { place, text });
  }

  /** The state is over: too late or not. */
  end(name: string, at: Moment): void {
    const standing = this.#standing.get(name);
    if (standing === undefined) return;
    this.#standing.delete(name);
    if (this.#isLate(standing.place.atUs as Moment, at)) this.#record.breach(standing.place, standing.text);
  }

  /** It does not count any more, however long it stood. */
  excuse(name: string): void {
    this.#standing.delete(name);
  }

  /** The run is over, and with it all that stands. */
  endAll(at: Moment): void {
    for (const name of this.names()) this.end(name, at);
  }
}
