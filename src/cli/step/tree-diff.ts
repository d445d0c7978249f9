/** What changed between two trees of plain data, path by path: for the stepper's "what changed". */

/** One difference. Absent `before`: it came; absent `after`: it went. */
export interface Difference {
  /** Dotted path; keys that are no plain words stand in brackets. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Differences in order of path as the trees spell them: first what is in `before`, then what only `after` has. */
export function treeDiff(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (Object.is(before, after)) return [];
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  }
  const keys = [...Object.keys(before), ...Object.keys(after).filter((key) => !(key in before))];
  return keys.flatMap((key) => treeDiff(before[key], after[key], joined(path, key)));
}

/** A difference on one line, with `+`, `-` or `~` before it. */
export function differenceText({ path, before, after }: Difference): string {
  const name = path === '' ? '(whole)' : path;
  if (before === undefined) return `+ ${name} = ${JSON.stringify(after)}`;
  if (after === undefined) return `- ${name} (was ${JSON.stringify(before)})`;
  return `~ ${name}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function joined(path: string, key: string): string {
  if (!/^[\w$-]+$/u.test(key)) return `${path}["${key}"]`;
  return path === '' ? key : `${path}.${key}`;
}
