/**
 * Benchmark of the event queue beside its peers, in one run: `npm run bench:kernel -- [--json] [--prepared] [--operations N] [--rounds N]`.
 *
 * Rates are million events per second (one event = one pop and one push), median of the rounds; ratios are to the C++ peer whose
 * records carry the same keys. Absolute figures move with the machine, ratios much less.
 */
import { parseArgs } from 'node:util';
import { nativePeers } from './hold-native-peers.ts';
import { kernelQueue, objectHeap } from './hold-script-peers.ts';
import { measureHold } from './hold.ts';
import type { HoldResult } from './hold.ts';

const SIZES = [1_000, 100_000, 1_000_000];

/** What the queue is held to: ratio to C++ by number of pending events. */
const TARGETS: ReadonlyMap<number, number> = new Map([
  [1_000, 0.6],
  [100_000, 0.7],
  [1_000_000, 0.7],
]);

main();

function main(): void {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      prepared: { type: 'boolean', default: false },
      operations: { type: 'string', default: '2000000' },
      rounds: { type: 'string', default: '5' },
    },
  });
  const increments = values.prepared ? 'prepared' : 'drawn';
  const operations = wholeNumber('--operations', values.operations);
  const rounds = wholeNumber('--rounds', values.rounds);
  const native = nativePeers();
  try {
    const peers = [kernelQueue, ...native.peers, objectHeap];
    const results = SIZES.flatMap((pending) =>
      measureHold(peers, { pending, operations, increments }, { rounds, baseline: native.baseline ?? '' }),
    );
    const report = {
      benchmark: 'hold',
      node: process.version,
      increments,
      operations,
      rounds,
      baseline: native.baseline,
      remarks: native.remarks,
    };
    if (values.json) console.log(JSON.stringify({ ...report, results }, undefined, 2));
    else console.log(tableOf(results, report));
  } finally {
    native.dispose();
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1, not ${text}`);
  return value;
}

function tableOf(
  results: readonly HoldResult[],
  report: {
    readonly node: string;
    readonly increments: string;
    readonly operations: number;
    readonly rounds: number;
    readonly remarks: readonly string[];
  },
): string {
  const names = [...new Set(results.map((result) => result.peer))];
  const rows = names.map((name) => [
    name,
    ...SIZES.map((pending) => cell(results.find((result) => result.peer === name && result.pending === pending))),
  ]);
  const header = ['pending events', ...SIZES.map((pending) => pending.toLocaleString('en-US'))];
  const target = ['target for idflow', ...SIZES.map((pending) => `ratio ${(TARGETS.get(pending) ?? 0).toFixed(2)}`)];
  const lines = aligned([header, ...rows, target]);
  return [
    `Hold model, million events per second (ratio to C++ with the same keys)`,
    `Node ${report.node}, ${String(report.operations)} operations, median of ${String(report.rounds)} interleaved rounds, increments ${report.increments}`,
    '',
    ...lines,
    ...report.remarks.map((remark) => `Note: ${remark}.`),
  ].join('\n');
}

function cell(result: HoldResult | undefined): string {
  if (result === undefined) return '-';
  const rate = result.rate.toFixed(2);
  return result.ratio === undefined ? rate : `${rate} (${result.ratio.toFixed(2)})`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join('  '),
  );
}
