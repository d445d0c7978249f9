/**
 * Numbers and times in override texts.
 */
import { MICROS_PER_UNIT, microsOfSpelling } from './unit.ts';
import type { TimeUnit } from './unit.ts';

/** What reading gave: a value, or the rule that was broken. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly rule: string };

/** Reads one number in the unit of a knob. */
export type QuantityReader = (text: string) => Read<number>;

const NUMBER = /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/iu;
/** The look-ahead keeps `1e5s` from being read in two ways, and reading linear in the length of the text. */
const TIME = /^([-+]?)((?:\d+(?:\.\d+)?(?:e[-+]?\d+)?\s*(?!e[-+]?\d)[a-zµμ]+\s*)+)$/iu;
const TIME_PART = /(\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*((?!e[-+]?\d)[a-zµμ]+)/giu;

/** Reads a number without a unit; `unit` only makes the message. */
export function plainNumber(text: string, unit: string): Read<number> {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return { ok: true, value: Number(trimmed) };
  if (TIME.test(trimmed)) {
    return { ok: false, rule: `is a plain number [${unit}], without a unit, not "${trimmed}"` };
  }
  return { ok: false, rule: `is a number [${unit}], not "${trimmed}"` };
}

/** Reads a time such as `45s`, `300 ms`, `1h30m` and gives it in `unit`. */
export function timeReader(unit: TimeUnit): QuantityReader {
  return (text) => {
    const trimmed = text.trim();
    if (NUMBER.test(trimmed)) {
      return { ok: false, rule: `needs a unit, such as ${trimmed}s or ${trimmed} ${unit}` };
    }
    const [, sign, parts] = TIME.exec(trimmed) ?? [];
    if (parts === undefined) return { ok: false, rule: `is a time such as 45s, not "${trimmed}"` };
    const read = sumOfParts(parts, unit);
    return read.ok && sign === '-' ? { ok: true, value: -read.value } : read;
  };
}

function sumOfParts(text: string, unit: TimeUnit): Read<number> {
  const own = MICROS_PER_UNIT[unit];
  let total = 0;
  for (const [, amount, spelling = ''] of text.matchAll(TIME_PART)) {
    const micros = microsOfSpelling(spelling);
    if (micros === undefined) {
      const units = 'us, ms, s, m, h, d, months, years';
      return { ok: false, rule: `unknown unit of time "${spelling}"; use ${units}` };
    }
    total += micros === own ? Number(amount) : (Number(amount) * micros) / own;
  }
  return { ok: true, value: total };
}

/** Splits at the commas that stand in no parentheses. */
export function splitTopLevel(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
