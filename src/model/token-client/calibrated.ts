/**
 * A profile under a calibration: what the catalogue knows of a client by name takes the place of the row's own figure, so that a
 * what-if on a knob reaches the client it speaks of. Rows without knobs stay as they were read.
 */
import { micros, scaled } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { Turn } from '../vocabulary.ts';
import type { Profile, RetryLayer } from './profile.ts';
import { isProfileName, PROFILES } from './profiles.ts';
import type { ProfileName } from './profiles.ts';

/** Reads constants of the calibration. */
type Knobs = Pick<Turn, 'knob'>;

/** Profiles worked out so far, by whom they were asked through: a run has one turn and one calibration from beginning to end. */
const known = new WeakMap<Knobs, Map<string, Profile>>();

/** The client of that name as this world has it. Throws on an unknown name: a description lets none through. */
export function profileOf(name: string, knobs: Knobs): Profile {
  let profiles = known.get(knobs);
  if (profiles === undefined) known.set(knobs, (profiles = new Map<string, Profile>()));
  let profile = profiles.get(name);
  if (profile === undefined) profiles.set(name, (profile = calibrated(name, knobs)));
  return profile;
}

function calibrated(name: string, knobs: Knobs): Profile {
  if (!isProfileName(name)) throw new Error(`no token client is called ${name}`);
  const profile = withProbe(withMargins(PROFILES[name], knobs), knobs);
  return OVERLAYS[name]?.(profile, knobs) ?? profile;
}

const OVERLAYS: Partial<Record<ProfileName, (profile: Profile, knobs: Knobs) => Profile>> = {
  js414: (profile, knobs) => withLastLayer(profile, (layer) => azidentityJs(layer, knobs)),
  js414Chain: (profile, knobs) => withLastLayer(profile, (layer) => azidentityJs(layer, knobs)),
  msalGo: (profile, knobs) => withLastLayer(profile, (layer) => msalGo(layer, knobs)),
  adalGo: (profile, knobs) => ({
    ...withLastLayer(profile, (layer) => adal(layer, knobs)),
    connectTimeout: knobs.knob('adal.http.dialTimeout'),
  }),
  guidance: (profile, knobs) =>
    // The first of the documented waits comes before the first try: none.
    withLastLayer(withHttpTimeout(profile, knobs), (layer) => ({ ...layer, waits: knobs.knob('client.imds.guidance.delays').slice(1) })),
  naive: withHttpTimeout,
  headerless: withHttpTimeout,
};

/** Names of clients whose jitter is the knob `client.azidentityJs.retries.jitter`. */
export function drawsJitterOfJs(name: string): boolean {
  return name === 'js414' || name === 'js414Chain';
}

function azidentityJs(layer: RetryLayer, knobs: Knobs): RetryLayer {
  const count = knobs.knob('client.azidentityJs.retries.count');
  const factor = knobs.knob('client.azidentityJs.retries.factor');
  return {
    ...layer,
    waits: grown(knobs.knob('client.azidentityJs.retries.first'), factor, count),
    waitsOn410: grown(knobs.knob('client.azidentityJs.retries.firstOn410'), factor, count),
    cap: knobs.knob('client.azidentityJs.retries.cap'),
  };
}

function msalGo(layer: RetryLayer, knobs: Knobs): RetryLayer {
  const gap = knobs.knob('client.msalGo.retries.gap');
  return { ...layer, waits: Array.from({ length: knobs.knob('client.msalGo.retries.tries') - 1 }, () => gap) };
}

function withHttpTimeout(profile: Profile, knobs: Knobs): Profile {
  return { ...profile, tryTimeout: knobs.knob('client.http.timeout') };
}

function adal(layer: RetryLayer, knobs: Knobs): RetryLayer {
  const tries = knobs.knob('adal.imds.maxAttempts');
  const delays = knobs.knob('adal.imds.delays');
  const delay = (n: number): Duration => delays[Math.min(n, delays.length - 1)] ?? micros(0);
  return { ...layer, waits: Array.from({ length: tries - 1 }, (_, n) => delay(n)), sleepAfterLast: delay(tries - 1) };
}

/** The margin of every client that keeps five minutes is one knob. */
function withMargins(profile: Profile, knobs: Knobs): Profile {
  const margin = knobs.knob('client.token.expiryBuffer');
  const { keeping } = profile;
  const isMargin = (length: Duration): boolean => length === FIVE_MINUTES;
  return {
    ...profile,
    keeping: {
      ...keeping,
      unusableBefore: isMargin(keeping.unusableBefore) ? margin : keeping.unusableBefore,
      refreshBefore: isMargin(keeping.refreshBefore) ? margin : keeping.refreshBefore,
    },
  };
}

/** The time-out of every probe of a second is one knob; those of older clients, 0.3 s, are their own. */
function withProbe(profile: Profile, knobs: Knobs): Profile {
  const { probe } = profile;
  if (probe?.timeout !== ONE_SECOND) return profile;
  return { ...profile, probe: { ...probe, timeout: knobs.knob('client.imds.probeTimeout') } };
}

const ONE_SECOND = micros(1_000_000);
const FIVE_MINUTES = micros(300_000_000);

function withLastLayer(profile: Profile, change: (layer: RetryLayer) => RetryLayer): Profile {
  const last = profile.layers.at(-1);
  return last === undefined ? profile : { ...profile, layers: [...profile.layers.slice(0, -1), change(last)] };
}

function grown(first: Duration, factor: number, count: number): readonly Duration[] {
  const waits: Duration[] = [];
  for (let wait = first; waits.length < count; wait = scaled(wait, factor)) waits.push(wait);
  return waits;
}
