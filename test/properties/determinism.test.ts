/**
 * Claim: a run is a function of scenario, knobs and seed alone. Method: random scenarios, wild ones, each run in another mode, order of
 * registration, from snapshots, forth and back, in another thread; histories compared by deep fingerprint and by every fact.
 */
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { History } from '../../src/kernel/history.ts';
import { moment, seconds } from '../../src/kernel/time.ts';
import type { StampedFact } from '../../src/kernel/world.ts';
import { defaultCalibration } from '../../src/model/calibration/index.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import { assemble } from '../../src/scenarios/assemble/index.ts';
import type { AssemblyOptions } from '../../src/scenarios/assemble/index.ts';
import { arbitraryPlan } from '../../src/testing/arbitrary-plan.ts';
import { checkPlan } from '../../src/testing/plan-run.ts';
import type { ReachedCorners } from '../../src/testing/corners.ts';
import { loadPlan } from '../../src/testing/plan.ts';
import type { Plan } from '../../src/testing/plan.ts';
import { bundleForWorker } from '../support/worker-bundle.ts';

interface Lived {
  readonly fingerprint: string;
  readonly facts: readonly StampedFact<Identity>[];
}

function live(plan: Plan, options: AssemblyOptions): Lived {
  const world = assemble(loadPlan(plan), defaultCalibration(), { fingerprint: 'deep', ...options });
  const facts: StampedFact<Identity>[] = [];
  world.observe({
    onFact: (fact) => {
      facts.push(fact);
    },
  });
  return { fingerprint: world.run().fingerprint, facts };
}

const totals: Record<keyof ReachedCorners, number> = {
  failovers: 0,
  nodeLosses: 0,
  throttled: 0,
  nameReuses: 0,
  deletionsMidFlight: 0,
  namesakes: 0,
  overfullWorkers: 0,
  staleCycles: 0,
};
const RUNS = 60;

afterAll(() => {
  process.stdout.write(`corners reached by ${String(RUNS)} random scenarios: ${JSON.stringify(totals)}\n`);
});

describe('a random scenario', () => {
  it('lives the same life fast and recorded, registered in another order, and twice', () => {
    fc.assert(
      fc.property(arbitraryPlan({ minSteps: 6, maxSteps: 14, crowdedShare: 3 }), (plan) => {
        const recorded = live(plan, { mode: 'recorded' });
        for (const options of [{ mode: 'fast', registration: 'reversed' }, { mode: 'recorded' }] as const) {
          const other = live(plan, options);
          expect(other.facts).toEqual(recorded.facts);
          expect(other.fingerprint).toBe(recorded.fingerprint);
        }
        const { reached, outcome } = checkPlan(plan, { fingerprint: 'deep' });
        expect(outcome.fingerprint, 'fast, and watched').toBe(recorded.fingerprint);
        for (const corner of Object.keys(totals) as (keyof ReachedCorners)[]) totals[corner] += Math.min(1, reached[corner]);
      }),
      { numRuns: RUNS, seed: 20 },
    );
    for (const [corner, count] of Object.entries(totals)) expect(count, corner).toBeGreaterThan(0);
  });

  it('ends the same from a snapshot taken at any event', () => {
    fc.assert(
      fc.property(
        arbitraryPlan({ maxSteps: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('fast' as const, 'recorded' as const),
        (plan, share, mode) => {
          const world = assemble(loadPlan(plan), defaultCalibration(), { fingerprint: 'deep', mode });
          const start = world.snapshot();
          const whole = world.run();
          world.restore(start);
          world.run({ events: Math.floor(share * whole.events) });
          const snapshot = world.snapshot();
          world.run();
          world.restore(snapshot);
          expect(world.run()).toEqual(whole);
        },
      ),
      { numRuns: 30, seed: 21 },
    );
  });

  it('is in the same state after N steps forth and N steps back, for any N', () => {
    fc.assert(
      fc.property(arbitraryPlan({ maxSteps: 4 }), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 }), (plan, from, n) => {
        const world = assemble(loadPlan(plan), defaultCalibration(), { mode: 'recorded' });
        const history = new History(world);
        history.goTo(from);
        const place = history.position;
        const states = JSON.stringify(history.actors.map((actor) => [actor, history.stateOf(actor)]));
        const fingerprint = world.fingerprint;
        let forth = 0;
        while (forth < n && history.next() !== undefined) forth += 1;
        for (let back = 0; back < forth; back += 1) history.back();
        expect(history.position).toBe(place);
        expect(world.fingerprint).toBe(fingerprint);
        expect(JSON.stringify(history.actors.map((actor) => [actor, history.stateOf(actor)]))).toBe(states);
      }),
      { numRuns: 8, seed: 22 },
    );
  });
});

