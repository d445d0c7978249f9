/** Slice of the IMDS of one VM. */
import { ORIGIN } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { AccessToken } from '../../model/azure.ts';
import type { TokenBucket } from '../../model/token-bucket.ts';

/** A token kept for one identity and one resource. */
export interface CachedToken {
  readonly token: AccessToken;
  readonly fetchedAt: Moment;
  /** Incarnation of the identity's grant for which it was fetched. */
  readonly incarnation: number;
}

/** A request that waits for a token from Entra. */
export interface Waiting {
  readonly request: string;
  readonly replyTo: string;
  readonly sender: string;
}

/** A call to Entra under way, and who waits for it; nobody, where a cached token is renewed ahead of time. */
export interface Fetch {
  readonly key: string;
  readonly clientId: string;
  readonly objectId: string;
  readonly resource: string;
  readonly incarnation: number;
  waiting: Waiting[];
}

/** Slice of an IMDS. */
export interface ImdsState {
  /** Lower-case id of the VM or scale set whose identities it serves. */
  resource: string;
  /** Whether it had been running long before the world began. */
  start: 'settled' | 'cold';
  /** Calls made to Entra [1] -- changes. */
  fetched: number;
  /** Throttles; undefined before the first request -- changes. */
  identityBucket: TokenBucket | undefined;
  generalBucket: TokenBucket | undefined;
  /** When each identity request leaves that is being answered without Entra -- changes. */
  busyUntil: Moment[];
  /** By id of the request to Entra -- changes. */
  fetches: Record<string, Fetch>;
  /** By identity, principal and resource -- changes. */
  cache: Record<string, CachedToken>;
  /** Identities that have had a token here, by identity and principal -- changes. */
  used: Record<string, 'used'>;
  /** The present or next upgrade, during which it answers 404 and then 410, and how many came before -- changes. */
  updateFrom: Moment;
  updateUntil: Moment;
  updates: number;
}

/** A fresh slice. */
export function initialImds(): ImdsState {
  return {
    resource: '',
    start: 'cold',
    fetched: 0,
    identityBucket: undefined,
    generalBucket: undefined,
    busyUntil: [],
    fetches: {},
    cache: {},
    used: {},
    updateFrom: ORIGIN,
    updateUntil: ORIGIN,
    updates: 0,
  };
}
