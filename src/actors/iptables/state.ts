/** Slice of a node's netfilter, and who its neighbours are. */
import type { Moment } from '../../kernel/time.ts';
import { noRules } from '../../model/iptables-rules.ts';
import type { RulesOperation } from '../../model/messages/token.ts';
import type { NodeRules } from '../../model/node-rules.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Slice of a node's netfilter. */
export interface IptablesState {
  /** Established connections by id -- changes. */
  flows: Record<string, { to: 'nmi' | 'imds'; usedAt: Moment }>;
  /** Requests handed to NMI, perhaps answered since: who is told if the process dies -- changes. */
  open: Record<string, { replyTo: string; since: Moment }>;
  /** When flows and open requests were last looked through -- changes. */
  sweptAt: Moment;
  /** Who waits for the chain to be written -- changes. */
  writing?: { request: string; by: string };
  /** Until when somebody else holds the lock of xtables -- changes. */
  lockedUntil: Moment;
  /** Which event told that NMI listens, and when; absent: it has since before the world began, or does not -- changes. */
  upSince?: { event: number; at: Moment };
  /** Commands that wait for the lock, in order -- changes. */
  queue: { request: string; op: RulesOperation; by: string }[];
}

/** The slice of a node that has just booted. */
export function initialState(): IptablesState {
  return { flows: {}, open: {}, sweptAt: 0 as Moment, lockedUntil: 0 as Moment, queue: [] };
}

/** What the nat table of this node holds. */
export function rulesOf(turn: Turn): NodeRules {
  const node = nodeOf(turn);
  return turn.table('nodeRules').get(node) ?? noRules(node);
}

/** Name of this node. */
export function nodeOf(turn: Turn): string {
  return turn.self.slice('iptables/'.length);
}

/** IMDS of the node's VM, which bears the node's name. */
export function imdsOf(turn: Turn): string {
  return `imds/${turn.table('virtualMachines').get(nodeOf(turn))?.name ?? nodeOf(turn)}`;
}

/** The node's NMI. */
export function nmiOf(turn: Turn): string {
  return `nmi/${nodeOf(turn)}`;
}
