/** Flags that MIC and NMI have in common (version and pkg/log of aad-pod-identity v1.8.17). */

/** Whether the processes start with that format of logs (`log-format`). */
export function isLogFormat(text: string): boolean {
  return text === 'text' || text === 'json';
}

/** A build of a component. */
export interface Build {
  readonly component: string;
  readonly version: string;
  readonly commit: string;
  readonly date: string;
}

/** By what name a component introduces itself to Entra, IMDS and ARM; `custom`: its flag custom-user-agent, `''` without. */
export function userAgent({ component, version, commit, date }: Build, custom: string): string {
  const own = `aad-pod-identity/${component}/${version}/${commit}/${date}`;
  return custom === '' ? own : `${own} ${custom}`;
}
