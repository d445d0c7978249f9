/** What streams suffer in a world, from its knobs. */
import type { Draws } from './draws.ts';
import { mix } from './random.ts';
import type { StreamTrouble } from './silences.ts';
import type { Duration } from './time.ts';
import type { Vocabulary } from './vocabulary.ts';
import type { WorldDefinition } from './world.ts';

/** So near to 1 that no draw of a run lies above. */
const ALMOST_ONE = 1 - 1e-9;

/** Reads the knobs that a world names for it. */
export function troubleOf<V extends Vocabulary>(world: WorldDefinition<V>, draws: Draws<V>): StreamTrouble {
  const { streams, knobs } = world;
  if (streams === undefined) return UNTROUBLED;
  const longestSession = Number(knobs.sample(streams.session, ALMOST_ONE));
  const longestSilence = Number(knobs.sample(streams.silence, ALMOST_ONE));
  const longestReread = Number(knobs.sample(streams.reread, ALMOST_ONE));
  return {
    idleLimit: knobs.value(streams.idleLimit) as unknown as Duration,
    canIdle: (watcher) => streams.canIdle(watcher),
    memory: knobs.value(streams.memory) as unknown as Duration,
    mayLose: Number(knobs.sample(streams.loss, 1e-9)) + Number(knobs.sample(streams.loss, ALMOST_ONE)) > 0,
    longest: (Math.max(longestSession, longestSilence) + longestReread) as Duration,
    sessionOf: (stream, n) => Math.min(longestSession, draws.ofStream(streams.session, stream, n)) as Duration,
    silenceOf: (stream, n) => Math.min(longestSilence, draws.ofStream(streams.silence, stream, n)) as Duration,
    rereadOf: (stream, n) => Math.min(longestReread, draws.ofStream(streams.reread, stream, n)) as Duration,
    isLost: (stream, entry) => draws.ofStream(streams.loss, mix(stream, entry), 0) === 1,
  };
}

const UNTROUBLED: StreamTrouble = {
  idleLimit: 0 as Duration,
  canIdle: () => false,
  memory: 0 as Duration,
  mayLose: false,
  longest: 0 as Duration,
  sessionOf: () => 0 as Duration,
  silenceOf: () => 0 as Duration,
  rereadOf: () => 0 as Duration,
  isLost: () => false,
};
