/** How NMI writes client ids where others may read them. Follows aad-pod-identity v1.8.17 `pkg/utils/utils.go:RedactClientID`. */

/** Letters kept at either end [1]. */
const KEPT = 4;

/** A client id with its middle cut out; one too short to have a middle stays as it is. */
export function redactedClientId(clientId: string): string {
  if (clientId.length < 2 * KEPT) return clientId;
  return `${clientId.slice(0, KEPT)}##### REDACTED #####${clientId.slice(-KEPT)}`;
}
