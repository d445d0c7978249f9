/** Shape of a conformance case, and the ways running one can end. */
import type { Data, DataMap } from './stage/objects.ts';

/** A case after loading: base laid under, repeats expanded. */
export interface ConformanceCase {
  readonly id: string;
  readonly level: 'system' | 'component' | 'unit';
  readonly given: DataMap;
  readonly when: readonly DataMap[];
  readonly then: readonly DataMap[];
  readonly observed: readonly DataMap[];
  readonly isDisabled: boolean;
}

/** Items of one list that held, did not hold, or could not be looked at. */
export interface Score {
  readonly passed: number;
  readonly failures: readonly string[];
  readonly unseen: readonly string[];
}

/** How a case ended. `observed` is scored apart and decides nothing. */
export type CaseResult =
  | { readonly verdict: 'passed'; readonly observed: Score }
  | { readonly verdict: 'failed'; readonly text: string; readonly observed: Score }
  | { readonly verdict: 'skipped'; readonly reason: string };

/** The simulator has nothing that a case could hold on to here. */
export class NoSeam extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NoSeam';
  }
}

/** A case does not hold. */
export class Mismatch extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'Mismatch';
  }
}

/** Fails with both sides. */
export function mismatch(what: string, expected: Data | undefined, seen: unknown): never {
  throw new Mismatch(`${what}: expected ${JSON.stringify(expected)}, seen ${JSON.stringify(seen)}`);
}
