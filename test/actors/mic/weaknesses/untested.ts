/** The weaknesses that have no test of their number, each with the reason. Numbers follow §7 of the behaviour of MIC. */
export const UNTESTED: Readonly<Record<string, string>> = {
  W24: 'ARM answers reads from what was written last; reads that lag behind writes are not modelled yet',
};
