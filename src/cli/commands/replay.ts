/** `idflow replay`: runs again what a token stands for, and says if its files are no longer the same. */
import { decodeReplay } from '../../scenarios/replay/replay-token.ts';
import { resolve } from '../../model/calibration/index.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { InputFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { needScenario } from '../scenario-file.ts';
import { converse } from '../step/prompt.ts';
import { runAndPrint, tellNotes } from './run.ts';
import { sessionOf } from './step.ts';

/**
 * Replays a token: the whole run with its report, or the stepper at the event it points at.
 *
 * @throws InputFailure if the text is no token, or its scenario or knobs do not exist here
 */
export async function replay(invocation: Invocation, host: Host): Promise<ExitCode> {
  const decoded = decodeReplay(invocation.targets[0] ?? '');
  if (!decoded.ok) throw new InputFailure([decoded.rule]);
  const { scenario: reference, content, event, ...choices } = decoded.recipe;
  const loaded = await needScenario(reference);
  const resolution = resolve({ ...loaded.scenario.overrides, ...choices.overrides });
  if (!resolution.ok) throw new InputFailure(resolution.problems.map(({ knob, rule }) => `${knob}, set by the token: ${rule}`));
  if (content !== loaded.content) {
    host.err(`warning: ${loaded.scenario.path} or one of its manifests changed since this token was made: the run may differ`);
  }
  tellNotes(loaded, invocation, host);
  if (event === undefined) return runAndPrint(loaded, choices, { invocation, host });

  const session = sessionOf(loaded, choices, host);
  host.out(`${[...session.execute(`g #${String(event)}`).lines, '', ...session.execute('y').lines, ''].join('\n')}\n`);
  await converse(session, host);
  return EXIT.holds;
}
