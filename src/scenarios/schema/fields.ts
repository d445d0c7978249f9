/** Fields that many parts of a scenario share: durations, names, references. Their messages are the rules that problems print. */
import { z } from 'zod';
import { parseDuration } from '../../kernel/time.ts';

/** Shape of a duration for editors; `parseDuration` has the last word. */
const DURATION_PATTERN = '^(?=.)(\\d+(\\.\\d+)?d)?(\\d+(\\.\\d+)?h)?(\\d+(\\.\\d+)?m)?(\\d+(\\.\\d+)?s)?(\\d+(\\.\\d+)?ms)?(\\d+(\\.\\d+)?[uµμ]s)?$';
const NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/u;

/** A duration with its unit, at least zero. */
export const durationField = z
  .string({ error: (issue) => durationRule(issue.input) })
  .refine((text) => parseDuration(text) !== undefined, { error: (issue) => durationRule(issue.input) })
  .meta({ pattern: DURATION_PATTERN, examples: ['30s', '5m', '1h30m', '250ms'] });

/** A duration above zero. */
export const intervalField = durationField.refine((text) => parseDuration(text) !== 0, { error: 'must be longer than zero' });

/** A name that this file gives to something: a letter first, so that it is never a bare number. */
export const nameField = z
  .string({ error: 'must be a name, in quotes if it looks like a number' })
  .regex(NAME, { error: 'must be a name: a letter, then letters, digits, "-", "_" or "."' });

/** A text that is not empty. */
export const textField = z.string({ error: 'must be a text, in quotes if it looks like a number' }).refine((text) => text.trim() !== '', {
  error: 'must not be empty',
});

/** A whole number of things from `least` to `most`. */
export function countField(least: number, most: number): z.ZodNumber {
  const rule = `must be a whole number from ${String(least)} to ${String(most)}`;
  return z.int({ error: rule }).min(least, { error: rule }).max(most, { error: rule });
}

/** A time from the start of the run, before it with a minus: microseconds, or undefined for a text that is none. */
export function parseOffset(text: string): number | undefined {
  const isPast = text.startsWith('-');
  const length = parseDuration(isPast ? text.slice(1) : text);
  if (length === undefined) return undefined;
  return isPast ? 0 - length : length;
}

/** A time from the start of the run; with a minus, before it. */
export const offsetField = z
  .string({ error: 'must be a time from the start such as 2h, or -30d for one before it' })
  .refine((text) => parseOffset(text) !== undefined, { error: 'must be a time from the start such as 2h, or -30d for one before it' })
  .meta({ examples: ['-30d', '2h'] });

/** Why a value is no duration. */
function durationRule(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (typeof value !== 'string' && typeof value !== 'number') return 'must be a duration such as 30s, 5m or 1h30m';
  const text = String(value).trim();
  if (typeof value === 'number' || /^[+-]?[\d.]+$/u.test(text)) {
    return text.startsWith('-') ? `time cannot be negative, and needs a unit: not ${text}` : `needs a unit: ${text}s, ${text}m or ${text}h?`;
  }
  if (text.startsWith('-')) return `time cannot be negative: ${text}`;
  return `"${text}" is no duration: write 30s, 5m, 1h30m or 250ms, largest unit first`;
}
