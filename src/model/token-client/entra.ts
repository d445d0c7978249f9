/**
 * A token client that asks Entra itself with a secret or a service-account token: no probe, the retries of the Azure SDKs' HTTP
 * pipeline, and the way of keeping tokens that the client has anyway.
 *
 * Follows the default retry policy of the Azure SDKs (three retries after 0.8, 1.6 and 3.2 s on 408, 429 and 5xx). Simplified: one
 * policy for all languages.
 */
import { millis, seconds } from '../../kernel/time.ts';
import type { Profile, RetryLayer } from './profile.ts';

const PIPELINE: RetryLayer = {
  statuses: [408, 429, 500, 502, 503, 504],
  statusesWithRetryAfter: [],
  connection: 'retried',
  waits: [millis(800), millis(1600), millis(3200)],
  jitter: { low: 0.8, high: 1.3 },
  cap: seconds(60),
  retryAfter: { cap: seconds(60) },
};

const known = new WeakMap<Profile, Profile>();

/** The profile of the same client where it asks Entra. */
export function entraProfile(profile: Profile): Profile {
  let made = known.get(profile);
  if (made === undefined) {
    const { title, keeping } = profile;
    made = { title, keeping, failedProbe: 'forgotten', tryTimeout: seconds(60), layers: [PIPELINE] };
    known.set(profile, made);
  }
  return made;
}
