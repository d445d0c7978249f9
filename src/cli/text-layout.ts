/** Text in columns: wrapping at blanks, and tables of plain text. */
import { wrap } from '../report/text-width.ts';

/** Lines of at most `width` characters, broken at blanks; a longer word stands alone. Nothing but blanks is no line. */
export function wrapped(text: string, width: number): readonly string[] {
  const words = text.trim();
  return words === '' ? [] : wrap(words, width);
}

/** The same under a mark or an indentation: `first` before the first line, as many blanks before the others. */
export function hanging(first: string, text: string, width: number): readonly string[] {
  const blank = ' '.repeat(first.length);
  return wrapped(text, Math.max(20, width - first.length)).map((line, index) => `${index === 0 ? first : blank}${line}`);
}

/** Rows under a head, every column as wide as its widest cell, two blanks between; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], align: readonly ('left' | 'right')[]): readonly string[] {
  const widths = align.map((_, column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        if (align[column] === 'right') return cell.padStart(widths[column] ?? 0);
        return column === align.length - 1 ? cell : cell.padEnd(widths[column] ?? 0);
      })
      .join('  ')
      .trimEnd(),
  );
}
