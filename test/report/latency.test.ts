/** Token latency: what it is divided into, and what is counted beside it. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { Trace } from '../../src/kernel/trace.ts';
import { LATENCY_PARTS } from '../../src/model/labels.ts';
import { LatencyGroup } from '../../src/report/latency/group.ts';
import { CLASS_ENDS, ClassCounts } from '../../src/report/latency/histogram.ts';
import { fact } from './objects.ts';
import { scriptedRun, states } from './scripted-run.ts';
import type { Step } from './scripted-run.ts';

const patch: Step = { after: seconds(30), part: 'patch', act: () => undefined };

describe('the parts of a latency', () => {
  const event = fc.record({
    gap: fc.integer({ min: 0, max: 5_000_000 }),
    parent: fc.nat(),
    link: fc.nat({ max: 1_000_000 }),
    hold: fc.nat(),
    enablers: fc.array(
      fc.record({
        event: fc.nat(),
        mode: fc.constantFrom('revision' as const, 'queue' as const, 'condition' as const),
        lag: fc.nat({ max: 4_000_000 }),
      }),
      { maxLength: 2 },
    ),
  });

  // Claim: however causes branch (links, timers, revisions, queues), the parts of every wait sum to it exactly. By random causal graphs.
  property.prop([fc.array(event, { minLength: 2, maxLength: 40 }), fc.nat()])('sum to it exactly, for any causes', (events, from) => {
    const trace = new Trace();
    const labels = [...LATENCY_PARTS, 'somewhere'].map((label) => trace.labelId(label));
    const times: number[] = [];
    for (const { gap, parent, link, hold, enablers } of events) {
      const at = (times.at(-1) ?? 0) + gap;
      const earlier = times.length === 0 ? -1 : parent % times.length;
      const since = at - (times[earlier] ?? at);
      const note = {
        at: at as Moment,
        parent: earlier,
        linkTime: Math.min(link, since),
        holdLabel: labels[hold % labels.length] ?? 0,
        linkLabel: labels[0] ?? 0,
      };
      const event = trace.note(note);
      const cited = times.length === 0 ? [] : enablers;
      trace.enable(
        event,
        cited.map((enabler) => {
          const source = enabler.event % times.length;
          return {
            event: source,
            arrivedAt: Math.min(at, (times[source] ?? 0) + enabler.lag) as Moment,
            label: 'watch',
            mode: enabler.mode,
          };
        }),
      );
      times.push(at);
    }
    const last = times.length - 1;
    const end = times[last] ?? 0;
    const since = (end === 0 ? 0 : from % (end + 1)) as Moment;
    const group = new LatencyGroup('any');
    group.add({ request: 'r', place: { event: last, atUs: end, pod: 'p' }, waited: end - since, stretches: trace.divide(last, since) });
    const { parts, slowest } = group.section();
    expect(parts.reduce((sum, part) => sum + part.totalUs, 0)).toBe(end - since);
    expect(slowest?.chain.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0)).toBe(end - since);
    for (const [index, stretch] of (slowest?.chain ?? []).entries()) expect(stretch.fromUs).toBe(slowest?.chain[index - 1]?.toUs ?? since);
  });

  test('are named by what was waited for: 1 s start, 30 s PATCH, 4 s poll', () => {
    const start: Step = { after: seconds(1), part: 'podStart', act: (turn) => turn.fact(fact.asked('r1')) };
    const end: Step = { after: seconds(4), part: 'nmiPoll', act: (turn) => turn.fact(fact.answered('r1')) };
    const { first } = scriptedRun([start, patch, end]).report().tokens;
    expect(first.parts.map(({ part, totalUs, waits }) => [part, totalUs, waits])).toEqual([
      ['podStart', 1_000_000, 1],
      ['patch', 30_000_000, 1],
      ['nmiPoll', 4_000_000, 1],
    ]);
    expect(first.waits).toMatchObject({ count: 1, p50Us: 35_000_000, maxUs: 35_000_000 });
    expect(first.slowest).toMatchObject({ request: 'r1', waitUs: 35_000_000, place: { pod: 'default/web', atUs: 35_000_000 } });
    expect(first.slowest?.chain.map(({ part }) => part)).toEqual(['podStart', 'patch', 'nmiPoll']);
  });

  test('grow where the cause grew: 10 s more PATCH is 10 s more "patch" and nothing else', () => {
    const run = (length: number): Record<string, number> => {
      const steps: Step[] = [states(1, fact.asked('r1')), { ...patch, after: seconds(length) }, states(4, fact.answered('r1'))];
      return Object.fromEntries(
        scriptedRun(steps)
          .report()
          .tokens.first.parts.map(({ part, totalUs }) => [part, totalUs]),
      );
    };
    expect(run(40)).toEqual({ ...run(30), patch: 40_000_000 });
  });
});

describe('what is counted', () => {
  test('first and later tokens are apart, and those of the client cache in neither', () => {
    const { tokens } = scriptedRun([
      states(2, fact.asked('r1')),
      states(1, fact.answered('r1')),
      states(1, fact.asked('r2', { ordinal: 2 })),
      states(1, fact.answered('r2', { ordinal: 2, isFirst: false, since: 4_000_000 as Moment })),
      states(
        1,
        fact.asked('r3', { ordinal: 3 }),
        fact.answered('r3', { ordinal: 3, isFirst: false, since: 6_000_000 as Moment, servedBy: 'clientCache' }),
      ),
    ]).report();
    expect([tokens.first.waits?.totalUs, tokens.later.waits?.totalUs, tokens.all?.count]).toEqual([3_000_000, 1_000_000, 2]);
    expect(tokens).toMatchObject({ asked: 3, answered: 3, failed: 0, pending: 0, fromClientCache: 1, neverServed: 0 });
  });

  test('an asking that failed with 403 before the first token counts its process once', () => {
    const { tokens } = scriptedRun([
      states(1, fact.asked('r1'), fact.tried(403), fact.failed('r1')),
      states(1, fact.asked('r2', { ordinal: 2 }), fact.tried(403), fact.failed('r2', { ordinal: 2 })),
      states(1, fact.asked('r3', { ordinal: 3 }), fact.tried(200), fact.answered('r3', { ordinal: 3 })),
      states(1, fact.asked('x1', { pod: 'default/other' }), fact.tried(-1)),
    ]).report();
    expect(tokens.denied).toMatchObject({ answers: 3, answers403: 2, processes: 1, processesAsked: 2, processesShare: 0.5 });
    expect(tokens).toMatchObject({ asked: 4, answered: 1, failed: 2, pending: 1, neverServed: 1 });
    expect(tokens.failures).toEqual([{ status: 403, reason: 'denied', count: 2 }]);
    expect(tokens.tries).toEqual([
      { servedBy: 'nmi', status: 403, count: 2 },
      { servedBy: 'nmi', status: -1, count: 1 },
      { servedBy: 'nmi', status: 200, count: 1 },
    ]);
  });

  test('a process that ended without a token never got one, also when its name lives again', () => {
    const { tokens } = scriptedRun([
      states(1, fact.asked('r1')),
      states(1, fact.containerEnded('default/web')),
      states(1, fact.asked('r2'), fact.answered('r2', { since: 2_000_000 as Moment })),
    ]).report();
    expect(tokens).toMatchObject({ neverServed: 1, answered: 1, pending: 1 });
  });

  test('the trace is kept from the start of the earliest open wait, at least 5 min and at most 1 h back', () => {
    const { measures } = scriptedRun([states(1_000, fact.asked('r1', { startedAt: 900_000_000 as Moment }))]);
    const { open } = measures.observed.tokens;
    expect(open.earliest(seconds(1_000) as never)).toBe(700_000_000);
    expect(open.earliest(seconds(2_000) as never)).toBe(900_000_000);
    expect(open.earliest(seconds(9_000) as never)).toBe(5_400_000_000);
  });
});

describe('classes of a histogram', () => {
  // Claim: every duration falls in the one class that covers it, and empty ends are left out.
  property.prop([fc.array(fc.integer({ min: 0, max: 20_000_000_000 }), { minLength: 1 })])('cover each duration once', (values) => {
    const counts = new ClassCounts();
    for (const value of values) counts.add(value);
    const classes = counts.classes();
    for (const { fromUs, belowUs, count } of classes) {
      expect(values.filter((value) => value >= fromUs && value < (belowUs ?? Infinity))).toHaveLength(count);
    }
    expect(classes.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
    expect([classes[0]?.count, classes.at(-1)?.count]).not.toContain(0);
    expect([...CLASS_ENDS]).toEqual([...CLASS_ENDS].sort((a, b) => a - b));
  });
});
