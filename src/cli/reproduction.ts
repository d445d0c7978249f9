/** How to come back to a run: its token, and the command that uses it. */
import { encodeReplay } from '../scenarios/replay/replay-token.ts';
import type { ReplayRecipe } from '../scenarios/replay/replay-token.ts';
import type { Overrides } from '../model/calibration/index.ts';
import type { LoadedScenario } from './scenario-file.ts';

/** What decides a run beside its scenario. */
export interface Choices {
  readonly seed: string;
  readonly overrides: Overrides;
  readonly ties: 'fixed' | 'shuffled';
}

/** The recipe of a run. */
function recipeOf(loaded: LoadedScenario, choices: Choices): ReplayRecipe {
  return { scenario: loaded.reference, content: loaded.content, ...choices };
}

/** Token of a run, pointing at an event where one is given. */
export function tokenOf(loaded: LoadedScenario, choices: Choices, event?: number): string {
  const recipe = recipeOf(loaded, choices);
  return encodeReplay(event === undefined ? recipe : { ...recipe, event });
}

/** The command that runs a token again. */
export function replayCommand(token: string): string {
  return `npx idflow replay ${token}`;
}

/** Knobs as they were set on the command line, to be typed again: each with a blank before it. */
export function settingWords(set: readonly string[]): string {
  return set.map((setting) => ` --set '${setting}'`).join('');
}
