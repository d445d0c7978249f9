/** Issues of the schema in words: `must be a list, not a text`, `unknown key "hoirzon"; did you mean horizon?`. */
import type { z } from 'zod';
import { nearestNames } from '../../model/calibration/suggestion.ts';
import type { Problem } from '../problem.ts';
import type { Path, YamlDocument } from './yaml-source.ts';

/** An issue of zod. */
export type Issue = z.core.$ZodIssue;

/** The part of a schema that its keys are read from. */
interface SchemaDefinition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
}

/** Most characters of a text that a message quotes. */
const LONGEST_QUOTE = 40;

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

/** Each issue as one problem or more, with its position in `document`, whose value is `value`. */
export function issueProblems(schema: z.ZodType, document: YamlDocument, issues: readonly Issue[], value: unknown): readonly Problem[] {
  return issues.flatMap((issue) => problemsOf(schema, document, issue, value));
}

function problemsOf(schema: z.ZodType, document: YamlDocument, issue: Issue, root: unknown): readonly Problem[] {
  const path = pathOf(issue);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => document.keyProblem(path, key, unknownRule('key', key, known)));
  }
  const value = valueAt(root, path);
  if (issue.code === 'invalid_union') {
    const branch = likelyBranch(issue.errors);
    if (branch !== undefined) {
      return branch.flatMap((inner) => problemsOf(schema, document, { ...inner, path: [...issue.path, ...inner.path] }, root));
    }
  }
  return [document.problem(path, value === undefined ? 'is missing' : ruleOf(issue, value))];
}

function ruleOf(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return `must be ${EXPECTED[issue.expected] ?? issue.expected}, not ${kindOf(value)}`;
  }
  if (issue.code === 'invalid_value') return notAmongRule(value, issue.values.map(String));
  if (issue.code === 'invalid_union') return `must be ${unionExpectation(issue.errors)}, not ${kindOf(value)}`;
  return issue.message;
}

/** `must be one of …, not "x"; did you mean y?` */
export function notAmongRule(value: unknown, names: readonly string[]): string {
  const given = typeof value === 'string' ? `"${value}"` : kindOf(value);
  return `must be ${names.length > 1 ? 'one of ' : ''}${names.join(', ')}, not ${given}${meant(typeof value === 'string' ? value : '', names)}`;
}

/** `unknown key "x"; did you mean y?` */
export function unknownRule(what: string, name: string, names: readonly string[]): string {
  return `unknown ${what} "${name}"${meant(name, names)}`;
}

function meant(name: string, names: readonly string[]): string {
  const near = name === '' ? [] : nearestNames(name, names);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** The branch of a union that the value was meant for: the first whose kind fits. */
function likelyBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.find((issues) => issues.length > 0 && !issues.some(isOfOtherKind));
  return (
    fitting ??
    branches.findLast((issues) =>
      issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type' && !issue.message.startsWith('Invalid')),
    )
  );
}

function isOfOtherKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function unionExpectation(branches: readonly (readonly Issue[])[]): string {
  const parts = branches.flat().flatMap((issue) => {
    if (issue.path.length > 0) return [];
    if (issue.code === 'invalid_type') return [EXPECTED[issue.expected] ?? issue.expected];
    return issue.code === 'invalid_value' ? issue.values.map(String) : [];
  });
  return [...new Set(parts)].join(' or ');
}

/** Names of the keys that the map at `path` may have. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  let current: readonly z.core.$ZodType[] = unwrapped(schema);
  for (const step of path) {
    current = current.flatMap((one) => {
      const { shape, element } = definitionOf(one);
      const next = typeof step === 'number' ? element : Object.hasOwn(shape ?? {}, step) ? shape?.[step] : undefined;
      return next === undefined ? [] : unwrapped(next);
    });
  }
  return current.flatMap((one) => Object.keys(definitionOf(one).shape ?? {}));
}

/** What is inside of optional schemas and of unions. */
function unwrapped(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { innerType, options } = definitionOf(schema);
  if (innerType !== undefined) return unwrapped(innerType);
  return options === undefined ? [schema] : options.flatMap(unwrapped);
}

function definitionOf(schema: z.core.$ZodType): SchemaDefinition {
  return schema._zod.def;
}

function pathOf(issue: Issue): Path {
  return issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

function valueAt(root: unknown, path: Path): unknown {
  let value: unknown = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text "${value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value}"`;
  if (typeof value === 'number') return `the number ${String(value)}`;
  return typeof value === 'boolean' ? String(value) : 'a map';
}
