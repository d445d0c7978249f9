/**
 * Names near a mistyped one.
 */

const MOST_SUGGESTIONS = 3;

/**
 * At most three names a person may have meant: those that continue `wrong`, else those within a third of
 * its length of single edits. Nearest first, then by code unit.
 */
export function nearestNames(wrong: string, names: readonly string[]): readonly string[] {
  const continued = names.filter((name) => name.startsWith(`${wrong}.`)).sort();
  if (wrong !== '' && continued.length > 0) return continued.slice(0, MOST_SUGGESTIONS);

  const furthest = Math.max(2, Math.floor(wrong.length / 3));
  return names
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_SUGGESTIONS)
    .map(({ name }) => name);
}

/** Levenshtein's distance: insertions, deletions and replacements that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = at(previous, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, at(previous, column) + 1, at(current, column - 1) + 1));
    }
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
