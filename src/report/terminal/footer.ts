/** Load, and what is needed to come back to this run. */
import type { Report } from '../document/index.ts';
import { humanDuration } from '../duration-text.ts';
import { counted } from '../value-text.ts';
import type { Page } from './page.ts';

/** Notes shown on one screen. */
const NOTES_SHOWN = 1;

/** Calls by server, client and operation. */
export function writeLoad(page: Page, { load }: Report): void {
  if (load.calls.length === 0 || !page.isVerbose) return;
  const { armCalls, armPatches, armThrottled, apiCalls, imdsCalls, imdsThrottled, aadTokens, micCycles } = load.totals;
  page.heading('Load');
  page.paragraph(
    [
      `ARM ${counted(armCalls, 'call')} (${counted(armPatches, 'PATCH', 'PATCHes')}, ${String(armThrottled)} throttled)`,
      `kube-apiserver ${counted(apiCalls, 'call')}`,
      `IMDS ${counted(imdsCalls, 'answer')} (${String(imdsThrottled)} throttled)`,
      `Entra ${counted(aadTokens, 'token')}`,
      `MIC ${counted(micCycles, 'cycle')}`,
    ].join(', '),
  );
  page.table(
    [
      ...['server', 'client', 'operation'].map((head) => ({ head })),
      ...['calls', '429', '409/412', 'failed'].map((head) => ({ head, align: 'right' as const })),
    ],
    load.calls.map(({ server, client, operation, calls, throttled, conflicts, failed }) => [
      server,
      client,
      operation,
      ...[calls, throttled, conflicts, failed].map(String),
    ]),
    { flexible: 2 },
  );
  page.legend('429: throttled; 409/412: conflicts; failed: any other status from 400');
  for (const { client, bucket, count, totalUs, maxUs } of load.waits) {
    page.paragraph(
      `${client} waited ${counted(count, 'time')} for its own limit ${bucket}: ${humanDuration(totalUs)} in all, at most ${humanDuration(maxUs)}`,
    );
  }
}

/** Seed, fingerprint, and the command that reproduces the run. */
export function writeFooter(page: Page, { provenance }: Report): void {
  const { seed, fingerprint, events, simulatedUs, ended, mode, ties, command, replayToken, overrides, notes, limits } = provenance;
  if (notes.length > 0) {
    const shown = page.isVerbose ? notes : notes.slice(0, NOTES_SHOWN);
    page.heading(shown.length === notes.length ? 'Notes' : `Notes, the first of ${String(notes.length)}`);
    for (const note of shown) page.paragraph(`- ${note}`);
  }
  if (limits.length > 0) {
    page.heading('Before you believe a number');
    for (const limit of limits) page.paragraph(`- ${limit}`);
  }
  page.heading('This run');
  page.paragraph(
    page.isVerbose || ended !== 'horizon'
      ? `seed ${seed}, fingerprint ${fingerprint}, ${String(events)} events, ${humanDuration(simulatedUs)} simulated, ended: ${ended}`
      : `seed ${seed}, fingerprint ${fingerprint}, ${humanDuration(simulatedUs)} simulated`,
  );
  if (page.isVerbose) page.paragraph(`mode ${mode}, ties ${ties}`);
  for (const { knob, value, isRead } of overrides)
    page.paragraph(`set ${knob} = ${value}${isRead ? '' : ': nothing in this run asked for it'}`);
  if (!page.isVerbose) page.paragraph('--verbose: all events, deletions and calls, the slowest token, who used what');
  const [, knob, value] = /^(\S+): (.+)$/u.exec(provenance.scenario.falls) ?? [];
  if (knob !== undefined && !overrides.some((one) => one.knob === knob))
    page.paragraph(`what if: --set ${knob}=${String(value)} makes it fall`);
  // Not wrapped: they are to be copied.
  page.line(`  again: ${command}`);
  // The command mostly is the token's.
  if (replayToken !== '' && !command.includes(replayToken)) page.line(`  token: ${replayToken}`);
}
