/** Judgement of `expect:`: what holds, what falls, and above all what is not a pass. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../src/kernel/time.ts';
import type { JudgedExpectation } from '../../src/report/document/index.ts';
import type { Claim, Expectation, MeasureClaim } from '../../src/scenarios/description.ts';
import type { ConditionName, InvariantName } from '../../src/scenarios/schema/claim-names.ts';
import { METRIC_NAMES, METRICS } from '../../src/scenarios/schema/metric-names.ts';
import type { MetricName } from '../../src/scenarios/schema/metric-names.ts';
import { CLIENT, fact } from './objects.ts';
import { scriptedRun, states } from './scripted-run.ts';
import type { Step } from './scripted-run.ts';

const at = { file: 'scenarios/hand-made.yaml', line: 7, column: 5 };
const SECOND = 1_000_000;

function claim(metric: string, op: MeasureClaim['op'], bound: number): MeasureClaim {
  const name = metric as MetricName;
  return {
    text: `${metric} ${op} ${bound}`,
    of: { kind: 'metric', metric: name },
    op,
    unit: name in METRICS ? METRICS[name].unit : 'count',
    bound,
  };
}
const measure = (metric: string, op: MeasureClaim['op'], bound: number): Expectation => ({
  kind: 'measure',
  measure: claim(metric, op, bound),
  at,
});
const condition = (name: string): Claim => ({ kind: 'condition', condition: name as ConditionName });
const eventually = (of: Claim, within: number): Expectation => ({
  kind: 'eventually',
  condition: of,
  within: (within * SECOND) as never,
  at,
});
const sometimes = (of: Claim): Expectation => ({ kind: 'sometimes', condition: of, at });
const always = (name: string): Expectation => ({ kind: 'always', invariant: name as InvariantName, at });

/** One token after 35 s. */
const oneToken: readonly Step[] = [states(5, fact.asked('r1')), states(30, fact.nmi(200), fact.answered('r1'))];

function judge(
  expectation: Expectation,
  steps = oneToken,
  options: { readonly budget?: number; readonly tail?: number } = {},
): JudgedExpectation {
  const [judged] = scriptedRun(steps, { ...options, expectations: [expectation] }).report().expectations;
  if (judged === undefined) throw new Error('one expectation gives one judgement');
  return judged;
}

describe('a measure', () => {
  test('keeps or breaks its bound, and says bound and observation', () => {
    expect(judge(measure('tokens.first.p99', '<', 90 * SECOND))).toMatchObject({
      verdict: 'held',
      bound: '< 90.0 s',
      observed: '35.0 s',
      observedValue: 35 * SECOND,
      line: 'scenarios/hand-made.yaml:7:5',
    });
    expect(judge(measure('tokens.first.p99', '<', 30 * SECOND)).verdict).toBe('fell');
  });

  // Claim: each operator means what it says, for any value and bound. By comparing with the language's own operators.
  property.prop([
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 0, max: 5 }),
    fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const, '==' as const),
  ])('is compared by its operator', (count, bound, op) => {
    const steps = Array.from({ length: count }, (_, n) =>
      states(1, fact.asked(`r${n}`), fact.answered(`r${n}`, { since: (n * SECOND) as Moment })),
    );
    const isKept = { '<': count < bound, '<=': count <= bound, '>': count > bound, '>=': count >= bound, '==': count === bound }[op];
    expect(judge(measure('tokens.first.count', op, bound), [...steps, states(1)]).verdict).toBe(isKept ? 'held' : 'fell');
  });

  test('that looks equal to its bound but is not is shown exactly', () => {
    expect(judge(measure('tokens.first.max', '<', 35 * SECOND + 1)).observed).toBe('35 s');
    expect(judge(measure('tokens.first.max', '==', 35 * SECOND)).observed).toBe('35.0 s');
  });
});

