/** Ids that look like Azure's and are always the same for the same thing. */
import { hashString, mix } from '../kernel/random.ts';

/** A version-4-shaped UUID made from a text: no randomness, so that a world's ids do not depend on what was drawn before. */
export function uuidOf(text: string): string {
  const base = hashString(text);
  const words = [1, 2, 3, 4].map((n) =>
    mix(base, hashString(`${text}/${String(n)}`))
      .toString(16)
      .padStart(8, '0'),
  );
  const digits = words.join('');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
