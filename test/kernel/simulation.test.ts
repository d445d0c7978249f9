/** The loop: order, delivery, timers, failures, snapshots; with toy actors only. */
import { describe, expect, it } from 'vitest';
import { ORIGIN, moment, seconds } from '../../src/kernel/time.ts';
import { SimulationError } from '../../src/kernel/world.ts';
import { toyActor, toyRun, toyWorld } from '../support/toy-world.ts';
import type { ToyMessage, ToyTurn } from '../support/toy-world.ts';

interface Counter {
  count: number;
}

type Of<K extends ToyMessage['type']> = Extract<ToyMessage, { readonly type: K }>;

const server = toyActor<Counter, Of<'Ping'>>({
  kind: 'server',
  initial: () => ({ count: 0 }),
  handlers: {
    Ping: (state, message, turn) => {
      state.count += 1;
      turn.reply({ type: 'Pong', n: message.n }, { after: turn.draw('service', turn.from), label: 'service' });
    },
  },
});

const client = toyActor<Counter, Of<'Start' | 'Pong' | 'Tick' | 'Refused'>>({
  kind: 'client',
  initial: () => ({ count: 0 }),
  handlers: {
    Start: (_state, _message, turn) => {
      turn.setTimer('tick', seconds(1), { type: 'Tick', n: 0 }, { label: 'pause' });
    },
    Tick: (_state, message, turn) => {
      turn.send('server', { type: 'Ping', n: message.n }, { ifAbsent: { type: 'Refused' } });
    },
    Pong: (state, message, turn) => {
      state.count += 1;
      turn.fact({ type: 'seen', what: turn.self, n: message.n });
      if (message.n < 9) turn.setTimer('tick', seconds(1), { type: 'Tick', n: message.n + 1 }, { label: 'pause' });
    },
    Refused: (_state, _message, turn) => {
      turn.fact({ type: 'seen', what: 'refused', n: -1 });
    },
  },
});

function pingPong(options: Parameters<typeof toyRun>[1] = {}, order: readonly string[] = ['a', 'b', 'c']): ReturnType<typeof toyRun> {
  const run = toyRun(toyWorld([server, client]), options);
  run.sim.add({ id: 'server', kind: 'server' });
  for (const name of order) run.sim.add({ id: `client/${name}`, kind: 'client' }, { type: 'Start' });
  return run;
}

describe('a run', () => {
  it('delivers 3 starts, 30 ticks, 30 pings and 30 pongs, and then rests', () => {
    const { sim, facts } = pingPong();
    const outcome = sim.run();
    expect(outcome.ended).toBe('quiescent');
    expect(outcome.events).toBe(93);
    expect(facts).toHaveLength(30);
  });

  it('has one fingerprint in recorded and fast mode, and with actors added in another order', () => {
    const fingerprints = [pingPong(), pingPong({ mode: 'fast' }), pingPong({}, ['c', 'a', 'b'])].map(({ sim }) => sim.run().fingerprint);
    expect(new Set(fingerprints).size).toBe(1);
    expect(pingPong({ seed: 'other' }).sim.run().fingerprint).not.toBe(fingerprints[0]);
  });

  it('delivers events at exactly the horizon and none after it', () => {
    const { sim } = pingPong({ horizon: moment(seconds(1)) });
    const outcome = sim.run();
    expect(outcome).toMatchObject({ ended: 'horizon', at: seconds(1), events: 6 });
  });

  it('stops at the event budget and says so', () => {
    expect(pingPong({ budget: 10 }).sim.run()).toMatchObject({ ended: 'budget', events: 10 });
  });

  it('lets one client draw the same whatever the others do', () => {
    const timesOf = (names: readonly string[]): readonly number[] => {
      const { sim, facts } = pingPong({}, names);
      sim.run();
      return facts.filter((fact) => fact.fact.what === 'client/a').map((fact) => fact.at);
    };
    expect(timesOf(['a', 'b', 'c'])).toEqual(timesOf(['a']));
  });
});

