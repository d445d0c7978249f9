/** Formats of the logs of MIC and NMI, as their flag `log-format` names them (pkg/log of aad-pod-identity v1.8.17). */

/** Whether the processes start with that format. */
export function isLogFormat(text: string): boolean {
  return text === 'text' || text === 'json';
}
