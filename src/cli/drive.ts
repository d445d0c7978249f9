/** Drives a run to its end in slices, so that progress can be shown and Ctrl-C is heard. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RunUnderWay } from '../experiments/run.ts';
import { formatMoment, ORIGIN } from '../kernel/time.ts';
import { SimulationError } from '../kernel/world.ts';
import { Interrupted, SimulatorBug } from './failure.ts';
import type { Host } from './host.ts';
import { progressOn } from './progress.ts';

/** Events between two looks at the outside [1]. */
const SLICE = 20_000;

/** How a run is named when it does not come to its end. */
export interface RunNames {
  /** Command that comes back to an event of it. */
  replayAt(event: number): string;
}

/**
 * Runs to the end.
 *
 * @throws Interrupted on Ctrl-C; SimulatorBug where the simulator is at fault, with the command that leads there
 */
export async function driveToEnd(run: RunUnderWay, host: Host, names: RunNames): Promise<void> {
  const progress = progressOn(host);
  const interrupts = noteInterrupts();
  const { simulation } = run;
  const horizon = simulation.options.horizon ?? ORIGIN;
  try {
    while (!advance(run, names)) {
      progress.show(() => `${formatMoment(simulation.now)} of ${formatMoment(horizon)} simulated, ${String(simulation.events)} events`);
      await interrupts.breathe(() => `interrupted at ${formatMoment(simulation.now)}, after ${String(simulation.events)} events`);
    }
  } finally {
    progress.end();
    interrupts.end();
  }
}

function advance(run: RunUnderWay, names: RunNames): boolean {
  try {
    return run.advance(SLICE);
  } catch (error) {
    throw error instanceof SimulationError ? new SimulatorBug(error, names.replayAt(error.event)) : error;
  }
}

/** Ctrl-C while a command works. */
export interface Interrupts {
  /**
   * Lets the process hear of signals.
   *
   * @throws Interrupted, with this text, if Ctrl-C was pressed since the beginning
   */
  breathe(text: () => string): Promise<void>;
  /** Ctrl-C ends the process again, as it does by itself. */
  end(): void;
}

/** From now on Ctrl-C is noted instead of ending the process. */
export function noteInterrupts(): Interrupts {
  const pressed: string[] = [];
  const onSignal = (signal: string): void => {
    pressed.push(signal);
  };
  process.on('SIGINT', onSignal);
  return {
    breathe: async (text) => {
      await nextTurn();
      if (pressed.length > 0) throw new Interrupted(text());
    },
    end: () => {
      process.off('SIGINT', onSignal);
    },
  };
}
