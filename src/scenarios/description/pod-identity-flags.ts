/** Flags of MIC and NMI as read from a command line: every flag a scenario sets, by its real name, with its text as given. */

/** MIC's flags that were given (cmd/mic/main.go, v1.8.17), in code-unit order of names. Absent ones have the defaults of the code. */
export type MicFlags = Readonly<Record<string, string>>;

/** NMI's flags that were given (cmd/nmi/main.go, v1.8.17), in code-unit order of names. */
export type NmiFlags = Readonly<Record<string, string>>;
