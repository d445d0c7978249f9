/**
 * How IMDS reads a path: first word in any letter case, back-slashes as slashes, no slash at the end.
 *
 * Follows GHSA-p82q-rxpm-hjpc and aad-pod-identity #1021: paths that a proxy takes for something else are token requests to IMDS.
 */

/** The path IMDS serves for one that was asked for. */
export function metadataPath(path: string): string {
  const segments = path.split(/[/\\]/u).filter((segment) => segment !== '' && segment !== '.');
  const [first = '', ...rest] = segments;
  return `/${[first.toLowerCase() === 'metadata' ? 'metadata' : first, ...rest].join('/')}`;
}
