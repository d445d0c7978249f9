/** HTTP in cases: requests as they are sent, answers as they came, and the assertions about them. */
import type { MetadataCall, TokenBody } from '../../src/model/messages/token.ts';
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
  const target = textAt(request, 'path');
  const mark = target.indexOf('?');
  const [spelled, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
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
    query: queryOf(query),
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

/**
 * The parameters of a query, those that are there. As Go's net/url reads them: of several values the first; a pair with a semicolon or a
 * broken escape is left out. `mi_res_id` counts where `msi_res_id` is absent or empty.
 */
export function queryOf(query: string): MetadataCall['query'] {
  const values = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [name, value] = pair.includes(';') ? [] : [unescaped(pair.replace(/=.*/su, '')), unescaped(pair.replace(/^[^=]*=?/su, ''))];
    if (name !== undefined && value !== undefined && pair !== '' && !values.has(name)) values.set(name, value);
  }
  const resourceId = values.get('msi_res_id');
  const entries = {
    resource: values.get('resource'),
    clientId: values.get('client_id'),
    objectId: values.get('object_id'),
    resourceId: resourceId === '' ? (values.get('mi_res_id') ?? resourceId) : (resourceId ?? values.get('mi_res_id')),
    apiVersion: values.get('api-version'),
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

/** Undefined for what is no escape. */
function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** Sender in a remote address as Go's net/http writes it: what stands before the first colon. `''` where there is none. */
export function hostOf(remoteAddr: string): string {
  return remoteAddr.slice(0, Math.max(0, remoteAddr.indexOf(':')));
}

/** The handler of NMI that gets a request. */
export function handlerOf(call: MetadataCall, given: DataMap): NmiRoute {
  const flags = mapAt(mapAt(given, 'flags'), 'nmi');
  return routeOf(call.path, { isInstanceBlocked: flags['block-instance-metadata'] === true });
}

/** An answer of NMI or IMDS as HTTP has it. */
export function httpAnswerOf(answer: MessageOf<'MetadataResponse'>, route?: NmiRoute): HttpAnswer {
  const { status, text = '', body, retryAfter, servedBy } = answer;
  const shown = body === undefined ? text : JSON.stringify(route === 'hostToken' ? hostTokenOf(body) : tokenOf(body));
  const isJson = status === OK || shown.startsWith('{');
  const plain: DataMap = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };
  const own: DataMap =
    servedBy !== 'nmi' || status === 0 || route === 'proxy' ? {} : isJson ? { 'Content-Type': 'application/json' } : plain;
  return { status, text: shown, headers: { ...own, ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter / 1e6) }) } };
}

const OK = 200;

/** The seven fields that NMI hands on, all of them texts. */
function tokenOf({ token, resource }: TokenBody): DataMap {
  const expiresOn = Math.round(token.expiresAt / 1e6);
  return {
    access_token: token.uti,
    refresh_token: '',
    expires_in: String(expiresOn - Math.round(token.issuedAt / 1e6)),
    expires_on: String(expiresOn),
    not_before: String(Math.round(token.notBefore / 1e6)),
    resource,
    token_type: 'Bearer',
  };
}

/** Those, and whom the token is for. */
function hostTokenOf(body: TokenBody): DataMap {
  return { token: tokenOf(body), clientid: body.token.appId };
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

/** Headers that are known here; a wanted text of `''` means that the header is not there. */
const HEADERS: readonly string[] = ['Retry-After', 'Content-Type', 'X-Content-Type-Options'];

/** The wanted headers, names without regard to letter case. */
export function checkHeaders(wanted: DataMap, headers: DataMap): void {
  for (const name of Object.keys(wanted)) {
    const known = HEADERS.find((other) => other.toLowerCase() === name.toLowerCase());
    if (known === undefined) throw new NoSeam(`answers carry no header ${name}`);
    const seen = textAt(headers, known);
    if (textAt(wanted, name) !== seen) mismatch(`header ${name}`, wanted[name], seen);
  }
}
