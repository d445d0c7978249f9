/**
 * Which of NMI's handlers gets a request. Follows aad-pod-identity v1.8.17 `pkg/nmi/server/server.go:Run` and gorilla/mux 1.8, which
 * cleans paths before it matches.
 */

/** A handler of NMI; `redirect` is mux answering 301 to the cleaned path. */
export type NmiRoute = 'redirect' | 'token' | 'invalidTokenPath' | 'hostToken' | 'blockedInstance' | 'proxy';

/** Only the first word is compared without regard to case, as IMDS does. */
const TOKEN_PATH = /^\/[Mm][Ee][Tt][Aa][Dd][Aa][Tt][Aa]\/identity\/oauth2\/token/u;
const INSTANCE_PATH = /^\/[Mm][Ee][Tt][Aa][Dd][Aa][Tt][Aa]\/instance/u;
const LOOKS_LIKE_TOKEN_PATH = /\/[Mm][Ee][Tt][Aa][Dd][Aa][Tt][Aa]\/identity.*oauth2.*token/u;

/** The handler for a decoded path, in the order in which NMI registers them. Prefixes match: `…/tokenX` is a token request. */
export function routeOf(path: string, flags: { readonly isInstanceBlocked: boolean }): NmiRoute {
  if (cleanPath(path) !== path) return 'redirect';
  if (TOKEN_PATH.test(path)) return 'token';
  if (LOOKS_LIKE_TOKEN_PATH.test(path)) return 'invalidTokenPath';
  if (path.startsWith('/host/token')) return 'hostToken';
  if (flags.isInstanceBlocked && INSTANCE_PATH.test(path)) return 'blockedInstance';
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
