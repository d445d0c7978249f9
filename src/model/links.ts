/** Which message travels on which kind of link. Service times are the receivers' business; links carry only the way. */
import type { LinkKind } from '../kernel/network.ts';
import type { MessageType } from './messages/index.ts';
import type { Identity } from './vocabulary.ts';

/** Within one node, or one VM: loopback and the host's own stack. */
const nodeLocal: LinkKind<Identity> = { name: 'net', latency: 'link.node', order: 'any' };
/** Between machines of a region. */
const region: LinkKind<Identity> = { name: 'net', latency: 'net.rtt.inRegion', order: 'any' };
/** API and ARM calls: their measured latencies contain the way, so the way itself takes no time. */
const call: LinkKind<Identity> = { name: 'net', order: 'any' };

const NODE_LOCAL: ReadonlySet<MessageType> = new Set<MessageType>([
  'MetadataRequest',
  'MetadataResponse',
  'ConnectionClosed',
  'RulesCommand',
  'RulesDone',
]);
const REGION: ReadonlySet<MessageType> = new Set<MessageType>([
  'JwksRequest',
  'JwksResponse',
  'ServiceRequest',
  'ServiceResponse',
  'IdentityLookup',
  'IdentityLookupResult',
]);

/** The link of a message type. */
export function linkOf(type: MessageType): LinkKind<Identity> {
  if (NODE_LOCAL.has(type)) return nodeLocal;
  return REGION.has(type) ? region : call;
}
