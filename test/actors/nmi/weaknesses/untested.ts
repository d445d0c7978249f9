/** The weaknesses of NMI that have no test of their number, each with the reason. Numbers follow §5 of the behaviour of NMI. */
export const UNTESTED: Readonly<Record<string, string>> = {
  W23: 'Profiles are served at the probe port whatever the flag says. The port has one page here, its health: no actor asks for another.',
};
