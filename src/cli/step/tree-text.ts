/** Plain data as indented lines, and on one line with a limit: how the stepper shows states, rows and messages. */
import { leafText } from './field-text.ts';

/** A tree as lines of `key: value`, two blanks deeper at each level. */
export function treeLines(value: unknown, indent = ''): readonly string[] {
  if (!isTree(value)) return [`${indent}${leafText(value)}`];
  const entries = Object.entries(value);
  if (entries.length === 0) return [`${indent}${leafText(value)}`];
  return entries.flatMap(([key, field]) => {
    if (!isTree(field) || Object.keys(field).length === 0) return [`${indent}${key}: ${leafText(field, key)}`];
    return [`${indent}${key}:`, ...treeLines(field, `${indent}  `)];
  });
}

/** A tree as `key=value` pairs on one line, nested ones in braces, cut off at `width` characters. */
export function inlineText(value: unknown, width: number): string {
  const text = isTree(value) ? fieldsText(value) : leafText(value);
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function fieldsText(tree: Record<string, unknown>): string {
  return Object.entries(tree)
    .filter(([key, field]) => key !== 'type' && field !== undefined)
    .map(([key, field]) => `${key}=${isTree(field) ? nestedText(field, key) : leafText(field, key)}`)
    .join(' ');
}

function nestedText(tree: Record<string, unknown>, key: string): string {
  if (Array.isArray(tree))
    return `[${tree.map((entry: unknown) => (isTree(entry) ? nestedText(entry, key) : leafText(entry, key))).join(', ')}]`;
  return `{${fieldsText(tree)}}`;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
