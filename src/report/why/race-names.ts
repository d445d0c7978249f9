/** Names of the classes of races, for reading questions. */
import { RACE_CLASSES } from '../../scenarios/schema/metric-names.ts';
import type { RaceClass } from '../../scenarios/schema/metric-names.ts';

/** All classes, in the order of reports. */
export const RACE_CLASS_NAMES: readonly RaceClass[] = Object.keys(RACE_CLASSES) as RaceClass[];

/** Whether a class of that name exists. */
export function isRaceClass(name: string): name is RaceClass {
  return Object.hasOwn(RACE_CLASSES, name);
}
