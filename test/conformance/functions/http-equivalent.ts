/** What NMI says over HTTP in place of a function, and the assertion about it. */
import { mismatch, NoSeam } from '../case.ts';
import { checkHeaders } from '../http.ts';
import { mapAt } from '../stage/objects.ts';
import type { DataMap } from '../stage/objects.ts';

/** An answer of NMI's port. */
export interface HttpEquivalent {
  readonly status: number;
  /** Client id of the token it asked IMDS for; undefined where it did not ask. */
  readonly tokenRequestedFor?: string;
  /** Status and headers with `set-retry-after-header`; played in a world of its own. */
  readonly withRetryAfterFlag: () => { readonly status: number; readonly headers: DataMap };
}

/** The assertion `httpEquivalent`. */
export function checkHttpEquivalent(wanted: DataMap, http: HttpEquivalent | undefined): void {
  if (http === undefined) throw new NoSeam('the call has no equivalent over HTTP');
  if (wanted['status'] !== undefined && wanted['status'] !== http.status) mismatch('status over HTTP', wanted['status'], http.status);
  if (wanted['withRetryAfterFlag'] !== undefined) {
    const flagged = mapAt(wanted, 'withRetryAfterFlag');
    const seen = http.withRetryAfterFlag();
    if (flagged['status'] !== undefined && flagged['status'] !== seen.status)
      mismatch('status with the flag', flagged['status'], seen.status);
    checkHeaders(mapAt(flagged, 'headers'), seen.headers);
  }
  const { clientID } = mapAt(wanted, 'tokenRequestedFor');
  if (clientID !== undefined && clientID !== http.tokenRequestedFor)
    mismatch('token asked for', clientID, http.tokenRequestedFor ?? 'none');
}
