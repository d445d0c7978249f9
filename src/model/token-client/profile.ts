/** What a token client is, as data: how it probes, how long a try may take, what it tries again and when, and how it keeps tokens. */
import type { Duration } from '../../kernel/time.ts';

/** A factor drawn evenly from a range. */
export interface Jitter {
  readonly low: number;
  readonly high: number;
}

/**
 * One layer of retries. Layers lie around each other: what an inner one passes on, the next outer one may try again, and then the inner
 * one starts anew.
 */
export interface RetryLayer {
  /** HTTP statuses it tries again. */
  readonly statuses: readonly number[];
  /** Statuses it tries again only where the answer says when (Retry-After). */
  readonly statusesWithRetryAfter: readonly number[];
  /** Whether it tries again after a failed connection, or after a try that ran out of time. */
  readonly connection: 'retried' | 'final';
  /** Waits before the first, second, … retry, before jitter [µs]; as many as it has retries. */
  readonly waits: readonly Duration[];
  /** The same after a 410, where it differs. */
  readonly waitsOn410?: readonly Duration[];
  /** Least wait after a 410. */
  readonly leastWaitOn410?: Duration;
  /** `prefix`: the wait is picked at random from those up to the present one. Default: in order. */
  readonly pick?: 'prefix';
  readonly jitter?: Jitter;
  /** Longest wait, jitter included. */
  readonly cap?: Duration;
  /** What it makes of Retry-After: waits that long instead, at most `cap`; or gives up where it is longer than `giveUpOver`. */
  readonly retryAfter: 'ignored' | { readonly cap?: Duration; readonly giveUpOver?: Duration };
  /** Wait after the last try, before it fails. */
  readonly sleepAfterLast?: Duration;
}

/** A first, short request that only asks whether there is an endpoint. */
export interface Probe {
  readonly when: 'always' | 'oncePerCredential';
  readonly timeout: Duration;
  /** Whether it names a resource; none sends the Metadata header. */
  readonly query: 'resource' | 'none';
}

/** How a client keeps a token. */
export interface Keeping {
  /** `none`: each use asks anew. */
  readonly cache: 'none' | 'kept';
  /** A token with less life left than this counts as used up. */
  readonly unusableBefore: Duration;
  /** A token with less life left than this is refreshed while it is still used. */
  readonly refreshBefore: Duration;
  /** Whether a long-lived token is refreshed at half of its life. */
  readonly halfLife: 'yes' | 'no';
  /** `inline`: the use waits for the refresh. `background`: it goes on with the old token. */
  readonly refresh: 'inline' | 'background';
  /** Least time between two attempts to refresh a token that is still valid. */
  readonly refreshGap: Duration;
  /** Failures of a refresh that reach the application although the old token is valid. */
  readonly thrown: 'none' | 'connection' | 'all';
}

/** A token client. */
export interface Profile {
  /** The client and the version that was read. */
  readonly title: string;
  readonly probe?: Probe;
  /** How long one try may take; absent: for ever. */
  readonly tryTimeout?: Duration;
  /** How long it waits for a connection; absent: as long as its operating system does. */
  readonly connectTimeout?: Duration;
  /** From the innermost layer to the outermost; none: no retries. */
  readonly layers: readonly RetryLayer[];
  readonly keeping: Keeping;
  /** `never`: its requests lack the header `Metadata: true`. Default: all but a probe carry it. */
  readonly metadataHeader?: 'never';
  /** Whether a failed probe makes the credential unusable for the life of the process. */
  readonly failedProbe: 'final' | 'forgotten';
}

/** How a try ended: an HTTP status, 0 for a refused connection, -1 for the client's own time-out. */
export interface TryOutcome {
  readonly status: number;
  readonly retryAfter?: Duration;
}

/** Status of a try that the client itself ended. */
export const TIMED_OUT = -1;
/** Status of a connection that was refused or reset. */
export const REFUSED = 0;
