/** A run whose every fact and write is written by hand: one actor acts out a list of steps, each after a wait with a name. */
import { Simulation } from '../../src/kernel/simulation.ts';
import { seconds } from '../../src/kernel/time.ts';
import type { Duration } from '../../src/kernel/time.ts';
import type { Outcome } from '../../src/kernel/world.ts';
import { defaultCalibration } from '../../src/model/calibration/index.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import type { LatencyPart } from '../../src/model/labels.ts';
import type { Tables } from '../../src/model/tables.ts';
import { defineActor } from '../../src/model/vocabulary.ts';
import type { Identity, Turn } from '../../src/model/vocabulary.ts';
import { identityWorld } from '../../src/model/world.ts';
import type { Report } from '../../src/report/document/index.ts';
import { Measures } from '../../src/report/measures.ts';
import type { Expectation } from '../../src/scenarios/description.ts';

/** One step: so long after the one before, for that reason, this happens. */
export interface Step {
  readonly after: Duration;
  readonly part?: LatencyPart;
  readonly act: (turn: Turn) => void;
}

/** A step that states facts. */
export function states(after: number, ...facts: readonly Fact[]): Step {
  return { after: seconds(after), act: (turn) => facts.forEach((fact) => turn.fact(fact)) };
}

/** A step that writes rows; undefined deletes. */
export function writes<N extends keyof Tables>(after: number, table: N, rows: Readonly<Record<string, Tables[N] | undefined>>): Step {
  return {
    after: seconds(after),
    act: (turn) => {
      for (const [key, row] of Object.entries(rows)) {
        if (row === undefined) turn.table(table).delete(key);
        else turn.table(table).put(key, row as never);
      }
    },
  };
}

/** Rows that are there from the start. */
export type Filling = { readonly [N in keyof Tables]?: Readonly<Record<string, Tables[N]>> };

/** A run that is over, with its measures. */
export interface ScriptedRun {
  readonly measures: Measures;
  readonly outcome: Outcome;
  readonly simulation: Simulation<Identity>;
  report(): Report;
}

/** Acts out the steps, one after the other, and ends `tail` seconds after the last. */
export function scriptedRun(
  steps: readonly Step[],
  options: {
    readonly fill?: Filling;
    readonly expectations?: readonly Expectation[];
    readonly budget?: number;
    readonly tail?: number;
  } = {},
): ScriptedRun {
  const arm = (turn: Turn, index: number): void => {
    const step = steps[index];
    if (step !== undefined) turn.setTimer('next', step.after, { type: 'StoryDue', step: `step-${index}` }, { label: step.part ?? 'other' });
  };
  const scribe = defineActor<object, { type: 'Start' } | { type: 'StoryDue'; step: string }>({
    kind: 'scribe',
    initial: () => ({}),
    handlers: {
      Start: (_state, _message, turn) => arm(turn, 0),
      StoryDue: (_state, { step }, turn) => {
        const index = Number(step.slice('step-'.length));
        steps[index]?.act(turn);
        arm(turn, index + 1);
      },
    },
  });
  const length = steps.reduce((sum, step) => sum + step.after, 0) + seconds(options.tail ?? 0);
  const horizon = length as never;
  const simulation = new Simulation<Identity>(identityWorld([scribe], defaultCalibration()), {
    seed: 'hand-made',
    horizon,
    ...(options.budget === undefined ? {} : { budget: options.budget }),
  });
  for (const [table, rows] of Object.entries(options.fill ?? {})) {
    for (const [key, row] of Object.entries(rows)) simulation.fill(table as keyof Tables, key, row as never);
  }
  simulation.add({ id: 'scribe', kind: 'scribe' }, { type: 'Start' });
  const measures = new Measures(simulation, options.expectations ?? []);
  const ran = simulation.run();
  // With an empty queue the clock stops at the last event; the end is the horizon all the same.
  const outcome: Outcome = ran.ended === 'quiescent' ? { ...ran, ended: 'horizon', at: horizon } : ran;
  const context = {
    scenario: { name: 'hand-made', question: 'Does the report say what happened?', path: 'scenarios/hand-made.yaml', falls: '' },
    outcome,
    replayToken: 'idf1:hand-made',
    command: 'idflow run hand-made --seed hand-made',
    overrides: [],
    notes: [],
  };
  return { measures, outcome, simulation, report: () => measures.report(context) };
}
