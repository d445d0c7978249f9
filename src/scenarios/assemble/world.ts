/** A run of the identity flow. */
import type { Simulation } from '../../kernel/simulation.ts';
import type { Identity } from '../../model/vocabulary.ts';

/** A simulation of the identity flow. */
export type World = Simulation<Identity>;
