/** Tests of fields, as observations write them, and the values at dotted paths. */
import type { Fact } from '../../model/facts/index.ts';
import type { FactPattern, FieldTest } from '../../scenarios/description/observation.ts';

/** Whether all tests hold for a fact or a row. */
export function passesAll(thing: object, tests: readonly FieldTest[]): boolean {
  return tests.every((test) => passes(thing, test));
}

/** Whether a fact is of a pattern. */
export function isOf({ type, tests }: FactPattern, fact: Fact): boolean {
  return fact.type === type && passesAll(fact, tests);
}

/** Whom a fact is about, by the field a pattern names; `''` if it names none, undefined if the fact does not say. */
export function aboutWhom({ by }: FactPattern, fact: Fact): string | undefined {
  if (by === '') return '';
  const [value] = valuesAt(fact, by);
  return value === undefined ? undefined : textOf(value);
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
    case '<=':
      return found.some((one) => Number(one) <= Number(value));
    case '>':
      return found.some((one) => Number(one) > Number(value));
    case '>=':
      return found.some((one) => Number(one) >= Number(value));
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
export function valuesAt(thing: unknown, path: string): readonly unknown[] {
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
