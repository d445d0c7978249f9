/** Parts of a run as CSV (RFC 4180): tokens with what they waited for, and every measure. */
import { LATENCY_PARTS } from '../../model/labels.ts';
import type { Report } from '../document/index.ts';
import type { RunJournal } from './run-journal.ts';

/** One line a token: when, who, how it ended, and the microseconds it waited for each part. */
export function tokensCsv(journal: RunJournal): string {
  const head = [
    'pod',
    'request',
    'ordinal',
    'sinceUs',
    'untilUs',
    'waitUs',
    'outcome',
    'status',
    'servedBy',
    'appId',
    'uti',
    ...LATENCY_PARTS,
  ];
  const rows = journal.tokens.map(({ pod, request, ordinal, since, until, end, stretches }) => {
    const isAnswered = end.type === 'token-answered';
    const parts = new Map<string, number>();
    for (const { label, from, to } of stretches) {
      const part = (LATENCY_PARTS as readonly string[]).includes(label) ? label : 'other';
      parts.set(part, (parts.get(part) ?? 0) + (to - from));
    }
    const outcome = isAnswered ? ['answered', '200', end.servedBy, end.appId, end.uti] : ['failed', String(end.status), '', '', ''];
    return [pod, request, ordinal, since, until, until - since, ...outcome, ...LATENCY_PARTS.map((part) => parts.get(part) ?? 0)];
  });
  return csv([head, ...rows]);
}

/** One line a measure: name, unit, value (µs, share or count; empty without samples), samples. */
export function measuresCsv(report: Report): string {
  return csv([
    ['metric', 'unit', 'value', 'samples'],
    ...report.metrics.map(({ metric, unit, value, samples }) => [metric, unit, value ?? '', samples]),
  ]);
}

function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map((cell) => quoted(String(cell))).join(',')}\r\n`).join('');
}

function quoted(cell: string): string {
  return /[",\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
