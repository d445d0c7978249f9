/** For each class of races worlds that show it, and worlds that come close and do not. The compiler wants the table whole. */
import type { RaceClass } from '../../../src/scenarios/schema/metric-names.ts';
import { ASSIGNMENTS } from './assignments.ts';
import { LOSSES } from './losses.ts';
import { PROCESSES } from './processes.ts';
import type { RacePair } from './world.ts';

/** The table. */
export const RACES: Readonly<Record<RaceClass, RacePair>> = { ...PROCESSES, ...LOSSES, ...ASSIGNMENTS };
