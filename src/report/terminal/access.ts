/** Exposure and outage: who could get what is not his, and who could not get his own. */
import { EXPOSURE_CAUSES, OUTAGE_CAUSES } from '../access/causes.ts';
import { exposuresFound, outagesFound } from '../access/found.ts';
import type { Report } from '../document/index.ts';
import { humanDuration } from '../duration-text.ts';
import { counted } from '../value-text.ts';
import type { Page } from './page.ts';

/** Causes that occurred, with what they came to; by pod with --verbose. */
export function writeAccess(page: Page, { access }: Report): void {
  const { exposure, outage } = access;
  const exposed = exposuresFound(access);
  const failing = outagesFound(access);
  if (exposed.length + failing.length === 0) return;
  writeCauses(page, {
    title: 'Exposure',
    tokens: 'tokens',
    rows: exposed.map(({ cause, us, pods, tokens }) => [cause, EXPOSURE_CAUSES[cause], humanDuration(us), String(pods), String(tokens)]),
  });
  writeCauses(page, {
    title: 'Outage',
    tokens: 'in vain',
    rows: failing.map(({ cause, us, pods, failed }) => [cause, OUTAGE_CAUSES[cause], humanDuration(us), String(pods), String(failed)]),
  });
  if (!page.isVerbose) return;
  for (const { pod, identity, cause, us, tokens } of exposure.entries)
    page.paragraph(`- ${pod}, ${identity}, ${cause}: ${humanDuration(us)}, ${counted(tokens, 'token')}`);
  for (const { pod, identity, cause, us, failed } of outage.entries)
    page.paragraph(
      `- ${pod}, ${identity === '' ? 'default identity' : identity}, ${cause}: ${humanDuration(us)}, ${counted(failed, 'failed asking')}`,
    );
}

function writeCauses(
  page: Page,
  { title, tokens, rows }: { readonly title: string; readonly tokens: string; readonly rows: readonly (readonly string[])[] },
): void {
  if (rows.length === 0) return;
  page.table(
    [...['', ''].map((head) => ({ head })), ...['time', 'pods', tokens].map((head) => ({ head, align: 'right' as const }))],
    rows,
    { title, flexible: 1, overflow: 'wrap' },
  );
}
