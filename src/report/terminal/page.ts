/** The page a report is written on: its width, its colours, and how text and tables are laid on it. Colour is never the only carrier. */
import type { ChalkInstance } from 'chalk';
import { Chalk } from 'chalk';
import Table from 'cli-table3';
import { lengthOf, wrap } from '../text-width.ts';

/** How a report is rendered. */
export interface RenderOptions {
  /** Width of the page [columns]; default 80, at least 80. */
  readonly columns?: number;
  /** Chalk's level: 0 none, 1 sixteen colours, 2 256, 3 all. Default 0. */
  readonly colour?: 0 | 1 | 2 | 3;
  /** Everything instead of one screen. Default false. */
  readonly verbose?: boolean;
}

/** A column of a table. */
export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

const COLUMNS_MIN = 80;
const INDENT = '  ';
/** Between two columns of a table. */
const GAP = 2;
/** Least width of a column that gives way. */
const FLEXIBLE_MIN = 8;
/** Without lines: what a terminal shows as a table, a pipe reads as words. */
const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

/** How a table is laid on the page. */
export interface TableLayout {
  /** Index of the column that gives way where the whole would not fit. */
  readonly flexible: number;
  /** Whether its cells are cut, the default, or go on in the next line. */
  readonly overflow?: 'cut' | 'wrap';
  /** Colour of the cells of the first column. */
  readonly marks?: (cell: string) => string;
  /** A remark that stands before a row, by its index; undefined: none. */
  readonly before?: (row: number) => string | undefined;
  /** Heading, on the line of the column heads where none of them is in its way, with an empty line before it. */
  readonly title?: string;
}

/** A page of text. */
export class Page {
  readonly columns: number;
  readonly isVerbose: boolean;
  readonly ink: ChalkInstance;
  readonly #lines: string[] = [];

  constructor({ columns = COLUMNS_MIN, colour = 0, verbose = false }: RenderOptions) {
    this.columns = Math.max(COLUMNS_MIN, columns);
    this.isVerbose = verbose;
    this.ink = new Chalk({ level: colour });
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** A line as it is. */
  line(text = ''): void {
    this.#lines.push(text.trimEnd());
  }

  /** A heading, with an empty line before it. */
  heading(text: string): void {
    this.line();
    this.line(this.ink.bold(text));
  }

  /** A paragraph, broken at blanks, indented. */
  paragraph(text: string, ink: (text: string) => string = (plain) => plain, indent = INDENT): void {
    for (const line of wrap(text, this.columns - indent.length)) this.line(indent + ink(line));
  }

  /** A remark that explains a table. */
  legend(text: string): void {
    this.paragraph(text, this.ink.dim);
  }

  /** What is left of the width beside a table of these rows, for one column more [columns]. */
  roomBeside(rows: readonly (readonly string[])[]): number {
    const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => lengthOf(row[index] ?? ''))));
    return this.columns - INDENT.length - widths.reduce((sum, width) => sum + width + GAP, 0);
  }

  /** The heads of a table, and its title: on one line where the title ends before the first head begins. */
  #heads(columns: readonly Column[], { widths, gap, title }: { widths: readonly number[]; gap: number; title?: string | undefined }): void {
    const places = placesOf(columns, { widths, gap });
    const first = columns.findIndex(({ head }) => head !== '');
    const fits = title !== undefined && (first === -1 || lengthOf(title) < (places[first] ?? 0));
    if (title !== undefined) this.line();
    if (title !== undefined && !fits) this.line(this.ink.bold(title));
    let length = fits ? lengthOf(title) : 0;
    let line = fits ? this.ink.bold(title) : '';
    for (const [index, { head }] of columns.entries()) {
      if (head === '') continue;
      const place = places[index] ?? 0;
      line += ' '.repeat(Math.max(0, place - length)) + this.ink.underline(head);
      length = Math.max(place, length) + lengthOf(head);
    }
    if (line !== '') this.line(line);
  }

  /** A table that fits the page. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], layout: TableLayout): void {
    const { flexible, overflow = 'cut', marks, before, title } = layout;
    const widths = columns.map(({ head }, index) => Math.max(lengthOf(head), ...rows.map((row) => lengthOf(row[index] ?? ''))));
    makeRoomFor(title ?? '', { columns, widths, page: this.columns });
    const others = widths.reduce((sum, width, index) => (index === flexible ? sum : sum + width), 0);
    const least = Math.min(FLEXIBLE_MIN, widths[flexible] ?? 0);
    // Where even the least does not fit, columns move together.
    const gap = INDENT.length + others + least + GAP * (columns.length - 1) > this.columns ? 1 : GAP;
    const room = Math.max(least, this.columns - INDENT.length - others - gap * (columns.length - 1));
    this.#heads(columns, { widths: widths.map((width, index) => (index === flexible ? Math.min(width, room) : width)), gap, title });
    const table = new Table({
      chars: NO_LINES,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap, compact: true },
      colAligns: columns.map(({ align }) => align ?? 'left'),
      colWidths: widths.map((width, index) => (index === flexible ? Math.min(width, room) : width) + gap),
    });
    for (const row of rows) {
      for (const cells of linesOf(row, { flexible, overflow, room }))
        table.push(cells.map((cell, index) => (index === 0 && marks !== undefined ? marks(cell) : cell)));
    }
    if (rows.length === 0) return;
    for (const [index, line] of table.toString().split('\n').entries()) {
      const remark = before?.(index);
      if (remark !== undefined) this.paragraph(remark, this.ink.italic);
      this.line(INDENT + line);
    }
  }
}

/** Widens the columns under a title, which have no heads, so that it ends before the first head, if the page is wide enough. */
function makeRoomFor(title: string, { columns, widths, page }: { columns: readonly Column[]; widths: number[]; page: number }): void {
  const first = columns.findIndex(({ head }) => head !== '');
  if (first < 1) return;
  const [place = 0] = placesOf(columns, { widths, gap: GAP }).slice(first);
  const missing = lengthOf(title) + 1 - place;
  const total = INDENT.length + widths.reduce((sum, width) => sum + width + GAP, -GAP);
  if (missing > 0 && total + missing <= page) widths[first - 1] = (widths[first - 1] ?? 0) + missing;
}

