/**
 * How MIC's Azure SDK repeats calls by itself.
 *
 * Follows go-autorest v0.11.28 (sender.go:DoRetryForStatusCodes, azure/rp.go:DoRetryWithRegistration, azure/async.go) as
 * pkg/cloudprovider/cloudprovider.go:Init sets it up: 429 is taken off the list of retried codes.
 */
import type { Duration } from '../../kernel/time.ts';
import { scaled } from '../../kernel/time.ts';

/** Status of a network error (refused, reset, nobody there). */
const NO_ANSWER = 0;

/** Whether the SDK repeats a call that was answered so. */
export function isRepeated(status: number): boolean {
  return status === NO_ANSWER || status === 408 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** Wait after the n-th failed call (from 0): Retry-After if given, else base · 2^n. Faithful: also waited after the last one. */
export function repeatWait(n: number, from: { readonly base: Duration; readonly retryAfter: Duration | undefined }): Duration {
  if (from.retryAfter !== undefined) return from.retryAfter;
  let factor = 1;
  for (let i = 0; i < n; i += 1) factor *= 2;
  return scaled(from.base, factor);
}

/** Client type and direction a remembered Retry-After holds back. */
export function throttleKey(call: {
  readonly scope: 'clientType' | 'resource';
  readonly kind: 'vm' | 'vmss';
  readonly name: string;
  readonly direction: 'read' | 'write';
}): string {
  return call.scope === 'clientType' ? `${call.kind}/${call.direction}` : `${call.kind}/${call.name}/${call.direction}`;
}
