/** The value of a measure at a moment, and how many things it was computed over. */

/** A reading. Without samples no bound on it can hold, whatever its value. */
export interface Reading {
  /** µs, share from 0 to 1, or count; undefined: there is none. */
  readonly value: number | undefined;
  readonly samples: number;
}

/** A count of things that happened: itself a finding, also when it is zero. */
export function plain(value: number): Reading {
  return { value, samples: 1 };
}

/** A count of things that went some way, of so many that could have. */
export function among(value: number, samples: number): Reading {
  return { value, samples };
}

/** A share of so many things. */
export function shareOf(part: number, whole: number): Reading {
  return { value: whole === 0 ? undefined : part / whole, samples: whole };
}
