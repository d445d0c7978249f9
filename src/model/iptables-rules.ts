/**
 * The redirect of the metadata address in a node's nat table: what NMI puts there, what it checks, and what a packet meets.
 *
 * Follows aad-pod-identity v1.8.17 `pkg/nmi/iptables/iptables.go`: chain `aad-metadata` (DNAT, then RETURN) and one jump to it in
 * PREROUTING. IPv4, TCP and port 80 are all that is modelled. Of third parties: a rule before the jump that takes the packets to IMDS
 * itself, and a policy against NMI's address.
 */
import type { NodeRules } from './node-rules.ts';

/** What a node's table holds before any NMI ran there. */
export function noRules(node: string): NodeRules {
  return { node, chain: 'absent', jump: 'absent', listener: 'down' };
}

/** Whether a new connection to the metadata address is redirected to NMI's port. */
export function redirects(rules: NodeRules): boolean {
  return rules.chain === 'full' && rules.jump === 'present' && rules.before !== 'foreign';
}

/**
 * Whether NMI's check finds the chain in order.
 *
 * Faithful: it counts the members of the expected set and not their order, so a chain whose RETURN stands before its DNAT passes for
 * ever although it redirects nothing.
 */
export function isChainAccepted(rules: NodeRules): boolean {
  return rules.chain === 'full' || rules.chain === 'reversed';
}

/** Whether a check of NMI would change nothing. */
export function isAccepted(rules: NodeRules): boolean {
  return isChainAccepted(rules) && rules.jump === 'present';
}

/** After `flush`: a third party emptied the chain. The jump stays. */
export function flushed(rules: NodeRules): NodeRules {
  return rules.chain === 'absent' ? rules : { ...rules, chain: 'empty' };
}

/** After NMI wrote the chain anew and made sure of the jump. */
export function written(rules: NodeRules): NodeRules {
  return { ...rules, chain: isChainAccepted(rules) ? rules.chain : 'full', jump: 'present' };
}

/** After NMI's clean-up: jump first, then the chain. */
export function removed(rules: NodeRules): NodeRules {
  return { ...rules, chain: 'absent', jump: 'absent' };
}

/** After a third party wrote the two rules again in the wrong order. */
export function reversed(rules: NodeRules): NodeRules {
  return rules.chain === 'full' ? { ...rules, chain: 'reversed' } : rules;
}

/** Where the first packet of a connection to the metadata address goes. */
export type Destination = 'nmi' | 'imds' | 'refused' | 'dropped';

/** Decides over a new connection. Packets of the host's own network never pass PREROUTING, so they always reach IMDS. */
export function destinationOf(rules: NodeRules, packet: { readonly network: 'pod' | 'host'; readonly sourceIP: string }): Destination {
  if (packet.network === 'host' || packet.sourceIP === '127.0.0.1' || !redirects(rules)) return 'imds';
  if (rules.policy === 'dropsListener') return 'dropped';
  return rules.listener === 'up' ? 'nmi' : 'refused';
}
