/**
 * The calibration: every default of the world by name, with unit, source, confidence and stress range, and what a run makes of it.
 *
 * Nothing else in the model or in an actor may hold a constant of the world. A run takes the catalogue with its overrides
 * (`resolve`); its actors ask by name.
 */
export { Calibration } from './calibration.ts';
export { catalogue, isKnobName, knobNames } from './catalogue/index.ts';
export type { BucketValue, DurationKnobName, KnobName, KnobValue, NumberKnobName } from './catalogue/index.ts';
export { describeKnob, findKnobs } from './description.ts';
export type { KnobDescription } from './description.ts';
export { formatKnobDefault, formatKnobValue, formatStress } from './format.ts';
export type { KnobSetting } from './format.ts';
export type { Knob } from './knob.ts';
export { parseKnobValue, splitOverride } from './override.ts';
export type { OverrideValue } from './override.ts';
export { defaultCalibration, resolve } from './resolve.ts';
export type { KnobProblem, Overrides, Resolution } from './resolve.ts';
export { sourceKeys, sourceKeysIn, sourceLegend } from './source-key.ts';
