/** Reads a pattern of facts as observations name it: `nmi-answered[status=404,sender=shop/*]`. */
import { parseDuration } from '../../kernel/time.ts';
import type { FactType } from '../../model/facts/index.ts';
import { isDurationField, isMomentField } from '../../model/time-fields.ts';
import type { FactPattern, FieldTest } from '../description/observation.ts';
import { unknownRule } from '../text/schema-issue.ts';
import { FACT_FIELDS, isFactType } from './fact-fields.ts';

const SHAPE = /^\s*([\w-]+)(?:\[([^\]]*)\])?\s*$/u;
const TEST = /^\s*([\w.]+)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*$/u;

/** Whether a field, by its path, is a time or a duration [µs]; all others are numbers. */
export function isTimeField(path: string): boolean {
  return isMomentField(path) || isDurationField(path);
}

/** Reads a pattern; a text is the rule that it breaks. `by`: the field that says whom a fact is about. */
export function readPattern(text: string, by = ''): FactPattern | string {
  const [, type = '', written = ''] = SHAPE.exec(text) ?? [];
  if (type === '') return `"${text.trim()}" names no facts: write fact[field=value], such as nmi-answered[status=404]`;
  if (!isFactType(type)) return unknownRule('fact', type, Object.keys(FACT_FIELDS));
  const tests = readTests(written);
  if (typeof tests === 'string') return tests;
  return unknownField(type, [by, ...tests.map(({ path }) => path)]) ?? { type, tests, by };
}

/** Reads the tests between brackets; a text is the rule that they break. */
export function readTests(text: string): readonly FieldTest[] | string {
  const tests: FieldTest[] = [];
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [, path, op, value] = TEST.exec(part) ?? [];
    if (path === undefined || op === undefined || value === undefined) {
      return `"${part.trim()}" is no test of a field: write field=value, field!=value, or field<value, <=, > or >= with a number or a time`;
    }
    const bound = bounded(path, op, value);
    if (isOrder(op) && !Number.isFinite(Number(bound))) return `"${part.trim()}" compares with "${value}", which is no number${isTimeField(path) ? ' and no time' : ''}`;
    tests.push({ path, op: op as FieldTest['op'], value: bound });
  }
  return tests;
}

function isOrder(op: string): boolean {
  return op !== '=' && op !== '!=';
}

function bounded(path: string, op: string, value: string): string {
  const duration = isTimeField(path) && isOrder(op) ? parseDuration(value) : undefined;
  return duration === undefined ? value : String(duration);
}

/** The rule that one of the paths breaks: facts of that type have no such field. */
export function unknownField(type: FactType, paths: readonly string[]): string | undefined {
  const known: readonly string[] = [...FACT_FIELDS[type], 'at'];
  for (const path of paths) {
    const [head = ''] = path.split('.');
    if (head === '' || known.includes(head)) continue;
    const rule = unknownRule(`field of ${type}`, head, known);
    return `${rule}${rule.endsWith('?') ? ' Its' : '; its'} fields are ${known.join(', ')}`;
  }
  return undefined;
}
