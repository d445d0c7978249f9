/** Load, and what is needed to come back to this run. */
import type { Report } from '../document/index.ts';
import { humanDuration } from '../duration-text.ts';
import type { Page } from './page.ts';

/** Calls by server; by client and operation in a verbose report. */
export function writeLoad(page: Page, { load }: Report): void {
  if (load.calls.length === 0) return;
  page.heading('Load');
  const rows = page.isVerbose
    ? load.calls.map((row) => [row.server, row.client, row.operation, ...numbers(row)])
    : [...byServer(load.calls)].map(([server, row]) => [server, ...numbers(row)]);
  const heads = page.isVerbose ? ['server', 'client', 'operation'] : ['server'];
  page.table(
    [...heads.map((head) => ({ head })), ...['calls', '429', '409/412', 'failed'].map((head) => ({ head, align: 'right' as const }))],
    rows,
    { flexible: heads.length - 1 },
  );
  page.legend('429: throttled; 409/412: conflicts; failed: any other status from 400');
  for (const { client, bucket, count, totalUs, maxUs } of load.waits) {
    if (page.isVerbose) page.paragraph(`${client} waited ${String(count)} times for its own limit ${bucket}: ${humanDuration(totalUs)} in all, at most ${humanDuration(maxUs)}`);
  }
}

interface Numbers {
  readonly calls: number;
  readonly throttled: number;
  readonly conflicts: number;
  readonly failed: number;
}

function numbers({ calls, throttled, conflicts, failed }: Numbers): readonly string[] {
  return [calls, throttled, conflicts, failed].map(String);
}

function byServer(calls: Report['load']['calls']): ReadonlyMap<string, Numbers> {
  const sums = new Map<string, Numbers>();
  for (const one of calls) {
    const sum = sums.get(one.server) ?? { calls: 0, throttled: 0, conflicts: 0, failed: 0 };
    sums.set(one.server, {
      calls: sum.calls + one.calls,
      throttled: sum.throttled + one.throttled,
      conflicts: sum.conflicts + one.conflicts,
      failed: sum.failed + one.failed,
    });
  }
  return sums;
}

/** Seed, fingerprint, and the command that reproduces the run. */
export function writeFooter(page: Page, { provenance }: Report): void {
  const { seed, fingerprint, events, simulatedUs, ended, mode, ties, command, replayToken, overrides, notes, limits } = provenance;
  if (notes.length > 0) {
    page.heading('Notes');
    for (const note of notes) page.paragraph(`- ${note}`);
  }
  if (limits.length > 0) {
    page.heading('Before you believe a number');
    for (const limit of limits) page.paragraph(`- ${limit}`);
  }
  page.heading('This run');
  page.paragraph(`seed ${seed}, fingerprint ${fingerprint}, ${String(events)} events, ${humanDuration(simulatedUs)} simulated, ended: ${ended}`);
  if (page.isVerbose) page.paragraph(`mode ${mode}, ties ${ties}`);
  for (const { knob, value } of overrides) page.paragraph(`set ${knob} = ${value}`);
  // Not wrapped: they are to be copied.
  page.line(`  again: ${command}`);
  if (replayToken !== '') page.line(`  token: ${replayToken}`);
}
