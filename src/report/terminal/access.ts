/** Exposure and outage: who could get what is not his, and who could not get his own. */
import { EXPOSURE_CAUSES, OUTAGE_CAUSES } from '../access/causes.ts';
import type { Report } from '../document/index.ts';
import { humanDuration } from '../duration-text.ts';
import { counted } from '../value-text.ts';
import type { Page } from './page.ts';

/** Causes that occurred, with what they came to; by pod with --verbose. */
export function writeAccess(page: Page, { access: { exposure, outage } }: Report): void {
  const exposed = exposure.causes.filter(({ us, tokens }) => us > 0 || tokens > 0);
  const failing = outage.causes.filter(({ us, failed }) => us > 0 || failed > 0);
  if (exposed.length + failing.length === 0) return;
  page.heading('Exposure and outage');
  page.table(
    [
      { head: 'what' },
      { head: 'cause' },
      { head: 'time', align: 'right' },
      { head: 'pods', align: 'right' },
      { head: 'tokens', align: 'right' },
    ],
    [
      ...exposed.map(({ cause, us, pods, tokens }) => ['exposure', cause, humanDuration(us), String(pods), String(tokens)]),
      ...failing.map(({ cause, us, pods, failed }) => [
        'outage',
        cause,
        humanDuration(us),
        String(pods),
        failed === 0 ? '0' : `-${String(failed)}`,
      ]),
    ],
    { flexible: 1 },
  );
  page.legend('time: summed over pods and identities; tokens: got of others, or (-) asked for in vain');
  for (const { cause } of exposed) page.paragraph(`${cause}: ${EXPOSURE_CAUSES[cause]}`);
  for (const { cause } of failing) page.paragraph(`${cause}: ${OUTAGE_CAUSES[cause]}`);
  if (!page.isVerbose) return;
  for (const { pod, identity, cause, us, tokens } of exposure.entries)
    page.paragraph(`- ${pod}, ${identity}, ${cause}: ${humanDuration(us)}, ${counted(tokens, 'token')}`);
  for (const { pod, identity, cause, us, failed } of outage.entries)
    page.paragraph(
      `- ${pod}, ${identity === '' ? 'default identity' : identity}, ${cause}: ${humanDuration(us)}, ${counted(failed, 'failed asking')}`,
    );
}
