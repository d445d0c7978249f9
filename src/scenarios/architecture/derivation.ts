/** What comes of deriving an architecture. */
import type { ScenarioDescription } from '../description.ts';

/** A derived scenario, or why there is none. */
export type Derivation =
  | { readonly ok: true; readonly scenario: ScenarioDescription; readonly notes: readonly string[] }
  | { readonly ok: false; readonly rule: string };