describe('another thread', () => {
  it('has the same fingerprint', async () => {
    const plan: Plan = {
      pool: 'vmss',
      nodes: 2,
      steps: [
        { gap: 1, act: { do: 'createPod', namespace: 'default', pod: 'web', label: 'red' } },
        { gap: 40, act: { do: 'killMic', which: 'leader' } },
        { gap: 5, act: { do: 'deletePod', namespace: 'default', pod: 'web' } },
      ],
      parameters: {},
    };
    const here = checkPlan(plan, { fingerprint: 'deep' }).outcome.fingerprint;
    const worker = new Worker(await bundleForWorker(), { eval: true, workerData: plan });
    const there = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(there).toBe(here);
  });
});

describe('paired runs', () => {
  it('of one more pod on scale set A change nothing that happens on scale set B', () => {
    const on = (extra: 'with' | 'without'): readonly unknown[] => {
      const world = assemble(twoPools(extra), defaultCalibration(), { mode: 'fast' });
      const facts: unknown[] = [];
      world.observe({
        onFact: ({ at, actor, fact }) => {
          if (at < moment(seconds(1200)) && /poolb|shop\//.test(actor) && !actor.startsWith('mic/')) facts.push([at, actor, fact]);
        },
      });
      world.run();
      return facts;
    };
    const without = on('without');
    expect(without.length).toBeGreaterThan(10);
    expect(on('with')).toEqual(without);
  });
});

/** Two pools; the pod on pool B comes long after the extra one on pool A, so that MIC is free again. */
function twoPools(extra: 'with' | 'without'): ReturnType<typeof loadPlan> {
  const base = loadPlan({
    pool: 'vmss',
    nodes: 1,
    steps: [{ gap: 1, act: { do: 'createPod', namespace: 'default', pod: 'web', label: 'red' } }],
    parameters: {},
  });
  const template = base.steps.find((step) => step.action.verb === 'apply' && step.action.objects.some((object) => object.kind === 'Pod'));
  const pod = template?.action.verb === 'apply' ? template.action.objects.find((object) => object.kind === 'Pod') : undefined;
  if (template === undefined || pod?.kind !== 'Pod' || base.cluster === undefined) throw new Error('the plan has a pod');
  const [poolA] = base.cluster.nodePools;
  if (poolA === undefined) throw new Error('the plan has a pool');
  const podOn = (
    pool: string,
    place: { readonly id: string; readonly at: number; readonly name: string; readonly namespace: string },
  ): (typeof base.steps)[number] => ({
    ...template,
    id: place.id,
    at: seconds(place.at),
    action: {
      verb: 'apply',
      file: '',
      objects: [
        {
          ...pod,
          metadata: {
            ...pod.metadata,
            name: place.name,
            namespace: place.namespace,
            labels: { app: 'plan', aadpodidbinding: `red-${place.namespace}` },
          },
          spec: { ...pod.spec, nodeSelector: { agentpool: pool } },
        },
      ],
    },
  });
  const installation = base.steps.filter((step) => step.at === 0);
  const onB = podOn('poolb', { id: 'step-0902', at: 600, name: 'api', namespace: 'shop' });
  const onA = podOn(poolA.name, { id: 'step-0901', at: 100, name: 'web', namespace: 'default' });
  return {
    ...base,
    horizon: seconds(1200),
    cluster: { ...base.cluster, nodePools: [poolA, { ...poolA, name: 'poolb' }] },
    steps: [...installation, ...(extra === 'with' ? [onA] : []), onB],
  };
}
