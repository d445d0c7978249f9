/** Client ids that nobody wrote down: made from a name, the same in every run and on every machine. */

/** A client id in the shape of a version 4 UUID, from `name` alone. Another name gives another id, short of a collision of 122 bits. */
export function clientIdOf(name: string): string {
  const digits = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((seed) => hash(name, seed).toString(16).padStart(8, '0')).join('');
  const variant = '89ab'[Number.parseInt(digits.charAt(16), 16) % 4] ?? '8';
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

/** FNV-1a with a final mix, 32 bits. */
function hash(text: string, seed: number): number {
  let h = seed;
  for (let index = 0; index < text.length; index += 1) h = Math.imul(h ^ text.charCodeAt(index), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}
