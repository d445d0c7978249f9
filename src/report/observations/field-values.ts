/** Values of a field, of facts or of rows, that become one number. */
import { minutes } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { isMomentField } from '../../model/time-fields.ts';
import type { FieldTest, Observation } from '../../scenarios/description/observation.ts';
import type { Reading } from '../metrics/reading.ts';
import { plain } from '../metrics/reading.ts';
import { passesAll, valuesAt } from './field-tests.ts';
import { folded } from './folded.ts';
import type { NumberFold } from './folded.ts';

/** What of each fact or row is taken. */
export interface FieldOf {
  readonly tests: readonly FieldTest[];
  readonly field: string;
}

/** Takes facts (with `at`) or rows, one by one. */
export class FieldValues {
  readonly #of: Observation;
  readonly #field: FieldOf;
  readonly #texts = new Set<string>();
  #numbers: number[] = [];
  #count = 0;

  constructor(of: Observation, field: FieldOf) {
    this.#of = of;
    this.#field = field;
  }

  take(thing: object): void {
    const { after, fold } = this.#of;
    const { tests, field } = this.#field;
    if ('at' in thing && Number(thing.at) < after) return;
    if (!passesAll(thing, tests)) return;
    this.#count += 1;
    if (fold === 'count') return;
    for (const value of valuesAt(thing, fold === 'perMinute' || fold === 'age' ? 'at' : field)) {
      if (fold === 'distinct') this.#texts.add(String(value));
      else if (Array.isArray(value)) this.#numbers.push(value.length);
      else if (typeof value === 'number') this.#numbers.push(isMomentField(field) ? value - after : value);
    }
  }

  reading(now: Moment): Reading {
    const { fold } = this.#of;
    if (fold === 'count') return plain(this.#count);
    if (fold === 'distinct') return plain(this.#texts.size);
    if (fold === 'perMinute') return this.#rate();
    if (fold === 'age') return this.#age(now);
    return { value: folded(fold as NumberFold, this.#numbers), samples: this.#numbers.length };
  }

  #age(now: Moment): Reading {
    const last = this.#numbers.at(-1);
    return { value: last === undefined ? undefined : now - last, samples: this.#numbers.length };
  }

  /** Between n things there are n − 1 gaps: their mean is what the rate is told by. */
  #rate(): Reading {
    const span = folded('span', this.#numbers) ?? 0;
    const gaps = this.#numbers.length - 1;
    return { value: span > 0 ? (gaps * minutes(1)) / span : undefined, samples: this.#numbers.length };
  }
}
