/** `--set knob=value` flags: read, checked together with the scenario's own knobs, and all their problems at once. */
import { resolve, splitOverride } from '../model/calibration/index.ts';
import type { Overrides } from '../model/calibration/index.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';
import { InputFailure } from './failure.ts';

/**
 * The knobs set on the command line; of one knob set twice, the last counts.
 *
 * @throws InputFailure with everything that is wrong, alone or beside what the scenario sets
 */
export function knobSettings(flags: readonly string[], scenario: ScenarioDescription): Overrides {
  const lines: string[] = [];
  const overrides: Record<string, string> = {};
  for (const flag of flags) {
    const read = splitOverride(flag);
    if (read.ok) overrides[read.value.knob] = read.value.value;
    else lines.push(`--set ${flag}: ${read.rule}`);
  }
  const resolution = resolve({ ...scenario.overrides, ...overrides });
  if (!resolution.ok) lines.push(...resolution.problems.map(({ knob, rule }) => `--set ${knob}: ${rule}`));
  if (lines.length > 0) throw new InputFailure(lines);
  return overrides;
}
