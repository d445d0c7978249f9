/** Cases that do not hold, by id, and why. Each is asserted to fail, so that a cure is noticed. */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {};
