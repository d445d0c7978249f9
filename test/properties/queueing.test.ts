/**
 * Claim: queues built from actors, timers and draws behave as theory says. Method: M/M/1, M/M/c and M/G/1 on the kernel; the mean time in
 * system over independent runs lies, with its 99 % interval, on the closed form; and Little's law holds in every run.
 */
import { describe, expect, it } from 'vitest';
import { moment, seconds } from '../../src/kernel/time.ts';
import type { Duration } from '../../src/kernel/time.ts';
import type { Sampler } from '../../src/kernel/random.ts';
import { toyActor, toyRun, toyWorld } from '../support/toy-world.ts';
import type { ToyMessage } from '../support/toy-world.ts';

type Of<K extends ToyMessage['type']> = Extract<ToyMessage, { readonly type: K }>;

interface Station {
  waiting: number[];
  busy: number;
  arrived: number;
}

/** `hop` is the time between arrivals, `service` the service; Tick n >= 0 ends the service of customer n, -1 is an arrival. */
function station(servers: number): ReturnType<typeof toyActor<Station, Of<'Start' | 'Tick'>>> {
  return toyActor<Station, Of<'Start' | 'Tick'>>({
    kind: 'station',
    initial: () => ({ waiting: [], busy: 0, arrived: 0 }),
    handlers: {
      Start: (_state, _message, turn) => {
        turn.setTimer('arrival', turn.draw('hop', 'arrivals'), { type: 'Tick', n: -1 }, { label: 'arrival' });
      },
      Tick: (state, { n }, turn) => {
        if (n < 0) {
          state.waiting.push(state.arrived);
          turn.fact({ type: 'seen', what: 'in', n: state.arrived });
          state.arrived += 1;
          turn.setTimer('arrival', turn.draw('hop', 'arrivals'), { type: 'Tick', n: -1 }, { label: 'arrival' });
        } else {
          state.busy -= 1;
          turn.fact({ type: 'seen', what: 'out', n });
        }
        while (state.busy < servers) {
          const next = state.waiting.shift();
          if (next === undefined) return;
          state.busy += 1;
          const service: Duration = turn.draw('service', 'services');
          turn.setTimer(`service ${String(next)}`, service, { type: 'Tick', n: next }, { label: 'service' });
        }
      },
    },
  });
}

/** Mean time in system [s] of those who left between warm-up and end, and the gap of Little's law L - lambda W, relative. */
function measure(
  servers: number,
  knobs: { readonly hop: Sampler; readonly service: Sampler },
  seed: string,
): { readonly w: number; readonly gap: number } {
  const end = 40_000;
  const { sim, facts } = toyRun(toyWorld([station(servers)], knobs), { seed, mode: 'fast', horizon: moment(seconds(end)) });
  sim.add({ id: 'station', kind: 'station' }, { type: 'Start' });
  sim.run();
  const entered = new Map<number, number>();
  let sum = 0;
  let left = 0;
  let area = 0;
  let inside = 0;
  let last = 0;
  for (const { at, fact } of facts) {
    area += (inside * (at - last)) / 1e6;
    last = at;
    if (fact.what === 'in') {
      inside += 1;
      entered.set(fact.n, at);
    } else {
      inside -= 1;
      sum += (at - (entered.get(fact.n) ?? at)) / 1e6;
      left += 1;
      entered.delete(fact.n);
    }
  }
  const still = [...entered.values()].reduce((total, at) => total + (last - at) / 1e6, 0);
  return { w: sum / left, gap: Math.abs(area - (sum + still)) / area };
}

const RUNS = 12;
/** Two-sided 99 % quantile of Student's t with 11 degrees of freedom. */
const T99 = 3.106;

function interval(
  servers: number,
  knobs: { readonly hop: Sampler; readonly service: Sampler },
): { readonly low: number; readonly high: number } {
  const values: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { w, gap } = measure(servers, knobs, `queue ${String(run)}`);
    expect(gap).toBeLessThan(1e-9);
    values.push(w);
  }
  const mean = values.reduce((a, b) => a + b, 0) / RUNS;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (RUNS - 1);
  const half = T99 * Math.sqrt(variance / RUNS);
  expect(half / mean).toBeLessThan(0.12);
  return { low: mean - half, high: mean + half };
}

function exponential(mean: number): Sampler {
  return { kind: 'exponential', mean: mean * 1e6 };
}

describe('queues on the kernel', () => {
  it('M/M/1 with rho = 0.7: mean time in system 1 / (mu - lambda) = 10/3 s', () => {
    const { low, high } = interval(1, { hop: exponential(1 / 0.7), service: exponential(1) });
    expect(low).toBeLessThan(10 / 3);
    expect(high).toBeGreaterThan(10 / 3);
  });

  it('M/M/3 with rho = 0.8: Erlang C gives a mean time in system of 2.0787 s', () => {
    // Erlang C for c = 3, a = 2.4: C = 0.6472; W = C / (c mu - lambda) + 1 / mu = 0.6472 / 0.6 + 1.
    const a = 2.4;
    const top = (a ** 3 / 6) * (3 / (3 - a));
    const c = top / (1 + a + a ** 2 / 2 + top);
    const w = c / (3 - a) + 1;
    expect(w).toBeCloseTo(2.0787, 3);
    const { low, high } = interval(3, { hop: exponential(1 / 2.4), service: exponential(1) });
    expect(low).toBeLessThan(w);
    expect(high).toBeGreaterThan(w);
  });

  it('M/G/1 with uniform service: Pollaczek-Khinchine', () => {
    // Service U(0.5, 1.5): mean 1, second moment 13/12; lambda = 0.7.
    const w = (0.7 * (13 / 12)) / (2 * 0.3) + 1;
    const { low, high } = interval(1, { hop: exponential(1 / 0.7), service: { kind: 'uniform', low: 0.5e6, high: 1.5e6 } });
    expect(low).toBeLessThan(w);
    expect(high).toBeGreaterThan(w);
  });
});