describe('going back', () => {
  it.each(['recorded', 'fast'] as const)('to a snapshot taken at any event leads to the same end (%s)', (mode) => {
    const whole = pingPong({ mode }).sim.run();
    for (let at = 0; at < whole.events; at += 7) {
      const { sim } = pingPong({ mode });
      sim.run({ events: at });
      const snapshot = sim.snapshot();
      sim.run();
      sim.restore(snapshot);
      expect(sim.events).toBe(at);
      expect(sim.run()).toEqual(whole);
    }
  });
});

describe('what goes wrong', () => {
  it('names the actor and the message when there is no handler', () => {
    const { sim } = toyRun(toyWorld([server]));
    sim.add({ id: 'server', kind: 'server' }, { type: 'Start' });
    expect(() => sim.run()).toThrow(/server refuses Start.*seed toy, event 0/);
  });

  it('wraps a throw with seed, event, time and actor', () => {
    const bad = toyActor<object, Of<'Start'>>({
      kind: 'bad',
      initial: () => ({}),
      handlers: {
        Start: () => {
          throw new Error('broken');
        },
      },
    });
    const { sim } = toyRun(toyWorld([bad]));
    sim.add({ id: 'bad', kind: 'bad' }, { type: 'Start' });
    expect(() => sim.run()).toThrow(SimulationError);
  });

  it('refuses, with its path, a piece of the slice in a message', () => {
    const leaky = toyActor<{ inner: { n: number } }, Of<'Start'>>({
      kind: 'leaky',
      initial: () => ({ inner: { n: 1 } }),
      handlers: {
        Start: (state, _message, turn) => {
          turn.table('exact').put('x', { name: 'x', group: 'g', value: state.inner as unknown as number });
        },
      },
    });
    const { sim } = toyRun(toyWorld([leaky]));
    sim.add({ id: 'leaky', kind: 'leaky' }, { type: 'Start' });
    expect(() => sim.run()).toThrow(/leaves it at exact\/x|value/);
  });

  it('bounces a message to nobody back to its sender', () => {
    const { sim, facts } = toyRun(toyWorld([client]));
    sim.add({ id: 'client/a', kind: 'client' }, { type: 'Start' });
    sim.run();
    expect(facts.map((fact) => fact.fact.what)).toEqual(['refused']);
  });
});

describe('a causal trace', () => {
  it('divides a round trip into pause, line and service, exactly', () => {
    const { sim, facts } = pingPong({}, ['a']);
    sim.run();
    const [first] = facts;
    if (first === undefined) throw new Error('no fact');
    const parts = sim.trace.divide(first.event, ORIGIN);
    expect(parts.map((part) => part.label)).toEqual(['pause', 'line', 'service', 'line']);
    expect(parts.reduce((sum, part) => sum + (part.to - part.from), 0)).toBe(first.at);
  });
});

interface Watcher {
  seen: string[];
}

const writer = toyActor<Counter, Of<'Start' | 'Tick'>>({
  kind: 'writer',
  initial: () => ({ count: 0 }),
  handlers: {
    Start: (_state, _message, turn) => {
      turn.setTimer('write', seconds(2), { type: 'Tick', n: 1 }, { label: 'pause' });
    },
    Tick: (state, message, turn) => {
      state.count += 1;
      turn.table('things').put('thing', { name: 'thing', group: message.n % 3 === 0 ? 'other' : 'mine', value: message.n });
      if (message.n < 12) turn.setTimer('write', seconds(0.2), { type: 'Tick', n: message.n + 1 }, { label: 'pause' });
    },
  },
});

function watcher(onStart: (turn: ToyTurn) => void): ReturnType<typeof toyActor<Watcher, Of<'Start' | 'Changed' | 'Tick'>>> {
  return toyActor<Watcher, Of<'Start' | 'Changed' | 'Tick'>>({
    kind: 'watcher',
    initial: () => ({ seen: [] }),
    handlers: {
      Start: (_state, _message, turn) => {
        onStart(turn);
      },
      Changed: (state, message, turn) => {
        const view = turn.informer('things').revision('thing');
        state.seen.push(`${message.change}:${String(view?.value.value ?? -1)}`);
        turn.fact({ type: 'seen', what: message.change, n: turn.now });
        if (view !== undefined && view.arrivedAt > turn.now) throw new Error('a view shows what has not arrived');
      },
      Tick: (_state, message, turn) => {
        turn.fact({ type: 'seen', what: `tick ${String(message.n)}`, n: turn.informer('things').get('thing')?.value ?? -1 });
      },
    },
  });
}

