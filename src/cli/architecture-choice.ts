/** Architectures as the command line names them, and the scenarios derived for them. */
import { ARCHITECTURE_NAMES, isArchitecture } from '../scenarios/architecture/names.ts';
import type { Architecture } from '../scenarios/architecture/names.ts';
import { derive } from '../scenarios/architecture/derive.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';
import { nearestNames } from '../model/calibration/suggestion.ts';
import { InputFailure } from './failure.ts';

/** A scenario under one architecture, with what was set up for it. */
export interface Derived {
  readonly architecture: Architecture;
  readonly scenario: ScenarioDescription;
  readonly notes: readonly string[];
}

/**
 * The scenario under each of the architectures that are named, or under all where none is.
 *
 * @throws InputFailure with everything that is wrong: unknown names, and scenarios that cannot be derived
 */
export function derivedFor(scenario: ScenarioDescription, words: readonly string[]): readonly Derived[] {
  const names = words.length === 0 ? ARCHITECTURE_NAMES : words;
  const wrong: string[] = [];
  const made = [...new Set(names)].flatMap((architecture): readonly Derived[] => {
    if (!isArchitecture(architecture)) {
      const near = nearestNames(architecture, ARCHITECTURE_NAMES);
      wrong.push(
        `no architecture is called "${architecture}"; ${near.length === 0 ? `known are ${ARCHITECTURE_NAMES.join(', ')}` : `did you mean ${near.join(' or ')}?`}`,
      );
      return [];
    }
    const derivation = derive(scenario, architecture);
    if (derivation.ok) return [{ architecture, scenario: derivation.scenario, notes: derivation.notes }];
    wrong.push(`${scenario.path}:1:1 for ${architecture}: ${derivation.rule}`);
    return [];
  });
  if (wrong.length > 0) throw new InputFailure([...new Set(wrong)]);
  return made;
}
