/**
 * Observed items that do not hold, by case: what the real code did beyond what its tests assert, and the simulator does otherwise. Each is
 * asserted to differ, so that a cure is noticed.
 */

/** Number of items that differ, and why. */
export const OBSERVED_DIFFERENCES: Readonly<Record<string, { readonly items: number; readonly reason: string }>> = {};
