/** Who sends and receives messages, and which messages a fault may touch: the names a `fault` uses. */
import type { MessageType } from '../../model/messages/index.ts';

/** Actor ids: whole ones, and first parts of those that go on with a name after a slash. */
export const ACTORS = {
  aad: 'single',
  aks: 'single',
  arm: 'single',
  'cluster-autoscaler': 'single',
  'controller-manager': 'single',
  'kube-apiserver': 'single',
  'oidc-issuer': 'single',
  operator: 'single',
  scheduler: 'single',
  'aks-rp': 'many',
  app: 'many',
  az: 'many',
  'azwi-proxy': 'many',
  imds: 'many',
  iptables: 'many',
  kubelet: 'many',
  mic: 'many',
  nmi: 'many',
  pod: 'many',
  'scale-set': 'many',
  service: 'many',
  terraform: 'many',
  'volume-plugin': 'many',
} as const;

/** Requests that a fault may answer in the place of the receiver. */
export const ANSWERABLE: readonly MessageType[] = ['AadTokenRequest', 'ApiRequest', 'ArmRequest', 'MetadataRequest', 'ServiceRequest'];

/** Messages that travel over links. */
export const LINK_MESSAGES: readonly MessageType[] = [
  ...ANSWERABLE,
  'AadTokenResponse',
  'ApiResponse',
  'ArmResponse',
  'ConnectionClosed',
  'IdentityLookup',
  'IdentityLookupResult',
  'MetadataResponse',
  'JwksRequest',
  'JwksResponse',
  'Probe',
  'ProbeAnswer',
  'RulesCommand',
  'RulesDone',
  'ServiceResponse',
];

/** Whether a pattern can match any actor id: one of the singles, or `PART/…`, or a prefix that ends in `*`. */
export function matchesSomeActor(pattern: string): boolean {
  const entries = Object.entries(ACTORS);
  const isPrefix = pattern.endsWith('*');
  const text = isPrefix ? pattern.slice(0, -1) : pattern;
  const slash = text.indexOf('/');
  if (slash >= 0) {
    const kind = text.slice(0, slash);
    return entries.some(([name, number]) => name === kind && number === 'many') && (isPrefix || slash < text.length - 1);
  }
  return isPrefix ? entries.some(([name]) => name.startsWith(text)) : entries.some(([name, number]) => name === text && number === 'single');
}
