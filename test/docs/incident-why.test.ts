/** Claim: for each incident there is a question whose answer, in its first sentences, names its mechanism and the sources of the rules. */
import { describe, expect, test } from 'vitest';
import { incidentFiles, incidentIdOf } from '../../src/cli/package-folder.ts';
import { needScenario } from '../../src/cli/scenario-file.ts';
import { beginRun } from '../../src/experiments/run.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import { ORIGIN } from '../../src/kernel/time.ts';
import { explain, readQuestion, RunRecord } from '../../src/report/why/index.ts';
import type { Explanation } from '../../src/report/why/index.ts';

function answerIn(scenario: ScenarioDescription, question: string): Explanation {
  const reading = readQuestion(question);
  if (!reading.ok) throw new Error(reading.rule);
  const underWay = beginRun({ scenario });
  const { simulation } = underWay;
  const record = new RunRecord(simulation);
  simulation.observe(record);
  simulation.retainTrace(() => ORIGIN);
  underWay.advance(Infinity);
  return explain(reading.question, { trace: simulation.trace, now: simulation.now, record, report: underWay.finish().report });
}

/** The answer and its reasons: what a reader sees first, without the chain and without how things stood besides. */
function reasonsOf({ answer, because }: Explanation): string {
  return [answer, ...because.flatMap(({ text, rules }) => [text, ...rules])].join('\n');
}

describe('the answer to the question of', () => {
  test.each(incidentFiles().map((file) => [incidentIdOf(file), file] as const))('%s names its mechanism', async (_id, file) => {
    const { scenario } = await needScenario(file);
    const why = scenario.incident?.why;
    const explanation = answerIn(scenario, why?.ask ?? '');
    expect(explanation.found).not.toBe('nothing');
    const text = reasonsOf(explanation);
    expect((why?.names ?? []).filter((name) => !text.includes(name))).toEqual([]);
    expect(why?.names.length).toBeGreaterThan(0);
    // No name of a message or of a kind of actor leaks into a sentence.
    const said = [explanation.answer, ...explanation.because.map((one) => one.text), ...explanation.chain.map(({ sentence }) => sentence)];
    expect(said.filter((sentence) => /\b[A-Z][a-z]+[A-Z]\w*(?:Due|Request|Response|Done|Changed|Wanted|Exited)\b/u.test(sentence))).toEqual(
      [],
    );
    expect(said.filter((sentence) => /\b(?:nmi|mic|imds|iptables|kubelet|pod)\/\w/u.test(sentence))).toEqual([]);
  });
});
