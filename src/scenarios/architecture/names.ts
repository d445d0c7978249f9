/** Ways in which the same workload can get its tokens. */

/** All architectures, oldest first, with what they are. */
export const ARCHITECTURES = {
  secret: 'no managed identity: each application asks Entra with a client secret that its pods hold',
  'bare-imds': 'identities on the node pools, no pod identity: pods ask the IMDS of their node',
  standard: 'AAD Pod Identity: MIC assigns identities to the scale sets, NMI stands before IMDS',
  managed: 'AAD Pod Identity in managed mode: identities on the node pools for good, NMI alone',
  'workload-identity': 'pods show Entra the token of their service account; a federated credential trusts it',
} as const;

/** Name of an architecture. */
export type Architecture = keyof typeof ARCHITECTURES;

/** All names, oldest first. */
export const ARCHITECTURE_NAMES = Object.keys(ARCHITECTURES) as readonly Architecture[];

/** Whether a text names an architecture. */
export function isArchitecture(text: string): text is Architecture {
  return Object.hasOwn(ARCHITECTURES, text);
}
