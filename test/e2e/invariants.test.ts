/**
 * Claim: what may never happen does not happen in the packaged scenarios, however ties fall and however long calls take. Method: every
 * invariant watched over several seeds, with simultaneous events in shuffled order, and with latencies far from their defaults.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../src/model/calibration/index.ts';
import { INVARIANT_NAMES } from '../../src/scenarios/schema/claim-names.ts';
import type { InvariantName } from '../../src/scenarios/schema/claim-names.ts';
import { check } from '../../src/testing/plan-run.ts';
import type { CheckOptions } from '../../src/testing/plan-run.ts';
import { PACKAGED, packaged } from '../support/packaged.ts';

/** Invariants that the real thing itself breaks, and so does a scenario that is about it: a new node has no rules yet (W1). */
const BROKEN_BY_DESIGN: Readonly<Record<string, readonly InvariantName[]>> = {
  'node-scale-out': ['tokensMediated'],
  // A reconcile pass right after the removal, on a cache that lags more than 0.2 s, puts the identity back (W7).
  'aks-sql-token': ['noLeakedIdentity'],
  // A node that is lost before its pods keeps their identities on its VM (W4).
  'resource-deletion': ['noLeakedIdentity'],
  'scale-in-during-assignment': ['noLeakedIdentity'],
  'node-replaced-under-stateful-set': ['noLeakedIdentity'],
  'scale-out-in-waves': ['tokensMediated'],
  // NMI is away, or takes its rules down before it goes.
  'nmi-absent': ['tokensMediated'],
  'nmi-rolling-update': ['tokensMediated'],
  // NMI is taken away while pods still ask the metadata address.
  'migration-wrong': ['tokensMediated'],
  // Entra refuses the secret of the principal, though MIC has done its part.
  'client-secret-expired': ['boundPodServed'],
  // NMI's view of pods has stopped, and addresses are taken again, at last while no MIC takes assignments away.
  'pod-ip-reuse': ['senderRecognised', 'nmiCatchesUp', 'tokenOnlyIfBound'],
  'watch-stall': ['nmiCatchesUp'],
  // MIC sits out the Retry-After of a throttled scale set, and one ARM call holds up everybody (W27, W29).
  'arm-429-storm': ['boundPodAssigned'],
  'patch-16-minutes': ['boundPodAssigned', 'changeIsTakenIn', 'createdGetsAssigned'],
  // What is refused is tried again at every change of anything (W25).
  'bad-identity-in-batch': ['micComesToRest'],
  'cluster-principal-rotated': ['boundPodAssigned', 'micComesToRest'],
  // MIC counts users of an identity by the names of their pods, and this pod is bound twice (W12).
  'two-names-for-one-identity': ['noRemovalOfDesired', 'noRemovalWhileInUse'],
};

/**
 * Invariants that no packaged scenario puts to the test: none has an outage of Entra that outlives a token, or an
 * AzureAssignedIdentity in a namespace that is deleted.
 */
const NOT_REACHED: readonly InvariantName[] = ['namespaceGoes', 'tokenBridgesOutage'];

/** Runs of the main scenario, and of each other one. */
const MAIN = 'aks-sql-token';
const RUNS = 5;
const FEWER_RUNS = 1;

/** Latencies that are stretched or shrunk, as they are by default with their medians times a factor. */
const STRETCHABLE = {
  'link.node': (factor: number) => ms(0.05, factor),
  'net.rtt.inRegion': (factor: number) => `LN(${ms(2, factor)}, 0.6)`,
  'api.mutate.latency': (factor: number) => `LN(${ms(20, factor)}, 1.2)`,
  'watch.latency': (factor: number) => `trunc(LN(${ms(30, factor)}, 1.29), 0s, 10s)`,
  'imds.latency.cacheHit': (factor: number) => `LN(${ms(3.2, factor)}, 0.4)`,
  'imds.latency.cacheMiss': (factor: number) => `LN(${ms(400, factor)}, 0.6)`,
  'imds.latency.firstUse': (factor: number) => `LN(${ms(1000, factor)}, 0.84)`,
  'imds.latency.notFound': (factor: number) => `LN(${ms(500, factor)}, 0.5)`,
  'arm.get.latency': (factor: number) => `LN(${ms(45, factor)}, 0.9)`,
} as const;

type Stretchable = keyof typeof STRETCHABLE;
const NAMES = Object.keys(STRETCHABLE) as readonly Stretchable[];

function ms(median: number, factor: number): string {
  return `${(median * factor).toFixed(3)}ms`;
}

/** Factors from 0.3 to 3, as often below the middle as above. */
const factors = fc.tuple(...NAMES.map(() => fc.integer({ min: 0, max: 100 }).map((power) => 0.3 * 10 ** (power / 100))));
const draws: readonly Overrides[] = fc
  .sample(factors, { numRuns: RUNS, seed: 8 })
  .map((drawn) => Object.fromEntries(NAMES.map((name, index) => [name, STRETCHABLE[name](drawn[index] ?? 1)])));

const checked = new Map<InvariantName, number>();

/** What fell, in words, run by run. A run that broke off early would have shown nothing, and two that are the same no more than one. */
function fallsOf(name: string, runs: readonly CheckOptions[]): readonly string[] {
  const fingerprints = new Set<string>();
  const falls = runs.flatMap((options) => {
    const { violations, outcome, checks } = check(packaged(name), options);
    expect(['horizon', 'quiescent']).toContain(outcome.ended);
    fingerprints.add(outcome.fingerprint);
    for (const invariant of INVARIANT_NAMES) checked.set(invariant, (checked.get(invariant) ?? 0) + (checks[invariant] ?? 0));
    const fallen = violations.filter(({ invariant }) => !(BROKEN_BY_DESIGN[name] ?? []).includes(invariant));
    return fallen.map(
      ({ invariant, first, count }) =>
        `${invariant} (${String(count)}): ${first.text}, event ${String(first.place.event)} of ${JSON.stringify(options)}`,
    );
  });
  expect(fingerprints.size).toBe(runs.length);
  return falls;
}

function runsOf(name: string): number {
  return name === MAIN ? RUNS : FEWER_RUNS;
}

describe.each(PACKAGED)('%s', (name) => {
  it('keeps all invariants with simultaneous events in any order', () => {
    const runs = Array.from({ length: runsOf(name) }, (_, n) => ({ seed: `shuffled/${String(n)}`, ties: 'shuffled' as const }));
    expect(fallsOf(name, runs)).toEqual([]);
  });

  it('keeps all invariants with latencies 0.3 to 3 times as long', () => {
    const runs = draws.slice(0, runsOf(name)).map((overrides, n) => ({ seed: `jittered/${String(n)}`, overrides }));
    expect(fallsOf(name, runs)).toEqual([]);
  });
});

describe('all of them together', () => {
  it('put every invariant to the test', () => {
    expect(INVARIANT_NAMES.filter((name) => (checked.get(name) ?? 0) === 0)).toEqual([...NOT_REACHED]);
  });
});
