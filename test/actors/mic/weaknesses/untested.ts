/** The weaknesses that have no test of their number, each with the reason. Numbers follow §7 of the behaviour of MIC. */
export const UNTESTED: Readonly<Record<string, string>> = {
  W24: 'ARM answers reads from what was written last; reads that lag behind writes are not modelled yet',
  W36: 'a process that is frozen and wakes again is not modelled yet; a leader that is cut off from the API server is',
  W39: 'the type upgrade of a first start is left out',
  W43: 'the API server checks no length of names',
  W48: 'see arm-token.test.ts: MIC’s own token comes from its node’s IMDS; the loop through NMI is not closed in these small worlds',
  W49: 'the watcher of the cloud configuration is left out',
};
