/** Actors as people call them. Ids are `kind/name`; names stay as they are, so that they can be looked up. */

/** By kind: before the rest of the id. */
const WITH_NAME: Readonly<Record<string, string>> = {
  iptables: 'iptables of',
  nmi: 'NMI on',
  imds: 'IMDS of',
  kubelet: 'the kubelet of',
  'volume-plugin': 'the Secrets Store CSI driver of',
  mic: 'MIC',
  'scale-set': 'the scale set',
  'azwi-proxy': 'the proxy sidecar of',
  reboot: 'the host of',
};

/** Whole ids. */
const ALONE: Readonly<Record<string, string>> = {
  aad: 'Entra',
  aks: 'the resource provider of AKS',
  arm: 'ARM',
  'cluster-autoscaler': 'the autoscaler',
  'controller-manager': 'the controller manager',
  'kube-apiserver': 'the API server',
  'oidc-issuer': 'the OIDC issuer of the cluster',
  operator: 'the operator',
  scheduler: 'the scheduler',
};

/** Kinds whose name says it all: pods, and services they use. */
const BY_NAME: ReadonlySet<string> = new Set(['pod', 'app', 'service']);

/** Clients of ARM, by what the story calls them. Their ids end with the step and the place in it. */
const CLIENTS: Readonly<Record<string, string>> = {
  'aks-rp': 'the resource provider of AKS',
};

/** `NMI on aks-pool1-vmss000000` for `nmi/aks-pool1-vmss000000`; an id that no rule knows stays as it is. */
export function actorWords(actor: string): string {
  const cut = actor.indexOf('/');
  if (cut < 0) return ALONE[actor] ?? actor;
  const [kind, name] = [actor.slice(0, cut), actor.slice(cut + 1)];
  const before = WITH_NAME[kind];
  if (before !== undefined) return `${before} ${name}`;
  if (BY_NAME.has(kind)) return name;
  return CLIENTS[kind] ?? (/^step-\d+\/\d+$/u.test(name) ? kind : actor);
}
