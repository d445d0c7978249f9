/** Frozen actors: what waits for them, in which order it comes, and what a snapshot keeps of it. */
import { describe, expect, it } from 'vitest';
import { millis, seconds } from '../../src/kernel/time.ts';
import { toyActor, toyRun, toyWorld } from '../support/toy-world.ts';
import type { ToyMessage } from '../support/toy-world.ts';

type Of<K extends ToyMessage['type']> = Extract<ToyMessage, { readonly type: K }>;

/** Ticks every second for ever; a ping of 99 cancels the tick. Says what it hears. */
const process = toyActor<{ heard: number }, Of<'Start' | 'Ping' | 'Tick'>>({
  kind: 'process',
  initial: () => ({ heard: 0 }),
  handlers: {
    Start: (_state, _message, turn) => {
      turn.setTimer('tick', seconds(1), { type: 'Tick', n: 1 }, { label: 'pause' });
    },
    Ping: (state, { n }, turn) => {
      state.heard += 1;
      if (n === 99) turn.cancelTimer('tick');
      turn.fact({ type: 'seen', what: 'ping', n });
    },
    Tick: (state, { n }, turn) => {
      state.heard += 1;
      turn.fact({ type: 'seen', what: 'tick', n });
      turn.setTimer('tick', seconds(1), { type: 'Tick', n: n + 1 }, { label: 'pause' });
    },
  },
});

/** Freezes the process from 1.5 s to 4.5 s; meanwhile two senders ping it. */
const hand = toyActor<{ done: number }, Of<'Start' | 'Tick'>>({
  kind: 'hand',
  initial: () => ({ done: 0 }),
  handlers: {
    Start: (_state, _message, turn) => {
      turn.setTimer('freeze', millis(1500), { type: 'Tick', n: 0 }, { label: 'pause' });
      turn.setTimer('thaw', millis(4500), { type: 'Tick', n: 1 }, { label: 'pause' });
    },
    Tick: (_state, { n }, turn) => {
      turn.freeze('process', n === 0 ? 'frozen' : 'running');
    },
  },
});

const sender = toyActor<{ sent: number }, Of<'Start' | 'Tick'>>({
  kind: 'sender',
  initial: () => ({ sent: 0 }),
  handlers: {
    Start: (_state, _message, turn) => {
      const pings =
        turn.self === 'sender/a' ? ([3000, 31, 1700, 11] as const) : ([2500, turn.self === 'sender/c' ? 99 : 22, 1600, 12] as const);
      turn.setTimer('one', millis(pings[0]), { type: 'Tick', n: pings[1] }, { label: 'pause' });
      turn.setTimer('two', millis(pings[2]), { type: 'Tick', n: pings[3] }, { label: 'pause' });
    },
    Tick: (_state, { n }, turn) => {
      turn.send('process', { type: 'Ping', n });
    },
  },
});

function run(senders: readonly string[], options: Parameters<typeof toyRun>[1] = {}): ReturnType<typeof toyRun> {
  const toy = toyRun(toyWorld([process, hand, sender]), { horizon: seconds(6) as never, ...options });
  toy.sim.add({ id: 'process', kind: 'process' }, { type: 'Start' });
  toy.sim.add({ id: 'hand', kind: 'hand' }, { type: 'Start' });
  for (const id of senders) toy.sim.add({ id, kind: 'sender' }, { type: 'Start' });
  return toy;
}

const heard = ({ facts }: ReturnType<typeof toyRun>): readonly string[] =>
  facts.map(({ at, fact }) => `${String(at / 1e6)} ${fact.what} ${String(fact.n)}`);

describe('a frozen actor', () => {
  it.each(['fixed', 'shuffled'] as const)(
    'hears on thawing all that came meanwhile, at once and in the order in which it came (ties %s)',
    (ties) => {
      const toy = run(['sender/a', 'sender/b'], { ties });
      toy.sim.run();
      expect(heard(toy).map((line) => line.replace(/^4\.5\d*/, '4.5'))).toEqual([
        '1 tick 1',
        ...['ping 12', 'ping 11', 'tick 2', 'ping 22', 'ping 31'].map((what) => `4.5 ${what}`),
        '5.5 tick 3',
      ]);
    },
  );

  it('can still cancel a timer that came due while it was frozen, if what tells it to came first', () => {
    const early = toyActor<{ sent: number }, Of<'Start' | 'Tick'>>({
      kind: 'early',
      initial: () => ({ sent: 0 }),
      handlers: {
        Start: (_state, _message, turn) => {
          turn.setTimer('one', millis(1700), { type: 'Tick', n: 99 }, { label: 'pause' });
        },
        Tick: (_state, { n }, turn) => {
          turn.send('process', { type: 'Ping', n });
        },
      },
    });
    const toy = toyRun(toyWorld([process, hand, early]), { horizon: seconds(6) as never });
    toy.sim.add({ id: 'process', kind: 'process' }, { type: 'Start' });
    toy.sim.add({ id: 'hand', kind: 'hand' }, { type: 'Start' });
    toy.sim.add({ id: 'early', kind: 'early' }, { type: 'Start' });
    toy.sim.run();
    expect(heard(toy)).toEqual(['1 tick 1', '4.5 ping 99']);
  });

  it.each(['recorded', 'fast'] as const)('is as it was after going back to a snapshot of any event (%s)', (mode) => {
    const straight = run(['sender/a', 'sender/b', 'sender/c'], { mode });
    const whole = straight.sim.run();
    for (let at = 0; at < whole.events; at += 1) {
      const { sim } = run(['sender/a', 'sender/b', 'sender/c'], { mode });
      sim.run({ events: at });
      const snapshot = sim.snapshot();
      sim.run();
      sim.restore(snapshot);
      expect(sim.run()).toEqual(whole);
    }
  });
});
