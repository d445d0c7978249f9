/**
 * What is wrong with a scenario, and what is merely worth saying about it.
 *
 * Problems are collected whole and printed as `file:line:column path: rule`; a scenario with problems is not run. Notes never stop a run.
 */

/** A place in a text file. */
export interface Place {
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** Column, from 1. */
  readonly column: number;
}

/** One broken rule. */
export interface Problem extends Place {
  /** Where in the data: `world.identities[0].name`; `''` for the whole file. */
  readonly path: string;
  /** The rule that was broken, as a phrase that follows the path. */
  readonly rule: string;
}

/** Something the loader noticed. A warning says that the run may not do what its author thinks. */
export interface Note extends Place {
  readonly level: 'note' | 'warning';
  /** Where in the data; `''` for the whole file. */
  readonly path: string;
  readonly text: string;
}

/** A problem on one line: `file:line:column path: rule`. */
export function formatProblem(problem: Problem): string {
  return line(problem, problem.rule);
}

/** A note on one line: `file:line:column path: text`. */
export function formatNote(note: Note): string {
  return line(note, note.text);
}

/** In the order of file, line, column, path and text; equal ones once. */
export function inOrder<T extends Problem | Note>(found: readonly T[]): readonly T[] {
  const sorted = [...found].sort(
    (a, b) => byText(a.file, b.file) || a.line - b.line || a.column - b.column || byText(textOf(a), textOf(b)),
  );
  return sorted.filter((one, index) => {
    const previous = sorted[index - 1];
    return previous === undefined || textOf(previous) !== textOf(one);
  });
}

/** `a.b[2].c` of a path; keys that are not plain words are quoted. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${String(step)}]`;
    else if (/^[\w$-]+$/u.test(step)) text += text === '' ? step : `.${step}`;
    else text += `["${step}"]`;
  }
  return text;
}

function line(place: Place & { readonly path: string }, text: string): string {
  const at = `${place.file}:${String(place.line)}:${String(place.column)}`;
  return place.path === '' ? `${at} ${text}` : `${at} ${place.path}: ${text}`;
}

function textOf(found: Problem | Note): string {
  return line(found, 'rule' in found ? found.rule : found.text);
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