describe('nothing passes by default', () => {
  test.each(['tokens.frist.p99', 'constructor', '', 'toString'])('an unknown measure (%j) is undecided', (name) => {
    const judged = judge(measure(name, '>=', 0));
    expect(judged).toMatchObject({ verdict: 'undecided', observed: 'nothing' });
    expect(judged.why).toContain('no measure');
  });

  // Claim: in a run in which nothing happens, a bound that any sample would keep holds only for plain counts of things that happened.
  test('a measure without samples is undecided, whatever its bound', () => {
    const expectations = METRIC_NAMES.map((name) => measure(name, '>=', 0));
    const { expectations: judged } = scriptedRun([states(1)], { expectations }).report();
    const held = judged.filter(({ verdict }) => verdict === 'held').map(({ text }) => text.split(' ')[0] ?? '');
    expect(judged.filter(({ verdict }) => verdict === 'fell')).toEqual([]);
    expect(held).toEqual(METRIC_NAMES.filter((name) => PLAIN_COUNTS.has(name)));
    for (const name of held) expect(METRICS[name as MetricName].unit).toBe('count');
  });

  test('an invariant that was never put to the test is undecided; one nobody knows as well', () => {
    expect(judge(always('oneCycleAtATime'))).toMatchObject({ verdict: 'undecided', observed: '0 in 0 checks' });
    expect(judge(always('nothingEverBreaks')).why).toContain('no invariant');
    expect(judge(always('nothingEverBreaks')).verdict).toBe('undecided');
  });

  test('a condition nobody knows is undecided, not never', () => {
    expect(judge(sometimes(condition('allIsWell'))).verdict).toBe('undecided');
    expect(judge(eventually(condition('toString'), 1)).verdict).toBe('undecided');
  });

  test('a run that was cut short decides nothing that it did not see', () => {
    const short = { budget: 2 };
    expect(judge(sometimes(condition('tokenAnswered')), oneToken, short).verdict).toBe('undecided');
    expect(judge(measure('tokens.first.count', '>=', 0), oneToken, short).verdict).toBe('undecided');
    expect(scriptedRun(oneToken, short).report().verdict.result).toBe('inconclusive');
  });
});

describe('moments', () => {
  test('eventually holds where the condition came in time, with its event', () => {
    expect(judge(eventually(condition('tokenAnswered'), 35))).toMatchObject({
      verdict: 'held',
      observed: 'after 35.0 s',
      event: 2,
      atUs: 35 * SECOND,
    });
    expect(judge(eventually(condition('tokenAnswered'), 34))).toMatchObject({ verdict: 'fell', observed: 'after 35.0 s' });
    expect(judge(eventually(condition('serviceAccessed'), 30))).toMatchObject({ verdict: 'fell', observed: 'never' });
    expect(judge(eventually(condition('serviceAccessed'), 300)).verdict).toBe('undecided');
  });

  test('eventually may wait for a measure', () => {
    expect(judge(eventually({ kind: 'measure', measure: claim('tokens.first.count', '>=', 1) }, 60))).toMatchObject({
      verdict: 'held',
      atUs: 35 * SECOND,
    });
  });

  describe('after a step', () => {
    /** All have tokens after 1 s; another asks after 10 s and has its own after 13 s. */
    const second: readonly Step[] = [
      states(1, fact.asked('r1'), fact.answered('r1')),
      states(9, fact.asked('r2', { pod: 'default/other' })),
      states(3, fact.answered('r2', { pod: 'default/other' })),
      states(2),
    ];
    const after = (of: Expectation, time: number): Expectation => ({ ...of, after: { key: 'burst', time: time * SECOND } }) as Expectation;
    const all = condition('allPodsHaveTokens');

    test('what held before has to cease first, and the limit is counted from the step', () => {
      expect(judge(eventually(all, 5), second)).toMatchObject({
        verdict: 'held',
        observed: 'after 1.0 s',
        text: 'eventually: allPodsHaveTokens',
      });
      expect(judge(after(eventually(all, 5), 9), second)).toMatchObject({
        verdict: 'held',
        text: 'eventually: allPodsHaveTokens after burst',
        bound: 'within 5.0 s',
        observed: 'after 4.0 s',
        observedValue: 4 * SECOND,
        atUs: 13 * SECOND,
      });
      expect(judge(after(eventually(all, 3), 9), second)).toMatchObject({ verdict: 'fell', observed: 'after 4.0 s' });
      expect(judge(after(sometimes(all), 9), second)).toMatchObject({ verdict: 'held', bound: 'once', observed: 'after 4.0 s' });
    });

    test('the moment of the step counts, and what held before it alone does not', () => {
      expect(judge(after(eventually(all, 3), 13), second)).toMatchObject({ verdict: 'held', observed: 'after 0 s' });
      expect(judge(after(eventually(condition('tokenAnswered'), 3), 1), second)).toMatchObject({ verdict: 'held', observed: 'after 0 s' });
      expect(judge(after(sometimes(all), 10), second.slice(0, 2))).toMatchObject({ verdict: 'fell', observed: 'never' });
    });

    test('what held all along was not put to the test', () => {
      expect(judge(after(eventually(all, 1), 14), second)).toMatchObject({ verdict: 'undecided', observed: 'all along' });
      const judged = judge(after(sometimes(condition('tokenAnswered')), 9), second);
      expect(judged).toMatchObject({ verdict: 'undecided', observed: 'all along', event: null, atUs: null });
      expect(judged.why).toContain('held before burst');
    });

    test('a measure is judged from there as a condition is', () => {
      const many: Claim = { kind: 'measure', measure: claim('tokens.first.count', '>=', 2) };
      expect(judge(after(eventually(many, 4), 9), second)).toMatchObject({
        verdict: 'held',
        text: 'eventually: tokens.first.count >= 2 after burst',
      });
      expect(judge(after(eventually(many, 1), 14), second).verdict).toBe('undecided');
    });

    test('what did not come in time falls; where the run ends before its time, nothing is decided', () => {
      const never = condition('serviceAccessed');
      expect(judge(after(eventually(never, 5), 9), second)).toMatchObject({ verdict: 'fell', observed: 'never' });
      expect(judge(after(eventually(never, 9), 9), second).verdict).toBe('undecided');
    });
  });

  test('sometimes falls where it never held in a whole run', () => {
    expect(judge(sometimes(condition('tokenAnswered'))).verdict).toBe('held');
    expect(judge(sometimes(condition('tokenFromCache'))).verdict).toBe('fell');
  });
});

