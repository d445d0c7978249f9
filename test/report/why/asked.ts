/** Questions put to runs of packaged scenarios. */
import { beginRun } from '../../../src/experiments/run.ts';
import { ORIGIN } from '../../../src/kernel/time.ts';
import type { Moment } from '../../../src/kernel/time.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import { explain, readQuestion, RunRecord } from '../../../src/report/why/index.ts';
import type { AnsweredRun, Explanation } from '../../../src/report/why/index.ts';
import type { ScenarioDescription } from '../../../src/scenarios/description.ts';
import { packaged } from '../../support/packaged.ts';

/** A run of a packaged scenario, to its end or to a moment. */
export function runOf(name: string, overrides: Overrides = {}, until?: Moment, seed?: string): AnsweredRun {
  return runIn(packaged(name), overrides, until, seed);
}

/** A run of a scenario, to its end or to a moment. */
export function runIn(scenario: ScenarioDescription, overrides: Overrides = {}, until?: Moment, seed?: string): AnsweredRun {
  const underWay = beginRun({ scenario, overrides, ...(seed === undefined ? {} : { seed }) });
  const { simulation } = underWay;
  const record = new RunRecord(simulation);
  simulation.observe(record);
  simulation.retainTrace(() => ORIGIN);
  if (until === undefined) underWay.advance(Infinity);
  else simulation.run({ at: until });
  return { trace: simulation.trace, now: simulation.now, record, report: underWay.finish().report };
}

/** The answer to a question. */
export function asked(text: string, run: AnsweredRun): Explanation {
  const reading = readQuestion(text);
  if (!reading.ok) throw new Error(reading.rule);
  return explain(reading.question, run);
}

/** All that a chain says, and the rules it names. */
export function saidOf({ chain }: Explanation): { readonly text: string; readonly rules: string } {
  return {
    text: chain.flatMap(({ sentence, stated }) => [sentence, ...stated]).join('\n'),
    rules: chain.flatMap(({ rules }) => rules).join('\n'),
  };
}

/** Why, and how things stood, a line each, with the rules behind them. */
export function reasonsOf({ because, standing }: Explanation): { readonly because: string; readonly standing: string } {
  const lines = (matters: Explanation['because']): string => matters.flatMap(({ text, rules }) => [text, ...rules]).join('\n');
  return { because: lines(because), standing: lines(standing) };
}
