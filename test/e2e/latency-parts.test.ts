/**
 * Claim: each part of a token's latency is what its name says. Method: one cause is made longer and the run repeated; the part of that
 * cause grows by as much, and no other, but for the poll quanta in between, which take up to one period more or less and are named.
 */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/kernel/time.ts';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { LatencyPart } from '../../src/model/labels.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import { packaged, worldOf } from '../support/packaged.ts';

type Parts = Readonly<Partial<Record<LatencyPart, number>>>;

/** Every time that would else be drawn; nothing fails by chance, and the pod asks as soon as MIC hears of it. */
const CALM: Overrides = {
  'api.mutate.latency': '20ms',
  'arm.error5xx.prob': 0,
  'arm.get.latency': '45ms',
  'arm.get.pathological.prob': 0,
  'arm.write.acceptLatency': '500ms',
  'arm.write.rejectLatency': '500ms',
  'entra.token.errorProb': 0,
  'entra.token.latency': '350ms',
  'imds.assign.visibleAt': 0.9,
  'imds.error5xx.prob': 0,
  'imds.latency.firstUse': '1s',
  'imds.timeout.prob': 0,
  'imds.update410.interarrival': '1000d',
  'nmi.overhead': '1ms',
  'pod.ipVisibleLag': '100ms',
  'pod.start': '1ms',
  'vmss.patch.duration.serverSide': '31s',
  'watch.latency': '30ms',
};

/** [s] Longest wait for the next look of NMI, for MIC's next poll of ARM, and for the next scan for a pod. */
const QUANTA: Parts = { nmiPoll: 5, patchPoll: 5, nmiLookup: 0.3 };

/** Parts of the first token [s]: of the pod whose identity is new on the scale set (0), and of the one that finds it there (1). */
function partsOf(pod: 0 | 1, overrides: Overrides, scenario: ScenarioDescription = packaged('aks-sql-token')): Parts {
  const world = worldOf(scenario, { seed: 'intervention', overrides: { ...CALM, ...overrides } });
  const tokens: Parts[] = [];
  world.observe({
    onFact: ({ at, event, fact }) => {
      if (fact.type !== 'token-answered' || !fact.isFirst) return;
      const parts: Record<string, number> = {};
      let sum = 0;
      for (const { label, from, to } of world.trace.divide(event, fact.since)) {
        parts[label] = (parts[label] ?? 0) + (to - from) / 1e6;
        sum += to - from;
      }
      expect(sum).toBe(at - fact.since);
      tokens.push(parts);
    },
  });
  world.run();
  return tokens[pod] ?? {};
}

function growth(before: Parts, after: Parts): Parts {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as ReadonlySet<LatencyPart>;
  return Object.fromEntries([...names].map((part) => [part, (after[part] ?? 0) - (before[part] ?? 0)]));
}

interface Intervention {
  readonly part: LatencyPart;
  readonly cause: string;
  readonly pod: 0 | 1;
  readonly base?: Overrides;
  readonly longer: Overrides;
  /** [s] */
  readonly by: number;
  /** Poll periods in between. */
  readonly quanta?: readonly ('nmiPoll' | 'patchPoll' | 'nmiLookup')[];
}

const interventions: readonly Intervention[] = [
  { part: 'podIp', cause: 'the address seen 0.6 s later', pod: 1, longer: { 'pod.ipVisibleLag': '700ms' }, by: 0.6, quanta: ['nmiLookup'] },
  { part: 'watch', cause: 'a watch 0.6 s slower', pod: 1, longer: { 'watch.latency': '630ms' }, by: 0.6, quanta: ['nmiLookup'] },
  { part: 'nmiLookup', cause: 'scans 1 s apart instead of 0.3 s', pod: 1, longer: { 'nmi.podLookup.sleep': '1s' }, by: 0.7 },
  { part: 'imds', cause: 'IMDS 5 s slower', pod: 0, longer: { 'imds.latency.firstUse': '6s' }, by: 5 },
  {
    part: 'net',
    cause: 'NMI 2 s slower, IMDS’s own share as before',
    pod: 1,
    longer: { 'nmi.overhead': '2.001s', 'imds.latency.firstUse': '3s' },
    by: 2,
  },
  {
    part: 'patch',
    cause: 'a PATCH 10 s longer',
    pod: 0,
    longer: { 'vmss.patch.duration.serverSide': '41s' },
    by: 10,
    quanta: ['patchPoll', 'nmiPoll'],
  },
  { part: 'arm', cause: 'writes accepted 5 s later', pod: 0, longer: { 'arm.write.acceptLatency': '5.5s' }, by: 5, quanta: ['nmiPoll'] },
  {
    part: 'patchPoll',
    cause: 'ARM polled each 20 s instead of 5 s, a PATCH of 31 s',
    pod: 0,
    longer: { 'arm.poll.interval.mic': '20s' },
    by: 5,
    quanta: ['nmiPoll'],
  },
  {
    part: 'nmiPoll',
    cause: 'looks each 50 s instead of 40 s',
    pod: 0,
    base: { 'nmi.lookup.interval': '40s' },
    longer: { 'nmi.lookup.interval': '50s' },
    by: 10,
  },
];

describe('a longer cause lengthens its own part', () => {
  it.each(interventions)('$part, by $cause', ({ part, pod, base = {}, longer, by, quanta = [] }) => {
    const grown = growth(partsOf(pod, base), partsOf(pod, { ...base, ...longer }));
    // Fewer polls are fewer calls of ARM, each 45 ms.
    // Which of the pod's look and the watch's news comes last decides who of them has the last 30 ms.
    const slack = part === 'patchPoll' ? 0.3 : part === 'nmiPoll' ? 0.031 : 0.003;
    expect(Math.abs((grown[part] ?? 0) - by), part).toBeLessThanOrEqual(slack);
    for (const [other, change] of Object.entries(grown) as [LatencyPart, number][]) {
      if (other === part) continue;
      const quantum = (quanta as readonly string[]).includes(other) ? (QUANTA[other] ?? 0) : 0;
      expect(Math.abs(change), other).toBeLessThanOrEqual(quantum + (part === 'nmiPoll' ? 0.031 : 0.003));
    }
  });

  it('appRetry, by an application that asks again 20 s instead of 10 s after a 403', () => {
    const every = (wait: number): ScenarioDescription => {
      const scenario = packaged('aks-sql-token');
      const workloads = scenario.workloads.map((row) => ({ ...row, retryAfterDenial: seconds(wait) }));
      return { ...scenario, workloads };
    };
    // Seen by IMDS only some seconds after the end of the PATCH: the first asking is refused.
    const late = { 'imds.assign.visibleAt': 1.3 };
    const grown = growth(partsOf(0, late, every(10)), partsOf(0, late, every(20)));
    expect(grown.appRetry).toBeCloseTo(10, 2);
    for (const [other, change] of Object.entries(grown)) if (other !== 'appRetry') expect(Math.abs(change), other).toBeLessThan(0.01);
  });
});
