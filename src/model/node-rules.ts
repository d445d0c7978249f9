/** The nat table of a node, as far as it concerns the metadata address. */

/** What a node's netfilter holds about the metadata address: table nat, chain `aad-metadata`, and the jump to it. */
export interface NodeRules {
  readonly node: string;
  readonly chain: 'absent' | 'empty' | 'full' | 'reversed';
  readonly jump: 'absent' | 'present';
  readonly listener: 'up' | 'down';
  /** Where the rule sends packets to: the address of an NMI of another release. Absent: as installed. */
  readonly target?: string;
  /** `dropsListener`: a network policy forbids pods the address NMI listens at, or the kernel takes no packets for it. Default `open`. */
  readonly policy?: 'open' | 'dropsListener';
  /** `foreign`: a rule of a third party stands before the jump and sends the packets on to IMDS. Default `nothing`. */
  readonly before?: 'nothing' | 'foreign';
}
