/** A mistake planted in an actor: the run ends as a bug with the command that leads back, and the stepper walks up to it. */
import { expect, test } from 'vitest';
import { driveToEnd } from '../../src/cli/drive.ts';
import { SimulatorBug } from '../../src/cli/failure.ts';
import { StepSession } from '../../src/cli/step/session.ts';
import { styleFor } from '../../src/cli/style.ts';
import { beginRun, worldOf } from '../../src/experiments/run.ts';
import type { RunRequest } from '../../src/experiments/run.ts';
import { defineActor } from '../../src/model/vocabulary.ts';
import type { MessageOf } from '../../src/model/messages/index.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { smallScenario } from '../support/command-line.ts';

const host = {
  out: () => undefined,
  err: () => undefined,
  isOutTerminal: false,
  isErrTerminal: false,
  columns: 80,
  color: 'none',
} as const;

/** An Entra that falls over at the first request for a token. */
const brokenAad = defineActor<{ asked: number }, MessageOf<'Start' | 'AadTokenRequest'>>({
  kind: 'aad',
  initial: () => ({ asked: 0 }),
  handlers: {
    Start: () => undefined,
    AadTokenRequest: () => {
      throw new Error('planted');
    },
  },
});

function request(): RunRequest {
  const loaded = loadScenario({ path: 'small.yaml', text: smallScenario('sometimes: tokenAnswered'), readText: () => undefined });
  if (!loaded.ok) throw new Error('the small scenario is valid');
  return { scenario: loaded.scenario, replace: [brokenAad] };
}

test('a run that throws ends as a bug which names the event to come back to', async () => {
  const failure = await driveToEnd(beginRun(request()), host, { replayAt: (event) => `replay at ${String(event)}` }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(SimulatorBug);
  expect((failure as SimulatorBug).replay).toMatch(/^replay at \d+$/);
  expect((failure as SimulatorBug).message).toMatch(/^planted while handling AadTokenRequest \(seed idflow, event \d+, at \d+ µs, aad\)$/);
});

test('the stepper says where the simulator fails, and can go back from there', () => {
  const session = new StepSession(worldOf({ ...request(), mode: 'recorded' }), { style: styleFor(host), width: 80 });
  const [said = ''] = session.execute('g end').lines;
  expect(said).toMatch(/^the simulator fails at event #(\d+): planted while handling AadTokenRequest/);
  const event = Number(/#(\d+)/.exec(said)?.[1]);
  expect(session.execute(`g #${String(event - 1)}`).lines[0]).toMatch(new RegExp(`^#${String(event - 1)} `));
  expect(session.execute('n').lines[0]).toContain(`the simulator fails at event #${String(event)}`);
  expect(session.execute('g start').lines).toEqual(['at the start: nothing has happened yet']);
});
