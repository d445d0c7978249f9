/** Tokens: how long they took, what was waited for, how the waits are spread, and which never came. */
import type { LatencyGroupSection, Report, TokenSection, Waits } from '../document/index.ts';
import { humanDuration, humanMoment, humanShare, narrowDuration } from '../duration-text.ts';
import { bar, sparkline } from './page.ts';
import type { Page } from './page.ts';

/** Parts shown on one screen. */
const PARTS_SHOWN = 5;
/** Smaller parts than this share are summed up on one screen. */
const PART_SHOWN_FROM = 0.01;
const BAR = 20;
/** Width of the bar of a part [columns]. */
const PART_BAR = 8;
/** Fewer waits than this are not worth a drawing on one screen. */
const SPREAD_FROM = 5;

/** The token section. */
export function writeTokens(page: Page, { tokens }: Report): void {
  if (tokens.asked === 0) return;
  const rows = [row('first', tokens.first.waits), row('later', tokens.later.waits)].filter((cells) => cells.length > 1);
  if (rows.length === 0) page.heading('Tokens');
  else {
    const heads = ['', 'count', 'min', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'];
    page.table(
      heads.map((head, index) => ({ head, align: index === 0 ? 'left' : 'right' })),
      rows,
      { title: 'Tokens', flexible: 0 },
    );
    const precision = [tokens.first.waits, tokens.later.waits].some((waits) => waits?.precision === '3 digits') ? ' to 3 digits' : '';
    page.legend(`first: from container start; later: from the asking; p…: nearest rank${precision}`);
  }
  if (!page.isVerbose && (tokens.first.waits?.count ?? 0) >= SPREAD_FROM) writeSpread(page, tokens.first);
  page.paragraph(summary(tokens));
  writeParts(page, tokens.first, 'What first tokens waited for');
  if (page.isVerbose) writeParts(page, tokens.later, 'What later tokens waited for');
  if (page.isVerbose) {
    writeHistogram(page, tokens.first);
    writeChain(page, tokens.first, 'Slowest first token');
    writeChain(page, tokens.later, 'Slowest later token');
    writeFailures(page, tokens);
  }
}

function row(name: string, waits: Waits | null): readonly string[] {
  if (waits === null) return [name];
  const times = [waits.minUs, waits.meanUs, waits.p50Us, waits.p90Us, waits.p95Us, waits.p99Us, waits.maxUs];
  return [name, String(waits.count), ...times.map(narrowDuration)];
}

function summary(tokens: TokenSection): string {
  const { asked, answered, failed, pending, fromClientCache, neverServed, denied } = tokens;
  const got = answered - fromClientCache;
  const own = fromClientCache === 0 ? '' : `; ${String(fromClientCache)} from clients' own caches`;
  const parts = [`${String(asked)} asked: ${String(got)} answered, ${String(failed)} failed, ${String(pending)} pending${own}.`];
  if (neverServed > 0) parts.push(`${String(neverServed)} of ${String(denied.processesAsked)} processes never got a token.`);
  if (denied.answers403 > 0) {
    parts.push(`403: ${String(denied.answers403)} of ${String(denied.answers)} answers (${humanShare(denied.share ?? 0)});`);
    parts.push(
      `${String(denied.processes)} of ${String(denied.processesAsked)} processes met one before their first token (${humanShare(denied.processesShare ?? 0)}).`,
    );
  }
  return parts.join(' ');
}

function writeParts(page: Page, group: LatencyGroupSection, title: string): void {
  const sorted = [...group.parts].filter((part) => part.totalUs > 0).sort((a, b) => b.totalUs - a.totalUs);
  if (sorted.length === 0) return;
  const shown = page.isVerbose
    ? sorted
    : sorted.filter(({ share }, index) => index === 0 || share >= PART_SHOWN_FROM).slice(0, PARTS_SHOWN);
  const rest = sorted.slice(shown.length);
  page.table(
    [
      { head: '' },
      { head: '' },
      { head: `in of ${String(group.waits?.count ?? 0)}`, align: 'right' },
      { head: 'mean', align: 'right' },
      { head: 'share', align: 'right' },
      { head: '' },
    ],
    [
      ...shown.map(({ part, meaning, meanUs, share, waits }) => partRow({ name: part, meaning, waits: String(waits), meanUs, share })),
      ...(rest.length === 0 ? [] : [restRow(rest)]),
    ],
    { title, flexible: 1, overflow: 'wrap' },
  );
}

type Part = LatencyGroupSection['parts'][number];

function partRow(row: {
  readonly name: string;
  readonly meaning: string;
  readonly waits: string;
  readonly meanUs: number;
  readonly share: number;
}): readonly string[] {
  const { name, meaning, waits, meanUs, share } = row;
  return [name, meaning, waits, humanDuration(meanUs), humanShare(share), bar(share, PART_BAR)];
}

/** The parts that one screen sums up, so that the column still sums to the mean wait. */
function restRow(rest: readonly Part[]): readonly string[] {
  const sumOf = (of: (part: Part) => number): number => rest.reduce((sum, part) => sum + of(part), 0);
  return partRow({
    name: `${String(rest.length)} more`,
    meaning: 'smaller parts',
    waits: '',
    meanUs: sumOf(({ meanUs }) => meanUs),
    share: sumOf(({ share }) => share),
  });
}

/** The histogram in one line. */
function writeSpread(page: Page, { histogram }: LatencyGroupSection): void {
  const [least] = histogram;
  const most = histogram.at(-1);
  if (least === undefined || most === undefined || histogram.length < 2) return;
  const upper = most.belowUs === null ? `over ${humanDuration(most.fromUs)}` : humanDuration(most.belowUs);
  page.paragraph(
    `spread of first: ${humanDuration(least.fromUs)} ${sparkline(histogram.map(({ count }) => count))} ${upper}; its classes with --verbose`,
  );
}

function writeHistogram(page: Page, { histogram }: LatencyGroupSection): void {
  if (histogram.length < 2) return;
  const most = Math.max(...histogram.map(({ count }) => count));
  const rows = histogram.map(({ fromUs, belowUs, count }) => [
    humanDuration(fromUs),
    belowUs === null ? 'any' : humanDuration(belowUs),
    String(count),
    bar(count / most, BAR),
  ]);
  page.heading('How first tokens are spread');
  page.table([{ head: 'from' }, { head: 'below' }, { head: 'count', align: 'right' }, { head: '' }], withoutGaps(histogram, rows), {
    flexible: 3,
  });
}

/** Rows in which three or more empty classes in a row are one. */
function withoutGaps(classes: LatencyGroupSection['histogram'], rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const isEmpty = (index: number): boolean => classes[index]?.count === 0;
  const shown: (readonly string[])[] = [];
  for (let index = 0; index < rows.length; index += 1) {
    let end = index;
    while (isEmpty(end)) end += 1;
    if (end - index >= 3) {
      shown.push([rows[index]?.[0] ?? '', rows[end - 1]?.[1] ?? '', '0', '']);
      index = end - 1;
    } else shown.push(rows[index] ?? []);
  }
  return shown;
}

/** Stretches of a chain that are shown at its beginning and at its end. */
const CHAIN_SHOWN = { first: 10, last: 20 } as const;

function writeChain(page: Page, { slowest }: LatencyGroupSection, title: string): void {
  if (slowest === null) return;
  page.heading(`${title}: ${slowest.place.pod}, ${humanDuration(slowest.waitUs)}`);
  const rows = slowest.chain.map(({ part, fromUs, toUs, event }) => [
    humanMoment(fromUs),
    humanDuration(toUs - fromUs),
    part,
    String(event),
  ]);
  const left = rows.length - CHAIN_SHOWN.first - CHAIN_SHOWN.last;
  const shown =
    left <= 1 ? rows : [...rows.slice(0, CHAIN_SHOWN.first), ['…', '', `${String(left)} more`, ''], ...rows.slice(-CHAIN_SHOWN.last)];
  page.table([{ head: 'from' }, { head: 'took', align: 'right' }, { head: 'waited for' }, { head: 'event', align: 'right' }], shown, {
    flexible: 2,
  });
}

function writeFailures(page: Page, { failures, tries }: TokenSection): void {
  if (failures.length > 0) {
    page.heading('Askings that failed');
    page.table(
      [{ head: 'status', align: 'right' }, { head: 'count', align: 'right' }, { head: 'reason' }],
      failures.map(({ status, reason, count }) => [String(status), String(count), reason]),
      { flexible: 2 },
    );
    page.legend('status: HTTP; 0 refused, -1 time-out of the client');
  }
  if (tries.length === 0) return;
  page.heading('Tries');
  page.table(
    [{ head: 'status', align: 'right' }, { head: 'count', align: 'right' }, { head: 'answered by' }],
    tries.map(({ servedBy, status, count }) => [String(status), String(count), servedBy]),
    { flexible: 2 },
  );
}
