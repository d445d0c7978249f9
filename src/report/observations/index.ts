/** Folds of facts and rows that a scenario asks for by text: facts are folded as they come, rows are read when somebody asks. */
import type { Moment } from '../../kernel/time.ts';
import type { Fact, FactType } from '../../model/facts/index.ts';
import type { Observation, ObservationSubject } from '../../scenarios/description/observation.ts';
import type { Reading } from '../metrics/reading.ts';
import { among } from '../metrics/reading.ts';
import type { Run, Stamped, Watcher } from '../watcher.ts';
import { Between, Counts, Share } from './by-subject.ts';
import { FieldValues } from './field-values.ts';

/** Takes the facts of one observation, and says what they came to. */
interface Folding {
  take(fact: Fact, at: Moment): void;
  reading(now: Moment): Reading;
}

/** Watches for every observation it was told of. */
export class Observations implements Watcher {
  readonly #run: Run;
  readonly #byText = new Map<string, Folding>();
  readonly #byFact = new Map<FactType, Folding[]>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Watches for one more; before the run begins. */
  add(observation: Observation): void {
    if (this.#byText.has(observation.text)) return;
    const folding = foldingOf(observation);
    if (folding === undefined) return;
    this.#byText.set(observation.text, folding);
    for (const type of factsOf(observation.subject)) this.#byFact.set(type, [...(this.#byFact.get(type) ?? []), folding]);
  }

  onFact({ fact, at }: Stamped): void {
    for (const folding of this.#byFact.get(fact.type) ?? []) folding.take(fact, at);
  }

  /** The value now. Only of an observation that was added. */
  read(observation: Observation): Reading {
    const { subject } = observation;
    if (subject.kind !== 'rows') return this.#byText.get(observation.text)?.reading(this.#run.now) ?? among(0, 0);
    const values = new FieldValues(observation, subject);
    for (const row of this.#run.table(subject.table).all()) values.take(row);
    return values.reading(this.#run.now);
  }
}

/** Undefined: there is nothing to fold before somebody asks. */
function foldingOf(observation: Observation): Folding | undefined {
  const { subject } = observation;
  switch (subject.kind) {
    case 'fact': {
      const values = new FieldValues(observation, subject);
      return { take: (fact, at) => values.take({ ...fact, at }), reading: (now) => values.reading(now) };
    }
    case 'between':
      return new Between(observation, subject);
    case 'counts':
      return new Counts(observation, subject);
    case 'share':
      return new Share(observation, subject);
    case 'rows':
      return undefined;
  }
}

function factsOf(subject: ObservationSubject): ReadonlySet<FactType> {
  switch (subject.kind) {
    case 'fact':
      return new Set([subject.type]);
    case 'between':
      return new Set([subject.from.type, subject.to.type]);
    case 'counts':
      return new Set([subject.of.type]);
    case 'share':
      return new Set([subject.part.type, subject.whole.type]);
    case 'rows':
      return new Set();
  }
}
