/**
 * Knobs in words, for listings and footers.
 */
import { catalogue, knobNames } from './catalogue/index.ts';
import type { Confidence } from './evidence.ts';
import { formatKnobDefault, formatStress } from './format.ts';
import type { Knob } from './knob.ts';

/** One knob in words. */
export interface KnobDescription {
  readonly name: string;
  /** The default, with its unit, as an override would be written. */
  readonly default: string;
  readonly unit: string;
  readonly source: string;
  readonly confidence: Confidence;
  /** Both ends of a sensitivity run, and why these. */
  readonly stress: string;
  readonly what: string;
  /** Other values worth trying, the choices, or nothing. */
  readonly whatIf: string;
}

/** All that is known of a knob, as text. */
export function describeKnob(knob: Knob): KnobDescription {
  const { name, unit, source, confidence, what } = knob;
  const { low, high } = formatStress(knob);
  const ends = low === high ? shown(low) : `${low} … ${high}`;
  return {
    name,
    default: shown(formatKnobDefault(knob)),
    unit,
    source,
    confidence,
    stress: `${ends} (${knob.stress.rule})`,
    what,
    whatIf: knob.whatIf ?? (knob.kind === 'choice' ? `one of ${knob.choices.join(', ')}` : ''),
  };
}

/**
 * Knobs whose name contains `pattern`, in code-unit order of their names; all for the empty pattern. A `*` stands for
 * anything and ties the rest to both ends: `mic.*`, `*.prob`. Case does not matter.
 */
export function findKnobs(pattern: string): readonly Knob[] {
  const wanted = pattern.toLowerCase();
  const matches = (name: string): boolean => (wanted.includes('*') ? matchesGlob(name, wanted.split('*')) : name.includes(wanted));
  return knobNames.filter((name) => matches(name.toLowerCase())).map((name) => catalogue[name]);
}

/** `pieces` are what stands between the stars: the first begins the name, the last ends it, the others come in order. */
function matchesGlob(name: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}

/** An empty text would look like a missing one. */
function shown(text: string): string {
  return text === '' ? '""' : text;
}
