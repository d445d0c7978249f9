/** Text laid out by its width in characters. */

/** Lines of at most that width, broken at blanks; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && lengthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Characters as a reader counts them: what is above the first 65,536 is one, too. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}
