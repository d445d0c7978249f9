/** `idflow step`: walks through one run, forth and back. */
import { worldOf } from '../../experiments/run.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { knobSettings } from '../knob-settings.ts';
import type { Choices } from '../reproduction.ts';
import { needScenario } from '../scenario-file.ts';
import type { LoadedScenario } from '../scenario-file.ts';
import { converse } from '../step/prompt.ts';
import { StepSession } from '../step/session.ts';
import { wrapped } from '../text-layout.ts';
import { styleFor } from '../style.ts';
import { tellNotes } from './run.ts';

/** Opens the stepper at the start of a run. */
export async function step(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loaded = await needScenario(invocation.targets[0] ?? '');
  const overrides = knobSettings(invocation.set, loaded.scenario);
  tellNotes(loaded, invocation, host);
  const session = sessionOf(loaded, { seed: invocation.seed ?? loaded.scenario.seed, overrides, ties: invocation.ties }, host);
  host.out(
    `${wrapped(loaded.scenario.question, host.columns).join('\n')}\nn next, b back, g go to, f find, w what changed, y why, h help, q quit\n`,
  );
  await converse(session, host);
  return EXIT.holds;
}

/** A session at the start of a run. */
export function sessionOf(loaded: LoadedScenario, choices: Choices, host: Host): StepSession {
  const world = worldOf({ scenario: loaded.scenario, ...choices, mode: 'recorded' });
  return new StepSession(world, { style: styleFor(host), width: host.columns });
}
