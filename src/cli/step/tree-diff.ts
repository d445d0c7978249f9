/** What changed between two trees of plain data, field by field: for the stepper's "what changed". */
import { leafText } from './field-text.ts';

/** One difference. Absent `before`: it came; absent `after`: it went. */
export interface Difference {
  /** Dotted path; keys that are no plain words stand in brackets. */
  readonly path: string;
  /** Name of the field. */
  readonly key: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Differences in order of path as the trees spell them: first what is in `before`, then what only `after` has. What came or went as a
 * tree is told field by field.
 */
export function treeDiff(before: unknown, after: unknown, path = '', key = ''): readonly Difference[] {
  if (Object.is(before, after)) return [];
  const [left, right] = [fieldsIn(before, after), fieldsIn(after, before)];
  if (left === undefined || right === undefined || Array.isArray(left) !== Array.isArray(right)) {
    return [{ path, key, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  }
  const keys = [...Object.keys(left), ...Object.keys(right).filter((one) => !(one in left))];
  return keys.flatMap((one) => treeDiff(left[one], right[one], joined(path, one), one));
}

/** A difference on one line, with `+`, `-` or `~` before it. */
export function differenceText({ path, key, before, after }: Difference): string {
  const name = path === '' ? '(whole)' : path;
  const text = (value: unknown): string => leafText(value, key);
  if (before === undefined) return `+ ${name} = ${text(after)}`;
  if (after === undefined) return `- ${name} (was ${text(before)})`;
  return `~ ${name}: ${text(before)} → ${text(after)}`;
}

/** The fields of a tree; of what is not there, those of nothing, if the other side is a tree with some. */
function fieldsIn(value: unknown, other: unknown): Record<string, unknown> | undefined {
  if (isTree(value)) return value;
  if (value !== undefined || !isTree(other) || Object.keys(other).length === 0) return undefined;
  return (Array.isArray(other) ? [] : {}) as Record<string, unknown>;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function joined(path: string, key: string): string {
  if (!/^[\w$-]+$/u.test(key)) return `${path}["${key}"]`;
  return path === '' ? key : `${path}.${key}`;
}
