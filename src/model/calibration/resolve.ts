/**
 * From overrides to a calibration, or to everything that is wrong with them.
 */
import { Calibration } from './calibration.ts';
import { catalogue, isKnobName, knobNames } from './catalogue/index.ts';
import type { KnobName } from './catalogue/index.ts';
import { centreOf, constant, scaled } from './distribution.ts';
import type { KnobSetting } from './format.ts';
import type { Knob } from './knob.ts';
import { boundsProblem, parseKnobValue } from './override.ts';
import type { OverrideValue } from './override.ts';
import { relations } from './relation.ts';
import { nearestNames } from './suggestion.ts';

/** One thing wrong with an override. */
export interface KnobProblem {
  /** The knob as it was written. */
  readonly knob: string;
  /** The rule that was broken. */
  readonly rule: string;
}

/** Overrides by knob name, as texts or YAML scalars. */
export type Overrides = Readonly<Record<string, OverrideValue>>;

/** A calibration, or all problems of its overrides at once, by knob in code-unit order. */
export type Resolution =
  { readonly ok: true; readonly calibration: Calibration } | { readonly ok: false; readonly problems: readonly KnobProblem[] };

/** The catalogue with `overrides` in force. Knobs that follow an overridden one move in proportion to it. */
export function resolve(overrides: Overrides): Resolution {
  const problems: KnobProblem[] = [];
  const set = new Map<KnobName, KnobSetting>();
  for (const name of Object.keys(overrides).sort()) {
    const value = overrides[name];
    if (value === undefined) continue;
    if (!isKnobName(name)) {
      problems.push({ knob: name, rule: unknownRule(name) });
      continue;
    }
    const read = parseKnobValue(catalogue[name], value);
    if (read.ok) set.set(name, read.value);
    else problems.push({ knob: name, rule: read.rule });
  }

  const settings = new Map<KnobName, KnobSetting>();
  for (const name of knobNames) {
    const knob: Knob = catalogue[name];
    const setting = settingInForce(knob, set);
    const rule = set.has(name) ? undefined : followerProblem(knob, setting);
    if (rule !== undefined) problems.push({ knob: name, rule });
    settings.set(name, setting);
  }
  if (problems.length > 0) return { ok: false, problems };

  const calibration = new Calibration(settings, new Set(set.keys()));
  const broken = relations.filter((relation) => !relation.holds(calibration));
  if (broken.length === 0) return { ok: true, calibration };
  return { ok: false, problems: broken.map(({ knobs, rule }) => ({ knob: blamed(knobs, set), rule })) };
}

/** The catalogue as it stands. */
export function defaultCalibration(): Calibration {
  return new Calibration(new Map(knobNames.map((name) => [name, catalogue[name].default])), new Set());
}

function unknownRule(name: string): string {
  const near = nearestNames(name, knobNames);
  return near.length === 0 ? 'unknown knob' : `unknown knob; did you mean ${near.join(' or ')}?`;
}

function settingInForce(knob: Knob, set: ReadonlyMap<string, KnobSetting>): KnobSetting {
  const own = set.get(knob.name);
  if (own !== undefined) return own;
  const ratio = ratioToDefault(knob.follows, set);
  if (ratio === 1 || !(knob.kind === 'duration' || knob.kind === 'number')) return knob.default;
  const moved = scaled(knob.default, ratio);
  // Faithful: MIC takes the integer part of its QPS as its burst.
  return knob.kind === 'number' && knob.whole ? constant(Math.floor(centreOf(moved))) : moved;
}

/** How far the knob `name` stands from its default: 1 unless it, or one it follows, is overridden. */
function ratioToDefault(name: string | undefined, set: ReadonlyMap<string, KnobSetting>): number {
  if (name === undefined || !isKnobName(name)) return 1;
  const knob: Knob = catalogue[name];
  if (knob.kind !== 'duration' && knob.kind !== 'number') return 1;
  const own = set.get(name);
  if (own === undefined) return ratioToDefault(knob.follows, set);
  return typeof own === 'object' && 'kind' in own ? centreOf(own) / centreOf(knob.default) : 1;
}

/** A knob that follows another may be driven out of its bounds by it. */
function followerProblem(knob: Knob, setting: KnobSetting): string | undefined {
  if (knob.follows === undefined || knob.kind !== 'number') return undefined;
  if (typeof setting !== 'object' || !('kind' in setting)) return undefined;
  const rule = boundsProblem(knob, centreOf(setting));
  return rule === undefined ? undefined : `${rule}, but follows ${knob.follows} to ${String(centreOf(setting))}`;
}

function blamed(knobs: readonly KnobName[], set: ReadonlyMap<KnobName, KnobSetting>): string {
  return knobs.find((name) => set.has(name)) ?? knobs[0] ?? '';
}
