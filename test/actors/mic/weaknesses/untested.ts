/** The weaknesses that have no test of their number, each with the reason. Numbers follow §7 of the behaviour of MIC. None at present. */
export const UNTESTED: Readonly<Record<string, string>> = {};
