/** What a MIC process knows of the lock (§3.1). */
import type { Moment } from '../../kernel/time.ts';
import { ORIGIN } from '../../kernel/time.ts';

/** Leader election. Moments are this process's own clock. */
export interface LeaseState {
  /** Which call is under way. */
  step: 'none' | 'reading' | 'writing';
  /** Id of that call: an answer to an older one counts no more. */
  request: string;
  /** As leader: whether renewals are understood, or real calls under a deadline. */
  renewal: 'standing' | 'real';
  /** Record as last seen to change; `''` and ORIGIN before the first look. */
  holder: string;
  renewedAt: Moment;
  /** When that was seen; -1: never. */
  seenAt: number;
  /** Version and transitions of the record read last, for the write. */
  version: string;
  transitions: number;
  /** As leader: own last real renewal. As standby: when it began to wait, or last polled. */
  lastAt: Moment;
  /** Last renewal of the standing exchange that just ended [µs]; -1: none. */
  lastStanding: number;
}

/** Nothing known yet. */
export function newLease(): LeaseState {
  return {
    step: 'none',
    request: '',
    renewal: 'standing',
    holder: '',
    renewedAt: ORIGIN,
    seenAt: -1,
    version: '',
    transitions: 0,
    lastAt: ORIGIN,
    lastStanding: -1,
  };
}
