/**
 * Releases of AAD Pod Identity, oldest first, and what it means that something came with one of them.
 *
 * MIC and NMI had version numbers of their own before 1.5 (mic 1.3 belongs to nmi 1.4); here one number stands for both. `1.5-dev` is
 * the main branch of July 2019 and `1.5-rc2` the candidate after it: changes that 1.5 brought are placed among the three by the
 * numbers of their pull requests.
 */

/** All releases, oldest first. */
export const RELEASES = [
  ...['1.2', '1.3', '1.4', '1.5-dev', '1.5-rc2', '1.5', '1.5.1', '1.5.2', '1.5.3', '1.5.4', '1.5.5'],
  ...['1.6.0', '1.6.1', '1.6.2', '1.6.3', '1.7.0', '1.7.1', '1.7.2', '1.7.3', '1.7.4', '1.7.5'],
  ...['1.8.0', '1.8.1', '1.8.2', '1.8.3', '1.8.4', '1.8.5', '1.8.6', '1.8.7', '1.8.8', '1.8.9'],
  ...['1.8.10', '1.8.11', '1.8.12', '1.8.13', '1.8.14', '1.8.15', '1.8.16', '1.8.17'],
] as const;

/** A release by its number, without a `v`. */
export type Release = (typeof RELEASES)[number];

/** The release everything follows unless a scenario says otherwise; the last one. */
export const DEFAULT_RELEASE: Release = '1.8.17';

/** In which releases something holds: from the one that brought it, until the one that ended it (exclusive). */
export interface Span {
  /** First release that has it; absent: all did before `until`. */
  readonly from?: Release | undefined;
  /** First release that has it no more; absent: it stayed. */
  readonly until?: Release;
}

/** Whether a text is the number of a release. */
export function isRelease(text: string): text is Release {
  return (RELEASES as readonly string[]).includes(text);
}

/** Whether a release lies within a span. */
export function isWithin(release: Release, { from, until }: Span): boolean {
  const place = RELEASES.indexOf(release);
  return (from === undefined || place >= RELEASES.indexOf(from)) && (until === undefined || place < RELEASES.indexOf(until));
}
