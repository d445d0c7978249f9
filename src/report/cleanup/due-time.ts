/** By when what has to go after a deletion is gone. */
import { minutes } from '../../kernel/time.ts';

/**
 * Where all is healthy, it is gone within this: a resync of MIC's informers (10 min), which makes its next cycle, the cycle before it, and
 * the PATCH of a scale set. Objects of Kubernetes and what ARM deletes take less.
 */
export const GONE_WITHIN = minutes(20);
