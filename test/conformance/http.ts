/** Requests to NMI in cases: which handler takes one, and what the checks before any lookup answer. */
import type { MetadataCall } from '../../src/model/messages/token.ts';
import { routeOf } from '../../src/model/nmi/routes.ts';
import type { NmiRoute } from '../../src/model/nmi/routes.ts';
import { refusalOf } from '../../src/model/nmi/token-request.ts';
import type { Refusal } from '../../src/model/nmi/token-request.ts';
import { mismatch, NoSeam } from './case.ts';
import { listAt, mapAt, textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';

/** What became of a request. */
export interface HttpOutcome {
  readonly route: NmiRoute;
  /** The answer, where the checks before any lookup give one. */
  readonly refusal: Refusal | undefined;
}

const HANDLERS: Readonly<Record<NmiRoute, string>> = {
  redirect: 'redirect',
  token: 'token',
  invalidTokenPath: 'invalid-token-path',
  hostToken: 'host-token',
  blockedInstance: 'blocked-instance-metadata',
  proxy: 'proxy-to-imds',
};

/** Sends a request to the rules of NMI's front door. */
export function sendRequest(request: DataMap, given: DataMap): HttpOutcome {
  if (textAt(request, 'to') !== 'nmi') throw new NoSeam(`requests to ${textAt(request, 'to')} need a whole cluster`);
  if (request['node'] !== undefined || request['from'] !== undefined) throw new NoSeam('requests from a node need a whole cluster');
  const flags = mapAt(mapAt(given, 'flags'), 'nmi');
  // Paths are taken as they are: the host's own parser of addresses would mend what these cases are about.
  const [spelled = '', query = ''] = textAt(request, 'path').split('?');
  const pathname = decodeURIComponent(spelled);
  const searchParams = new URLSearchParams(query);
  const route = routeOf(pathname, { isInstanceBlocked: flags['block-instance-metadata'] === true });
  const header = mapAt(request, 'headers')['Metadata'];
  const resource = searchParams.get('resource');
  const call: MetadataCall = {
    method: textAt(request, 'method'),
    path: pathname,
    ...(typeof header === 'string' ? { metadataHeader: header } : {}),
    query: resource === null ? {} : { resource },
  };
  const sourceIP = textAt(request, 'remoteAddr').split(':')[0] ?? '';
  const isHeaderRequired = flags['metadata-header-required'] === true;
  return { route, refusal: route === 'token' ? refusalOf(call, { sourceIP, isHeaderRequired }) : undefined };
}

/** The assertion `route`. */
export function checkRoute(wanted: DataMap, outcome: HttpOutcome): void {
  const seen = HANDLERS[outcome.route];
  if (seen !== wanted['handler']) mismatch('handler', wanted['handler'], seen);
}

/** The assertion `response`, for answers that the checks before any lookup give. */
export function checkResponse(wanted: DataMap, { refusal }: HttpOutcome): void {
  if (refusal === undefined) throw new NoSeam('the answer comes from the NMI actor; the runner builds no NMI');
  if (wanted['status'] !== undefined && wanted['status'] !== refusal.status) mismatch('status', wanted['status'], refusal.status);
  if (wanted['json'] !== undefined && JSON.stringify(wanted['json']) !== refusal.text.trim()) {
    mismatch('body', wanted['json'], refusal.text);
  }
  for (const key of ['text', 'textContains', 'headers']) {
    if (wanted[key] !== undefined && listAt(wanted, key).length === 0) throw new NoSeam(`the ${key} of such an answer is not the real one`);
  }
}
