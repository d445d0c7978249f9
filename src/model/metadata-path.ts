/**
 * How IMDS reads a path: first word in any letter case, back-slashes as slashes, no slash at the end.
 *
 * Follows GHSA-p82q-rxpm-hjpc and aad-pod-identity #1021: paths that a proxy takes for something else are token requests to IMDS.
 */

/** Path on which IMDS gives tokens of managed identities, and NMI in its place. */
export const IMDS_TOKEN_PATH = '/metadata/identity/oauth2/token';

/** The path IMDS serves for one that was asked for. */
export function metadataPath(path: string): string {
  const segments = path.split(/[/\\]/u).filter((segment) => segment !== '' && segment !== '.');
  const [first = '', ...rest] = segments;
  return `/${[first.toLowerCase() === 'metadata' ? 'metadata' : first, ...rest].join('/')}`;
}
