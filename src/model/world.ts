/** The domain as the kernel needs it: tables, links, knobs, and the two messages the kernel itself can say. */
import type { AnyActorDefinition } from '../kernel/actor.ts';
import { seconds } from '../kernel/time.ts';
import type { KnobSource, WorldDefinition } from '../kernel/world.ts';
import { catalogue } from './calibration/index.ts';
import type { Calibration, DurationKnobName, NumberKnobName } from './calibration/index.ts';
import { linkOf } from './links.ts';
import type { Message } from './messages/index.ts';
import { TABLES } from './tables.ts';
import type { Identity } from './vocabulary.ts';

/** `watch.latency` is truncated here (platform.md: at most 10 s). */
const LONGEST_WATCH_LAG = seconds(10);

/** Knob of the time for which a half-open watch stays unnoticed, by what ends it. */
const SILENCE = { session: 'watch.timeout', network: 'net.deadConnection', ping: 'watch.idleDetect' } as const;

/** A world of these actors under this calibration. */
export function identityWorld(actors: readonly AnyActorDefinition<Identity>[], calibration: Calibration): WorldDefinition<Identity> {
  return {
    actors,
    tables: TABLES,
    linkOf,
    knobs: knobSource(calibration),
    watchLag: 'watch.latency',
    longestWatchLag: LONGEST_WATCH_LAG,
    streams: {
      idleLimit: 'watch.halfOpenAfterIdle',
      canIdle,
      session: 'watch.timeout',
      silence: SILENCE[calibration.value('watch.halfOpen.endedBy')],
      memory: 'etcd.history',
      reread: 'api.list.latency',
      loss: 'watch.lostEvent.prob',
    },
    watchLabel: 'watch',
    wakeUp: ({ table, key, change }) => ({ type: 'WatchEvent', table, key, change }),
    answerTo: (request, template) => ('request' in request ? ({ ...template, request: request.request } as Message) : template),
  };
}

/**
 * Watches travel with all other calls of their client on one HTTP/2 connection. A kubelet renews the lease of its node on it every 10 s,
 * and between the control plane and its own API server nothing forgets connections. Simplified: MIC's watches can go dead each for itself,
 * though its lease is renewed beside them.
 */
function canIdle(watcher: string): boolean {
  return !/^(?:kubelet\/|scheduler$|controller-manager$)/u.test(watcher);
}

/** Times are drawn in whole microseconds, probabilities as 0 or 1, numbers within the bounds of their knob. */
function knobSource(calibration: Calibration): KnobSource<Identity> {
  return {
    value: (name) => calibration.value(name) as never,
    sample: (name, u) => {
      const drawn =
        catalogue[name].kind === 'duration'
          ? calibration.sampleDuration(name as DurationKnobName, u)
          : calibration.sampleNumber(name as NumberKnobName, u);
      return drawn as never;
    },
  };
}
