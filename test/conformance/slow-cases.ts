/** Cases that hold, and take so long that they run with the long tests and with `npm run conformance` only. */
export const SLOW_CASES: readonly string[] = ['e2e.load.two-thousand-pods'];
