/** Causes of exposure and outage that occurred in a run: those with a time, or with tokens got or asked for in vain. */
import type { Report } from '../document/index.ts';

type Access = Report['access'];

/** Causes of exposure that occurred, in the order of reports. */
export function exposuresFound({ exposure }: Access): readonly Access['exposure']['causes'][number][] {
  return exposure.causes.filter(({ us, tokens }) => us > 0 || tokens > 0);
}

/** Causes of outages that occurred, in the order of reports. */
export function outagesFound({ outage }: Access): readonly Access['outage']['causes'][number][] {
  return outage.causes.filter(({ us, failed }) => us > 0 || failed > 0);
}
