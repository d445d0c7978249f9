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

/** Meaning of each part, a few words that fit beside its numbers. */
export const LATENCY_PART_MEANING: Readonly<Record<LatencyPart, string>> = {
  podStart: 'start of its container',
  podIp: 'until its IP is published',
  nmiStart: 'until NMI serves there',
  micQueue: 'until MIC begins a cycle',
  micWork: 'work inside a MIC cycle',
  clientThrottle: "a client's own rate limit",
  patch: 'PATCH of VM or scale set',
  patchPoll: 'until a poll sees its end',
  arm: 'other ARM calls',
  watch: 'until a watch delivers',
  nmiPoll: "NMI's next 5-second look",
  nmiLookup: 'NMI finding the pod by IP',
  nmiBackoff: 'NMI before asking again',
  imds: 'IMDS',
  aad: 'Entra issuing the token',
  rbac: 'until a role takes effect',
  api: 'calls of the kube-apiserver',
  clientBackoff: 'client before its next try',
  clientTimeout: 'until the client timed out',
  appRetry: 'application, to ask again',
  idle: 'next step or use not due',
  net: 'packets under way',
  other: 'anything else',
};