describe('always', () => {
  test('holds over its checks and falls with the first breach and its place', () => {
    expect(judge(always('tokenMatchesRequest'))).toMatchObject({ verdict: 'held', observed: '0 in 1 check' });
    const wrong = judge(always('tokenMatchesRequest'), [states(2, fact.asked('r1'), fact.answered('r1', { appId: 'another' }))]);
    expect(wrong).toMatchObject({ verdict: 'fell', observed: '1 in 1 check', event: 1, atUs: 2 * SECOND });
    expect(wrong.why).toBe(`default/web asked for ${CLIENT} and got a token of another (event 1, 00:00:02.0)`);
  });
});

describe('the run', () => {
  const held = measure('tokens.first.count', '==', 1);
  const fell = measure('tokens.first.count', '==', 2);
  const open = measure('cleanup.time.max', '<', 1);

  test.each([
    ['holds where all held', [held], 'holds'],
    ['falls where one fell, whatever the others', [held, open, fell], 'fell'],
    ['is inconclusive where one is undecided', [held, open], 'inconclusive'],
    ['holds where nothing was expected', [], 'holds'],
  ] as const)('%s', (_title, expectations, result) => {
    expect(scriptedRun(oneToken, { expectations }).report().verdict.result).toBe(result);
  });
});

/** Counts of things that happened: zero is an observation. All others need something that could have been counted. */
const PLAIN_COUNTS: ReadonlySet<string> = new Set([
  'aad.tokens.count',
  'api.calls.count',
  'arm.calls.count',
  'arm.patches.count',
  'assignments.assigned.count',
  'assignments.created.count',
  'assignments.removed.count',
  'cleanup.complete.count',
  'imds.calls.count',
  'mic.cycles.count',
  'mic.leaderChanges.count',
  'run.events.count',
  'services.accessed.count',
  'tokens.all.count',
  'tokens.first.count',
  'tokens.later.count',
]);

describe('a bound', () => {
  test.each([
    ['to the last digit where the short form says another number', 102_704_000, '>= 102.704 s'],
    ['in short where that is the number', 60_000_000, '>= 60.0 s'],
    ['in short for minutes', 180_000_000, '>= 3 min'],
    ['in milliseconds where those are it', 150_000, '>= 150 ms'],
  ])('is printed %s', (_, bound, text) => {
    const [judged] = scriptedRun([states(1)], { expectations: [measure('tokens.first.p99', '>=', bound)] }).report().expectations;
    expect(judged?.bound).toBe(text);
  });
});