/** Where each column begins [columns from the left], and where its head does. */
function placesOf(
  columns: readonly Column[],
  { widths, gap }: { readonly widths: readonly number[]; readonly gap: number },
): readonly number[] {
  let left = INDENT.length;
  return columns.map(({ head, align }, index) => {
    const width = widths[index] ?? 0;
    const place = align === 'right' ? left + width - lengthOf(head) : left;
    left += width + gap;
    return place;
  });
}

/** Text cut to a width, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join('')}…`;
}

/** The lines of one row: one, or as many as its flexible cell takes. */
function linesOf(
  row: readonly string[],
  { flexible, overflow, room }: { readonly flexible: number; readonly overflow: 'cut' | 'wrap'; readonly room: number },
): readonly (readonly string[])[] {
  const cell = row[flexible] ?? '';
  const pieces = overflow === 'wrap' ? wrap(cell, room).flatMap((line) => brokenWords(line, room)) : [cell];
  return pieces.map((piece, line) => row.map((cell, index) => (index === flexible ? cut(piece, room) : line === 0 ? cell : '')));
}

/** A line that is longer than the width because of a long word, broken behind a comma, a point or a bracket of it where there is one. */
function brokenWords(line: string, width: number): readonly string[] {
  if (lengthOf(line) <= width) return [line];
  const at = Math.max(...[',', '[', '(', '.'].map((sign) => line.lastIndexOf(sign, width - 1))) + 1;
  return at === 0 ? [line] : [line.slice(0, at), ...brokenWords(line.slice(at), width)];
}

/** A bar of so many eighths of a block; a share that is not zero shows at least one. */
export function bar(share: number, width: number): string {
  const eighths = share > 0 ? Math.max(1, Math.round(share * width * 8)) : 0;
  const rest = eighths % 8;
  return '█'.repeat(Math.floor(eighths / 8)) + (rest === 0 ? '' : ('▏▎▍▌▋▊▉'[rest - 1] ?? ''));
}

/** How numbers run: a character each, from ▁ to █ relative to the largest; `·` for none. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts);
  return counts.map((count) => (count === 0 ? '·' : ('▁▂▃▄▅▆▇█'[Math.ceil((count / most) * 8) - 1] ?? ''))).join('');
}
