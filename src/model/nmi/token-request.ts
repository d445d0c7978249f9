/**
 * What a token request to NMI asks for, and the checks before anything is looked up.
 *
 * Follows aad-pod-identity v1.8.17 `pkg/nmi/server/server.go` (parseTokenRequest, parseRemoteAddr, msiHandler, hostHandler).
 */
import type { MetadataCall } from '../messages/token.ts';
import { ANSWERS } from './answers.ts';
import type { FixedAnswer } from './answers.ts';

/** The parameters NMI reads. Faithful: `object_id` and `api-version` are ignored, so a request by object id names nobody. */
export interface TokenRequest {
  readonly clientId: string;
  readonly resourceId: string;
  readonly resource: string;
}

/** Reads the query; absent parameters are `''`. */
export function parseTokenRequest(query: MetadataCall['query']): TokenRequest {
  return { clientId: query.clientId ?? '', resourceId: query.resourceId ?? '', resource: query.resource ?? '' };
}

/** Whether a request names a resource. */
export function hasResource(request: TokenRequest): boolean {
  return request.resource !== '';
}

/** Host part of the remote address; `''` where NMI cannot read it. Faithful: no IPv6. */
export function sourceAddress(sourceIP: string): string {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/u.test(sourceIP) ? sourceIP : '';
}

/** Whether the Metadata header is as NMI wants it: exactly `true`. */
export function hasMetadataHeader(call: MetadataCall): boolean {
  return call.metadataHeader === 'true';
}

/** The first check of the token route that a request fails: header, sender, resource. */
export function refusalOf(
  call: MetadataCall,
  from: { readonly sourceIP: string; readonly isHeaderRequired: boolean },
): FixedAnswer | undefined {
  if (from.isHeaderRequired && !hasMetadataHeader(call)) return ANSWERS.metadataHeaderMissing;
  if (sourceAddress(from.sourceIP) === '') return ANSWERS.senderUnreadable;
  if (!hasResource(parseTokenRequest(call.query))) return ANSWERS.resourceMissing;
  return undefined;
}

/** The first check of the host route that a request fails: pod, sender, resource. Faithful: no Metadata header is wanted here. */
export function hostRefusalOf(call: MetadataCall, sourceIP: string): FixedAnswer | undefined {
  const { podns = '', podname = '' } = call.podHeaders ?? {};
  if (podns === '' || podname === '') return ANSWERS.podHeadersMissing;
  if (sourceAddress(sourceIP) !== '127.0.0.1') return ANSWERS.senderNotHost;
  if (!hasResource(parseTokenRequest(call.query))) return ANSWERS.resourceMissing;
  return undefined;
}
