/**
 * What a network policy lets the pods of a namespace reach at their own node.
 *
 * Follows aad-pod-identity #716 and #658, and how Calico applies a policy: to where a packet goes after its translation (DNAT). Simplified:
 * what is not named is dropped without a word, as Calico does; only the way to the metadata address is looked at.
 */

/** Policy of a namespace. Key: its name. */
export interface EgressPolicy {
  readonly namespace: string;
  /** `address:port`; HOST_IP stands for the node's own address. */
  readonly allow: readonly string[];
}

/** Where IMDS is. */
export const METADATA_ENDPOINT = '169.254.169.254:80';

/** Whither NMI's rule sends packets that is told to listen there. Faithful: one that listens everywhere still names the loopback. */
export function redirectTarget(listenAddress: string): string {
  return listenAddress.replace(/^0\.0\.0\.0(?=:)/u, '127.0.0.1');
}

/** Whether a packet to that target leaves the pod's network. */
export function allowsEgress(policy: EgressPolicy | undefined, target: string): boolean {
  return policy === undefined || policy.allow.includes(target);
}
