/** Where the rule behind each kind of wait is written down: the knobs that set its length, whose sources the catalogue holds. */
import { catalogue } from '../../model/calibration/index.ts';
import type { KnobName } from '../../model/calibration/index.ts';
import type { LatencyPart } from '../../model/labels.ts';

/** Knobs that decide how long each part lasts; none where it follows from others' waits. */
const KNOBS: Readonly<Record<LatencyPart, readonly KnobName[]>> = {
  podStart: ['pod.start', 'image.pull.cold'],
  podIp: ['pod.ipVisibleLag'],
  nmiStart: ['nmi.startAfterReady.cold', 'nmi.init'],
  micQueue: ['mic.sync.eventCoalescing', 'mic.sync.tail'],
  micWork: ['mic.sync.noopCycle'],
  clientThrottle: ['mic.clientQps'],
  patch: ['vmss.patch.duration.serverSide', 'vm.patch.duration'],
  patchPoll: ['arm.poll.interval.mic'],
  arm: ['arm.get.latency', 'arm.write.acceptLatency'],
  watch: ['watch.latency'],
  nmiPoll: ['nmi.lookup.interval'],
  nmiLookup: ['nmi.podLookup.sleep'],
  nmiBackoff: ['adal.imds.delays'],
  imds: ['imds.latency.cacheHit', 'imds.latency.notFound'],
  aad: ['entra.token.latency'],
  rbac: ['rbac.grant.delay'],
  api: ['api.mutate.latency', 'api.get.latency'],
  clientBackoff: [],
  clientTimeout: ['client.http.timeout'],
  appRetry: [],
  idle: [],
  net: ['net.rtt.inRegion', 'link.node'],
  other: [],
};

/** Sources of the rule behind a wait: `knob (source key)` each; empty where no number decides it. */
export function ruleSources(label: string): readonly string[] {
  const knobs = Object.hasOwn(KNOBS, label) ? KNOBS[label as LatencyPart] : [];
  return sourcesOf(knobs);
}

/** `knob (source key)` of each. */
export function sourcesOf(knobs: readonly KnobName[]): readonly string[] {
  return knobs.map((name) => `${name} (${catalogue[name].source})`);
}
