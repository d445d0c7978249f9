/** Lines folded to the width of the terminal: at a blank, else after a mark within a long name. Colours take no room. */

/** Escape sequences that colour text, and single characters. */
const PIECES = /\u001b\[[\d;]*m|./gsu;

/** Where a long name may be broken. */
const BREAKS: ReadonlySet<string> = new Set([' ', '/', ',', ':', '"', '}', ']']);

/** One line as lines of at most `width` characters; those after the first stand four blanks further in than it. */
export function folded(line: string, width: number): readonly string[] {
  const indent = Math.min(/^ */u.exec(line)?.[0].length ?? 0, Math.max(0, width - 20));
  const further = ' '.repeat(Math.min(indent + 4, Math.max(0, width - 16)));
  const lines: string[] = [];
  let rest = line;
  let room = width;
  for (let cut = cutOf(rest, room); cut !== undefined; cut = cutOf(rest, room)) {
    lines.push(`${lines.length === 0 ? '' : further}${rest.slice(0, cut).trimEnd()}`);
    rest = rest.slice(cut).trimStart();
    room = width - further.length;
  }
  return [...lines, `${lines.length === 0 ? '' : further}${rest}`];
}

/** Where a text is cut to fit; undefined if it fits. */
function cutOf(text: string, room: number): number | undefined {
  const start = /^ */u.exec(text)?.[0].length ?? 0;
  let [seen, at, afterBlank, afterMark] = [0, 0, 0, 0];
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece.length === 1 || !piece.startsWith('\u001b')) seen += 1;
    if (seen > room) return piece === ' ' ? at : best({ at, afterBlank, afterMark, start });
    at += piece.length;
    if (at > start && piece === ' ') afterBlank = at;
    if (at > start && BREAKS.has(piece)) afterMark = at;
  }
  return undefined;
}

/** At a blank, unless that would leave most of the line empty. */
function best(found: { readonly at: number; readonly afterBlank: number; readonly afterMark: number; readonly start: number }): number {
  const { at, afterBlank, afterMark, start } = found;
  const enough = start + (at - start) / 3;
  if (afterBlank > enough) return afterBlank;
  return afterMark > enough ? afterMark : at;
}
