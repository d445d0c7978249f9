/**
 * Claim: a parked timer states the same facts at the same moments as the naive timer that fires every period, whatever changes when,
 * with whatever watch lag; and it delivers fewer events. Method: the same random world run with parking on and off.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { micros, millis, moment, seconds } from '../../src/kernel/time.ts';
import { toyActor, toyRun, toyWorld } from '../support/toy-world.ts';
import type { ToyMessage } from '../support/toy-world.ts';

type Of<K extends ToyMessage['type']> = Extract<ToyMessage, { readonly type: K }>;

interface Checker {
  known: number;
}

/** Looks at its view of a thing every second and says so when it has changed. */
const checker = toyActor<Checker, Of<'Start' | 'Tick'>>({
  kind: 'checker',
  initial: () => ({ known: -1 }),
  handlers: {
    Start: (_state, _message, turn) => {
      turn.park(
        'check',
        { type: 'Tick', n: 0 },
        {
          period: seconds(1),
          first: millis(137),
          inputs: [{ table: 'things', partition: { index: 'group', value: 'mine' } }],
          label: 'check',
        },
      );
    },
    Tick: (state, _message, turn) => {
      const value = turn.informer('things', { index: 'group', value: 'mine' }).get('thing')?.value ?? -1;
      if (value === state.known) return;
      state.known = value;
      turn.fact({ type: 'seen', what: String(turn.lastPhase('check')), n: value });
    },
  },
});

function writerOf(
  writes: readonly { readonly gap: number; readonly group: string }[],
): ReturnType<typeof toyActor<object, Of<'Start' | 'Tick'>>> {
  return toyActor<object, Of<'Start' | 'Tick'>>({
    kind: 'writer',
    initial: () => ({}),
    handlers: {
      Start: (_state, _message, turn) => {
        let at = 0;
        for (const [n, step] of writes.entries()) {
          at += step.gap;
          turn.setTimer(`write ${String(n)}`, millis(at), { type: 'Tick', n }, { label: 'pause' });
        }
      },
      Tick: (_state, { n }, turn) => {
        turn.table('things').put('thing', { name: 'thing', group: writes[n]?.group ?? 'mine', value: n });
      },
    },
  });
}

function run(
  writes: readonly { readonly gap: number; readonly group: string }[],
  parking: 'on' | 'off',
): { readonly facts: readonly unknown[]; readonly events: number } {
  const { sim, facts } = toyRun(toyWorld([checker, writerOf(writes)]), { parking, horizon: moment(seconds(120)) });
  sim.add({ id: 'checker', kind: 'checker' }, { type: 'Start' });
  sim.add({ id: 'writer', kind: 'writer' }, { type: 'Start' });
  let events = 0;
  sim.observe({
    onDelivery: () => {
      events += 1;
    },
  });
  sim.run();
  return { facts: facts.map((fact) => [fact.at, fact.fact]), events };
}

describe('a parked timer', () => {
  it('states what the naive one states', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap: fc.integer({ min: 0, max: 20_000 }), group: fc.constantFrom('mine', 'other') }), { maxLength: 12 }),
        (writes) => {
          expect(run(writes, 'on').facts).toEqual(run(writes, 'off').facts);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('costs no event while nothing changes: 2 starts in 120 s', () => {
    expect(run([], 'on').events).toBe(2);
  });

  it('keeps its phase: after a change at 50.2 s the next look is at 51.137 s', () => {
    const { facts } = run([{ gap: 50_200, group: 'mine' }], 'on');
    expect(facts).toEqual([[51_137_000, { type: 'seen', what: '51137000', n: 0 }]]);
  });
});

const sleeper = toyActor<object, Of<'Start' | 'Tick'>>({
  kind: 'sleeper',
  initial: () => ({}),
  handlers: {
    Start: (_state, _message, turn) => {
      turn.park(
        'renew',
        { type: 'Tick', n: 0 },
        { period: micros(3_750_000), inputs: [{ actor: 'peer' }, { links: 'peer' }], label: 'renew', start: 'quiet' },
      );
    },
    Tick: (_state, _message, turn) => {
      if (!turn.isAlive('peer')) turn.fact({ type: 'seen', what: 'peer is gone', n: turn.now });
    },
  },
});

const killer = toyActor<object, Of<'Start' | 'Tick'>>({
  kind: 'killer',
  initial: () => ({}),
  handlers: {
    Start: (_state, _message, turn) => {
      turn.setTimer('kill', seconds(100), { type: 'Tick', n: 0 }, { label: 'pause' });
    },
    Tick: (_state, _message, turn) => {
      turn.stop('peer');
    },
  },
});

describe('a standing exchange', () => {
  it('is silent for 100 s and turns into an event at the first phase point after its peer died', () => {
    const { sim, facts } = toyRun(toyWorld([sleeper, killer]), { horizon: moment(seconds(104)) });
    for (const kind of ['sleeper', 'killer']) sim.add({ id: kind, kind }, { type: 'Start' });
    sim.add({ id: 'peer', kind: 'killer' });
    const outcome = sim.run();
    expect(facts.map((fact) => fact.at)).toEqual([101_250_000]);
    expect(outcome.events).toBe(4);
  });
});
