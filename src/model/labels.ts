/**
 * Names of what a token can be waiting for. Each is declared where the delay is set (link, timer, queue, bucket); a latency report
 * sums by them. The list is closed: an unknown name is a mistake.
 */

/** Latency parts, in the order in which reports show them. */
export const LATENCY_PARTS = [
  'podStart',
  'podIp',
  'nmiStart',
  'micQueue',
  'micWork',
  'clientThrottle',
  'patch',
  'patchPoll',
  'arm',
  'watch',
  'nmiPoll',
  'nmiLookup',
  'nmiBackoff',
  'imds',
  'aad',
  'rbac',
  'api',
  'clientBackoff',
  'clientTimeout',
  'appRetry',
  'idle',
  'net',
  'other',
] as const;

/** One of them. */
export type LatencyPart = (typeof LATENCY_PARTS)[number];

/** Meaning of each part, one line, for legends. */
export const LATENCY_PART_MEANING: Readonly<Record<LatencyPart, string>> = {
  podStart: 'container start and what the kubelet does around it',
  podIp: 'until the pod IP is published',
  nmiStart: 'until NMI on the node serves',
  micQueue: 'waiting until MIC begins a cycle for it (earlier events, a running cycle)',
  micWork: 'work inside a MIC cycle',
  clientThrottle: "waiting for a client's own rate limit (MIC: 5 QPS)",
  patch: 'the PATCH of the VM or scale set at ARM',
  patchPoll: 'from the end of the PATCH to the poll that sees it',
  arm: 'other ARM calls',
  watch: 'until a watch delivers a change to a cache',
  nmiPoll: 'from the change in the cache to the next of the 5-second looks of NMI',
  nmiLookup: 'NMI looking up the pod by its IP',
  nmiBackoff: 'NMI waiting before it asks IMDS again',
  imds: 'IMDS',
  aad: 'Entra issuing the token',
  rbac: 'until a role assignment is effective',
  api: 'calls of the kube-apiserver',
  clientBackoff: 'the token client waiting before its next try',
  clientTimeout: 'a try of the token client that ran into its own time-out',
  appRetry: 'the application waiting before it asks again',
  idle: 'nothing was under way: a step of the story, or the next use, had not come',
  net: 'packets under way',
  other: 'anything else',
};
