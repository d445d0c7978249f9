/** What a detector of one class of races is: it sees everything, counts what fits its definition, and keeps the first and the worst example. */
import { RACE_CLASSES } from '../../scenarios/schema/metric-names.ts';
import type { RaceClass } from '../../scenarios/schema/metric-names.ts';
import type { Moment } from '../../kernel/time.ts';
import type { PlaceInRun, RaceSection } from '../document/index.ts';
import type { Watcher } from '../watcher.ts';

/** Finds one class of races. */
export interface RaceDetector extends Watcher {
  readonly findings: RaceFindings;
  /** What has been found if the run ends now: with what is stuck. Changes nothing. */
  atEnd?(at: Moment): RaceFindings;
}

/** What a detector has found. */
export class RaceFindings {
  readonly race: RaceClass;
  #count = 0;
  #examined = 0;
  #first: RaceSection['first'] = null;
  #worst: RaceSection['worst'] = null;

  constructor(race: RaceClass) {
    this.race = race;
  }

  get count(): number {
    return this.#count;
  }

  /** Occasions on which it could have happened. */
  get examined(): number {
    return this.#examined;
  }

  /** An occasion on which it could happen. */
  examine(): void {
    this.#examined += 1;
  }

  /** It happened. The text is one clause that names the parties; `lasted` is for classes that can tell how bad it was. */
  found(place: PlaceInRun, text: string, lasted?: number): void {
    this.#count += 1;
    this.#first ??= { place, text };
    if (lasted !== undefined && lasted > (this.#worst?.lastedUs ?? -1)) this.#worst = { place, text, lastedUs: lasted };
  }

  /** The same findings, to which more can be added without touching these. */
  copy(): RaceFindings {
    const copy = new RaceFindings(this.race);
    copy.#count = this.#count;
    copy.#examined = this.#examined;
    copy.#first = this.#first;
    copy.#worst = this.#worst;
    return copy;
  }

  section(): RaceSection {
    return {
      race: this.race,
      definition: RACE_CLASSES[this.race],
      count: this.#count,
      examined: this.#examined,
      perThousand: this.#examined === 0 ? null : Math.round((this.#count * 10_000) / this.#examined) / 10,
      first: this.#first,
      worst: this.#worst,
    };
  }
}
