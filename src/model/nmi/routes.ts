/**
 * Which of NMI's handlers gets a request. Follows aad-pod-identity v1.8.17 `pkg/nmi/server/server.go:Run` and gorilla/mux 1.8, which
 * cleans paths before it matches.
 */
import { IMDS_TOKEN_PATH } from '../metadata-path.ts';

/** A handler of NMI; `redirect` is mux answering 301 to the cleaned path. */
export type NmiRoute = 'redirect' | 'token' | 'invalidTokenPath' | 'hostToken' | 'blockedInstance' | 'proxy';

/** What depends on flags and release. */
export interface RouteRules {
  readonly isInstanceBlocked: boolean;
  /** Only the first word is compared without regard to case, as IMDS does. Default yes. */
  readonly ignoresCaseOfPath?: boolean;
  /** Whether what looks like a token request, but is not spelled as one, is refused. Default yes. */
  readonly refusesOddTokenPaths?: boolean;
}

const FIRST_WORD = /\/metadata(?=\/)/giu;
const INSTANCE_PATH = '/metadata/instance';
const LOOKS_LIKE_TOKEN_PATH = /\/metadata\/identity.*oauth2.*token/u;

/** The handler for a decoded path, in the order in which NMI registers them. Prefixes match: `…/tokenX` is a token request. */
export function routeOf(path: string, rules: RouteRules): NmiRoute {
  if (cleanPath(path) !== path) return 'redirect';
  const { ignoresCaseOfPath = true, refusesOddTokenPaths = true } = rules;
  const compared = ignoresCaseOfPath ? path.replace(FIRST_WORD, '/metadata') : path;
  if (compared.startsWith(IMDS_TOKEN_PATH)) return 'token';
  if (refusesOddTokenPaths && LOOKS_LIKE_TOKEN_PATH.test(compared)) return 'invalidTokenPath';
  if (path.startsWith('/host/token')) return 'hostToken';
  if (rules.isInstanceBlocked && compared.startsWith(INSTANCE_PATH)) return 'blockedInstance';
  return 'proxy';
}

/** A path without empty, `.` and `..` segments; a slash at the end stays. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  const clean = `/${kept.join('/')}`;
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}
