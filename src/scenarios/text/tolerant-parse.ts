/**
 * Checks a YAML document against a schema and goes on in spite of what is wrong.
 *
 * Every issue becomes a problem with its position. Then the bad values are taken away, so that the rest can be checked further and a
 * reader learns of all mistakes at once. What only breaks because something bad was taken away is not reported.
 */
import type { z } from 'zod';
import type { Problem } from '../problem.ts';
import { issueProblems } from './schema-issue.ts';
import type { Issue } from './schema-issue.ts';
import type { Path, YamlDocument } from './yaml-source.ts';

/** What could be read, and all that is wrong. `value` is absent when nothing useful is left. */
export interface TolerantResult<T> {
  readonly value?: T;
  readonly problems: readonly Problem[];
}

/**
 * Reads `document` by `strict`, which decides what is wrong. The document loses its bad values, and what is left is read by `lenient`,
 * in which nothing is required at the top.
 */
export function parseTolerantly<S extends z.ZodType>(strict: z.ZodType, lenient: S, document: YamlDocument): TolerantResult<z.infer<S>> {
  const first = document.read();
  if (!first.ok) return { problems: [first.problem] };
  const checked = strict.safeParse(first.value);
  const problems = checked.success ? [] : issueProblems(strict, document, checked.error.issues, first.value);

  for (;;) {
    const read = document.read();
    if (!read.ok) return { problems: [...problems, read.problem] };
    const result = lenient.safeParse(read.value);
    if (result.success) return { value: result.data, problems };
    // Last first: taking an element out of a list moves the later ones.
    const paths = result.error.issues.flatMap(badPaths).sort(laterFirst);
    if (!takeAway(document, paths)) return { problems };
  }
}

/** What to take away for an issue. */
function badPaths(issue: Issue): readonly Path[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

/** Takes values away; one that is missing takes with it what needed it. Whether anything went. */
function takeAway(document: YamlDocument, paths: readonly Path[]): boolean {
  const gone = new Set<string>();
  for (const path of paths) {
    const prefixes = path.map((_, index) => path.slice(0, index + 1));
    // Where an element is gone, its number already means the next one.
    if (prefixes.some((prefix) => gone.has(JSON.stringify(prefix)))) continue;
    const removed = prefixes.reverse().find((prefix) => document.remove(prefix));
    if (removed !== undefined) gone.add(JSON.stringify(removed));
  }
  return gone.size > 0;
}

function laterFirst(a: Path, b: Path): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const [x, y] = [a[index], b[index]];
    if (x === y) continue;
    if (typeof x === 'number' && typeof y === 'number') return y - x;
    return String(x) < String(y) ? 1 : -1;
  }
  return b.length - a.length;
}
