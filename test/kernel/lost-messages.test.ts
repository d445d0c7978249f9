/** What a sender hears of a message that a fault drops; with toy actors only. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/kernel/time.ts';
import { toyActor, toyRun, toyWorld } from '../support/toy-world.ts';
import type { ToyMessage } from '../support/toy-world.ts';

type Of<K extends ToyMessage['type']> = Extract<ToyMessage, { readonly type: K }>;

const server = toyActor<object, Of<'Ping'>>({
  kind: 'server',
  initial: () => ({}),
  handlers: {
    Ping: (_state, message, turn) => {
      turn.reply({ type: 'Pong', n: message.n });
    },
  },
});

describe('a message that the network loses', () => {
  it('is heard of by its sender, so much later, where it wants to be told', () => {
    const sender = toyActor<object, Of<'Start' | 'Refused'>>({
      kind: 'sender',
      initial: () => ({}),
      handlers: {
        Start: (_state, _message, turn) => {
          turn.inject({ id: 'cut', to: 'server', action: { kind: 'drop' } });
          turn.setTimer('go', seconds(1), { type: 'Refused' }, { label: 'pause' });
        },
        Refused: (_state, _message, turn) => {
          turn.fact({ type: 'seen', what: 'told', n: turn.now });
          if (turn.now > seconds(1)) return;
          turn.send('server', { type: 'Ping', n: 1 });
          turn.send('server', { type: 'Ping', n: 2 }, { ifDropped: { message: { type: 'Refused' }, after: seconds(900) } });
        },
      },
    });
    const { sim, facts } = toyRun(toyWorld([server, sender]));
    sim.add({ id: 'server', kind: 'server' });
    sim.add({ id: 'sender/a', kind: 'sender' }, { type: 'Start' });
    sim.run();
    expect(facts.map(({ at }) => Math.floor(at / seconds(1)))).toEqual([1, 901]);
  });
});
