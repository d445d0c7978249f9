/** HTTP in cases: requests as they are sent, answers as they came, and the assertions about them. */
import type { MetadataCall } from '../../src/model/messages/token.ts';
import type { MessageOf } from '../../src/model/messages/index.ts';
import { routeOf } from '../../src/model/nmi/routes.ts';
import type { NmiRoute } from '../../src/model/nmi/routes.ts';
import { mismatch, NoSeam } from './case.ts';
import { mapAt, textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';

/** An answer. Status 0: no connection came about. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: DataMap;
}

/** What became of a request: the handler that got it, if it went to NMI's port, and an answer of each that was asked. */
export interface HttpOutcome {
  readonly route?: NmiRoute;
  readonly answers: readonly HttpAnswer[];
}

const HANDLERS: Readonly<Record<NmiRoute, string>> = {
  redirect: 'redirect',
  token: 'token',
  invalidTokenPath: 'invalid-token-path',
  hostToken: 'host-token',
  blockedInstance: 'blocked-instance-metadata',
  proxy: 'proxy-to-imds',
};

/** The call of a request to the metadata address or to NMI's port. */
export function metadataCallOf(request: DataMap): MetadataCall {
  // Paths are taken as they are: the host's own parser of addresses would mend what these cases are about.
  const [spelled = '', query = ''] = textAt(request, 'path').split('?');
  const headers = mapAt(request, 'headers');
  const headerOf = (name: string): string | undefined => {
    const key = Object.keys(headers).find((other) => other.toLowerCase() === name);
    return key === undefined ? undefined : textAt(headers, key);
  };
  const [metadataHeader, podns, podname] = [headerOf('metadata'), headerOf('podns'), headerOf('podname')];
  return {
    method: textAt(request, 'method') || 'GET',
    path: decoded(spelled),
    ...(metadataHeader === undefined ? {} : { metadataHeader }),
    query: queryOf(new URLSearchParams(query)),
    ...(podns === undefined && podname === undefined ? {} : { podHeaders: { podns: podns ?? '', podname: podname ?? '' } }),
  };
}

/** Percent signs that begin no escape stay as they are. */
function decoded(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/giu, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/** The parameters of a query, those that are there. `msi_res_id` goes before `mi_res_id`. */
export function queryOf(parameters: URLSearchParams): MetadataCall['query'] {
  const read = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const entries = {
    resource: read('resource'),
    clientId: read('client_id'),
    objectId: read('object_id'),
    resourceId: read('msi_res_id') ?? read('mi_res_id'),
    apiVersion: read('api-version'),
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

/** The handler of NMI that gets a request. */
export function handlerOf(call: MetadataCall, given: DataMap): NmiRoute {
  const flags = mapAt(mapAt(given, 'flags'), 'nmi');
  return routeOf(call.path, { isInstanceBlocked: flags['block-instance-metadata'] === true });
}

/** An answer of NMI or IMDS as HTTP has it. */
export function httpAnswerOf({ status, text = '', body, retryAfter }: MessageOf<'MetadataResponse'>): HttpAnswer {
  const { token, resource } = body ?? {};
  const shown = token === undefined ? text : JSON.stringify({ access_token: token.uti, client_id: token.appId, resource });
  return { status, text: shown, headers: retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter / 1e6) } };
}

/** The assertion `route`. */
export function checkRoute(wanted: DataMap, { route }: HttpOutcome): void {
  if (route === undefined) throw new NoSeam('the request did not go to the port of NMI');
  const seen = HANDLERS[route];
  if (seen !== wanted['handler']) mismatch('handler', wanted['handler'], seen);
}

/** The assertion `response`: holds for every answer. */
export function checkResponse(wanted: DataMap, { answers }: HttpOutcome): void {
  if (answers.length === 0) mismatch('answers', 'at least one', 'none');
  for (const answer of answers) checkAnswer(wanted, answer);
}

function checkAnswer(wanted: DataMap, { status, text, headers }: HttpAnswer): void {
  const fold = (words: string): string => (wanted['ignoreCase'] === true ? words.toLowerCase() : words);
  const seen = text.trim();
  if (wanted['status'] !== undefined && wanted['status'] !== status) mismatch('status', wanted['status'], status);
  if (wanted['json'] !== undefined && fold(JSON.stringify(wanted['json'])) !== fold(seen)) mismatch('body', wanted['json'], seen);
  if (wanted['text'] !== undefined && fold(textAt(wanted, 'text')) !== fold(seen)) mismatch('body', wanted['text'], seen);
  if (wanted['textContains'] !== undefined && !fold(seen).includes(fold(textAt(wanted, 'textContains')))) {
    mismatch('part of the body', wanted['textContains'], seen);
  }
  checkHeaders(mapAt(wanted, 'headers'), headers);
}

/** Of the headers only `Retry-After` is modelled. */
export function checkHeaders(wanted: DataMap, headers: DataMap): void {
  for (const name of Object.keys(wanted)) {
    if (name.toLowerCase() !== 'retry-after') throw new NoSeam(`answers carry no header ${name}`);
    const seen = textAt(headers, 'Retry-After');
    if (textAt(wanted, name) !== seen) mismatch(`header ${name}`, wanted[name], seen);
  }
}
