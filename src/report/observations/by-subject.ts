/** Observations of more than one kind of fact, or of facts told apart by whom they are about. */
import type { Moment } from '../../kernel/time.ts';
import type { Fact } from '../../model/facts/index.ts';
import type { FactPattern, Observation, ObservationSubject } from '../../scenarios/description/observation.ts';
import type { Reading } from '../metrics/reading.ts';
import { among, plain, shareOf } from '../metrics/reading.ts';
import { Tally } from '../watcher.ts';
import { aboutWhom, isOf } from './field-tests.ts';
import { folded } from './folded.ts';
import type { NumberFold } from './folded.ts';

type SubjectOf<K extends ObservationSubject['kind']> = Extract<ObservationSubject, { readonly kind: K }>;

/** Times from a fact to the next other fact about the same. */
export class Between {
  readonly #of: Observation;
  readonly #from: FactPattern;
  readonly #to: FactPattern;
  readonly #open = new Map<string, Moment>();
  readonly #numbers: number[] = [];

  constructor(of: Observation, { from, to }: SubjectOf<'between'>) {
    this.#of = of;
    this.#from = from;
    this.#to = to;
  }

  take(fact: Fact, at: Moment): void {
    if (at < this.#of.after) return;
    const ended = isOf(this.#to, fact) ? aboutWhom(this.#to, fact) : undefined;
    const since = ended === undefined ? undefined : this.#open.get(ended);
    if (ended !== undefined && since !== undefined) {
      this.#numbers.push(at - since);
      this.#open.delete(ended);
    }
    const begun = isOf(this.#from, fact) ? aboutWhom(this.#from, fact) : undefined;
    if (begun !== undefined && !this.#open.has(begun)) this.#open.set(begun, at);
  }

  reading(): Reading {
    const { fold } = this.#of;
    if (fold === 'count') return plain(this.#numbers.length);
    return { value: folded(fold as NumberFold, this.#numbers), samples: this.#numbers.length };
  }
}

/** How many facts there were about each. */
export class Counts {
  readonly #of: Observation;
  readonly #pattern: FactPattern;
  readonly #counts = new Tally<string>();

  constructor(of: Observation, { of: pattern }: SubjectOf<'counts'>) {
    this.#of = of;
    this.#pattern = pattern;
  }

  take(fact: Fact, at: Moment): void {
    const whom = at >= this.#of.after && isOf(this.#pattern, fact) ? aboutWhom(this.#pattern, fact) : undefined;
    if (whom !== undefined) this.#counts.add(whom);
  }

  reading(): Reading {
    const numbers = this.#counts.entries().map(([, count]) => count);
    return { value: folded(this.#of.fold as NumberFold, numbers), samples: numbers.length };
  }
}

/** So many of so many. */
export class Share {
  readonly #of: Observation;
  readonly #subject: SubjectOf<'share'>;
  #part = 0;
  #whole = 0;

  constructor(of: Observation, subject: SubjectOf<'share'>) {
    this.#of = of;
    this.#subject = subject;
  }

  take(fact: Fact, at: Moment): void {
    if (at < this.#of.after) return;
    if (isOf(this.#subject.part, fact)) this.#part += 1;
    if (isOf(this.#subject.whole, fact)) this.#whole += 1;
  }

  reading(): Reading {
    return this.#whole === 0 ? among(0, 0) : shareOf(this.#part, this.#whole);
  }
}
