/** A small vocabulary for tests of the kernel: nothing of Azure in it. */
import type { AnyActorDefinition, Turn } from '../../src/kernel/actor.ts';
import { defineActor as define } from '../../src/kernel/actor.ts';
import type { ActorDefinition } from '../../src/kernel/actor.ts';
import type { LinkKind } from '../../src/kernel/network.ts';
import { sample } from '../../src/kernel/random.ts';
import type { Sampler } from '../../src/kernel/random.ts';
import { Simulation } from '../../src/kernel/simulation.ts';
import { seconds } from '../../src/kernel/time.ts';
import type { Duration } from '../../src/kernel/time.ts';
import type { RunOptions, StampedFact, WorldDefinition } from '../../src/kernel/world.ts';

export interface Row {
  readonly name: string;
  readonly group: string;
  readonly value: number;
}

export type ToyMessage =
  | { readonly type: 'Start' }
  | { readonly type: 'Ping'; readonly n: number }
  | { readonly type: 'Pong'; readonly n: number }
  | { readonly type: 'Tick'; readonly n: number }
  | { readonly type: 'Changed'; readonly table: string; readonly key: string; readonly change: string }
  | { readonly type: 'Refused' };

type ToyFact = { readonly type: 'seen'; readonly what: string; readonly n: number };

export interface Toy {
  readonly message: ToyMessage;
  readonly fact: ToyFact;
  readonly tables: { readonly things: Row; readonly exact: Row };
  readonly knobs: { readonly hop: Duration; readonly lag: Duration; readonly service: Duration };
}

export type ToyTurn = Turn<Toy>;

/** Distributions of the toy world [µs]. */
export interface ToyKnobs {
  readonly hop: Sampler;
  readonly lag: Sampler;
  readonly service: Sampler;
}

const DEFAULTS: ToyKnobs = {
  hop: { kind: 'uniform', low: 100, high: 900 },
  lag: { kind: 'uniform', low: 1000, high: 400_000 },
  service: { kind: 'exponential', mean: 100_000 },
};

/** Writes a toy actor. */
export function toyActor<S extends object, In extends ToyMessage>(definition: ActorDefinition<Toy, S, In>): ActorDefinition<Toy, S, In> {
  return define<Toy, S, In>(definition);
}

/** A world of toy actors. */
export function toyWorld(actors: readonly AnyActorDefinition<Toy>[], knobs: Partial<ToyKnobs> = {}): WorldDefinition<Toy> {
  const samplers: ToyKnobs = { ...DEFAULTS, ...knobs };
  const fifo: LinkKind<Toy> = { name: 'line', latency: 'hop', order: 'fifo' };
  return {
    actors,
    tables: {
      things: {
        lag: 'watch',
        indexes: { group: (row) => row.group },
        watchable: ['group'],
        projections: { parity: (row) => String(row.value % 2) },
      },
      exact: { lag: 'none', indexes: { group: (row) => row.group } },
    },
    linkOf: () => fifo,
    knobs: {
      value: (name) => Math.round(sample(samplers[name], 0.5)) as never,
      sample: (name, u) => Math.round(sample(samplers[name], u)) as never,
    },
    watchLag: 'lag',
    longestWatchLag: seconds(1),
    watchLabel: 'watch',
    wakeUp: ({ table, key, change }) => ({ type: 'Changed', table, key, change }),
    answerTo: (request, template) => ('n' in request && 'n' in template ? { ...template, n: request.n } : template),
  };
}

/** A run of a toy world with all its facts at hand. */
export function toyRun(
  world: WorldDefinition<Toy>,
  options: Partial<RunOptions> = {},
): { readonly sim: Simulation<Toy>; readonly facts: StampedFact<Toy>[] } {
  const sim = new Simulation<Toy>(world, { seed: 'toy', ...options });
  const facts: StampedFact<Toy>[] = [];
  sim.observe({ onFact: (fact) => facts.push(fact) });
  return { sim, facts };
}
