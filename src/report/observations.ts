/** Folds of facts and rows that a scenario asks for by text: facts are folded as they come, rows are read when somebody asks. */
import type { FactType } from '../model/facts/index.ts';
import type { FieldTest, Fold, Observation } from '../scenarios/description/observation.ts';
import { isTimeField } from '../scenarios/schema/observation-text.ts';
import type { Reading } from './metrics/reading.ts';
import { among, plain } from './metrics/reading.ts';
import { nearestRank } from './sample.ts';
import type { Run, Stamped, Watcher } from './watcher.ts';

/** Watches for every observation it was told of. */
export class Observations implements Watcher {
  readonly #run: Run;
  readonly #byText = new Map<string, Values>();
  readonly #byFact = new Map<FactType, Values[]>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Watches for one more; before the run begins. */
  add(observation: Observation): void {
    if (this.#byText.has(observation.text)) return;
    const values = new Values(observation);
    this.#byText.set(observation.text, values);
    if (observation.subject.kind !== 'fact') return;
    const { type } = observation.subject;
    this.#byFact.set(type, [...(this.#byFact.get(type) ?? []), values]);
  }

  onFact({ fact, at }: Stamped): void {
    for (const values of this.#byFact.get(fact.type) ?? []) values.take({ ...fact, at });
  }

  /** The value now. Only of an observation that was added. */
  read(observation: Observation): Reading {
    const { subject } = observation;
    if (subject.kind === 'fact') return this.#byText.get(observation.text)?.reading() ?? among(0, 0);
    const values = new Values(observation);
    for (const row of this.#run.table(subject.table).all()) values.take(row);
    return values.reading();
  }
}

/** Values of one observation. */
class Values {
  readonly #of: Observation;
  readonly #texts = new Set<string>();
  #numbers: number[] = [];
  #count = 0;

  constructor(of: Observation) {
    this.#of = of;
  }

  take(thing: object): void {
    const { after, tests, field, fold } = this.#of;
    if ('at' in thing && Number(thing.at) < after) return;
    if (!tests.every((test) => passes(thing, test))) return;
    this.#count += 1;
    if (fold === 'count') return;
    for (const value of valuesAt(thing, field)) {
      if (fold === 'distinct') this.#texts.add(String(value));
      else if (Array.isArray(value)) this.#numbers.push(value.length);
      else if (typeof value === 'number') this.#numbers.push(isMoment(field) ? value - after : value);
    }
  }

  reading(): Reading {
    const { fold } = this.#of;
    if (fold === 'count') return plain(this.#count);
    if (fold === 'distinct') return plain(this.#texts.size);
    return { value: folded(fold, this.#numbers), samples: this.#numbers.length };
  }
}

function isMoment(field: string): boolean {
  return isTimeField(field) && field !== 'took' && field !== 'waited';
}

function folded(fold: Exclude<Fold, 'count' | 'distinct'>, numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  const ascending = [...numbers].sort((a, b) => a - b);
  const sum = numbers.reduce((total, value) => total + value, 0);
  switch (fold) {
    case 'first':
      return numbers[0];
    case 'last':
      return numbers.at(-1);
    case 'min':
      return ascending[0];
    case 'max':
      return ascending.at(-1);
    case 'mean':
      return sum / numbers.length;
    case 'sum':
      return sum;
    case 'p50':
      return nearestRank(ascending, 50);
    case 'p95':
      return nearestRank(ascending, 95);
    case 'span':
      return (ascending.at(-1) ?? 0) - (ascending[0] ?? 0);
  }
}

function passes(thing: object, { path, op, value }: FieldTest): boolean {
  const found = valuesAt(thing, path).flatMap((one): readonly unknown[] => (Array.isArray(one) ? one : [one]));
  switch (op) {
    case '=':
      return found.some((one) => matches(textOf(one), value)) || (value === '' && found.length === 0);
    case '!=':
      return !found.some((one) => matches(textOf(one), value)) && !(value === '' && found.length === 0);
    case '<':
      return found.some((one) => Number(one) < Number(value));
    case '>':
      return found.some((one) => Number(one) > Number(value));
  }
}

function matches(text: string, pattern: string): boolean {
  if (!pattern.includes('*')) return text === pattern;
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let from = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= text.length - last.length;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The value at a dotted path, if there is one. */
function valuesAt(thing: unknown, path: string): readonly unknown[] {
  let value = thing;
  let rest = path;
  while (rest !== '') {
    if (typeof value !== 'object' || value === null) return [];
    // Keys such as labels may hold dots themselves.
    if (Object.hasOwn(value, rest)) return present((value as Record<string, unknown>)[rest]);
    const dot = rest.indexOf('.');
    if (dot < 0) return [];
    value = (value as Record<string, unknown>)[rest.slice(0, dot)];
    rest = rest.slice(dot + 1);
  }
  return present(value);
}

function present(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value];
}