describe('a watch', () => {
  it('wakes its owner once per change, in order, late, with a view that knows exactly as much', () => {
    const run = toyRun(toyWorld([writer, watcher((turn) => turn.watch('things'))]));
    run.sim.add({ id: 'writer', kind: 'writer' }, { type: 'Start' });
    run.sim.add({ id: 'watcher', kind: 'watcher' }, { type: 'Start' });
    run.sim.run();
    expect(run.facts).toHaveLength(12);
    const state = run.sim.stateOf('watcher') as Watcher;
    expect(state.seen.at(-1)).toBe('modified:12');
    expect(state.seen[0]).toMatch(/^added:/);
    const values = state.seen.map((text) => Number(text.split(':')[1]));
    expect(values).toEqual([...values].sort((a, b) => a - b));
  });

  it('with a projection wakes only when that changes, and holds everything back while frozen', () => {
    const run = toyRun(
      toyWorld([
        writer,
        watcher((turn) => {
          turn.watch('things', { projection: 'parity', partition: { index: 'group', value: 'mine' } });
          turn.stall('watcher', 'things', 'frozen');
          turn.setTimer('look', seconds(6), { type: 'Tick', n: 1 }, { label: 'pause' });
        }),
      ]),
    );
    run.sim.add({ id: 'writer', kind: 'writer' }, { type: 'Start' });
    run.sim.add({ id: 'watcher', kind: 'watcher' }, { type: 'Start' });
    run.sim.run();
    expect(run.facts.map(({ fact }) => [fact.what, fact.n])).toEqual([['tick 1', -1]]);
  });

  it.each(['frozen', 'flowing'] as const)('that is %s tells who looks on since when it is late', (state) => {
    const run = toyRun(
      toyWorld([
        writer,
        watcher((turn) => {
          turn.stall('watcher', 'things', state);
          turn.setTimer('look', seconds(60), { type: 'Tick', n: 1 }, { label: 'pause' });
        }),
      ]),
    );
    const written: number[] = [];
    run.sim.observe({ onWrite: (_table, entry) => written.push(entry.at) });
    run.sim.add({ id: 'writer', kind: 'writer' }, { type: 'Start' });
    run.sim.add({ id: 'watcher', kind: 'watcher' }, { type: 'Start' });
    run.sim.run();
    expect(run.sim.unseenSince('watcher', 'things')).toBe(state === 'frozen' ? written[0] : undefined);
    expect(run.sim.unseenSince('nobody', 'things')).toBeUndefined();
    expect(run.sim.knob('hop')).toBe(500);
  });
});

describe('an actor that ended', () => {
  const mortal = toyActor<Counter, Of<'Start' | 'Ping'>>({
    kind: 'mortal',
    initial: () => ({ count: 0 }),
    handlers: {
      Start: (_state, _message, turn) => {
        if (turn.self !== 'undertaker') return;
        turn.send('victim', { type: 'Ping', n: 1 });
        turn.stop('victim');
      },
      Ping: (_state, _message, turn) => {
        turn.fact({ type: 'seen', what: 'a dead actor heard it', n: 0 });
      },
    },
  });

  it('gets nothing that was under way to it, and its heir of the same name neither', () => {
    const { sim, facts } = toyRun(toyWorld([mortal]));
    sim.add({ id: 'victim', kind: 'mortal' });
    sim.add({ id: 'undertaker', kind: 'mortal' }, { type: 'Start' });
    const losses: string[] = [];
    sim.observe({
      onLoss: ({ type, why }) => {
        losses.push(`${type} ${why}`);
      },
    });
    expect(sim.run()).toMatchObject({ ended: 'quiescent', events: 1 });
    expect(facts).toEqual([]);
    expect(losses).toEqual(['Ping absent']);
  });
});
