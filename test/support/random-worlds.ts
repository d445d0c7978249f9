/**
 * Random worlds under every invariant that nothing in them is known to break.
 *
 * Which weaknesses a world can show follows from what is done in it; an invariant is watched where none of those that break its property
 * can show. So what is left out is left out by cause, and whatever falls is news.
 */
import fc from 'fast-check';
import { arbitraryPlan, checkPlan, INVARIANT_NAMES, MIC_PROPERTIES, NMI_PROPERTIES } from '../../src/testing/index.ts';
import type { Act, InvariantName, Plan, Property } from '../../src/testing/index.ts';

/** Weaknesses of MIC and of NMI that an act makes possible. */
interface Causes {
  readonly mic: readonly string[];
  readonly nmi: readonly string[];
}

const NONE: Causes = { mic: [], nmi: [] };

const CAUSES: Readonly<Record<Act['do'], Causes>> = {
  // A pod of the same name is another pod; whoever deletes it takes its identity away while it still asks.
  createPod: { mic: [], nmi: ['W13', 'W14'] },
  deletePod: { mic: [], nmi: ['W14', 'W15'] },
  unbind: { mic: [], nmi: ['W14', 'W15'] },
  bind: NONE,
  scaleDeployment: { mic: [], nmi: ['W14', 'W15'] },
  drain: { mic: [], nmi: ['W14', 'W15'] },
  removeNode: { mic: ['W4', 'W6', 'W30'], nmi: ['W1', 'W6', 'W7'] },
  scalePool: { mic: ['W4', 'W6', 'W30'], nmi: ['W1', 'W2', 'W6'] },
  killMic: { mic: ['W3', 'W21', 'W36', 'W37'], nmi: [] },
  killNmi: { mic: [], nmi: ['W2', 'W4'] },
  throttleArm: { mic: ['W3', 'W9', 'W16', 'W27'], nmi: [] },
  failArm: { mic: ['W3', 'W9', 'W16', 'W27'], nmi: [] },
  deleteAzureIdentity: { mic: ['W25', 'W26'], nmi: [] },
  createAzureIdentity: { mic: ['W25', 'W26'], nmi: [] },
  unassign: { mic: ['W19', 'W21', 'W22'], nmi: ['W16'] },
  stallMic: { mic: ['W1', 'W2', 'W3', 'W7'], nmi: ['W14'] },
  thawMic: NONE,
};

/** Pods of one name in two namespaces. */
const NAMESAKES = ['W11', 'W21'];

/** Weaknesses that a plan makes possible. */
function causesIn({ steps }: Plan): { readonly mic: ReadonlySet<string>; readonly nmi: ReadonlySet<string> } {
  const causes = steps.map(({ act }) => CAUSES[act.do]);
  const pods = steps.flatMap(({ act }) => (act.do === 'createPod' ? [act] : []));
  const hasNamesakes = pods.some((a) => pods.some((b) => a.pod === b.pod && a.namespace !== b.namespace));
  const mic = causes.flatMap((one) => one.mic);
  return { mic: new Set([...mic, ...(hasNamesakes ? NAMESAKES : [])]), nmi: new Set(causes.flatMap((one) => one.nmi)) };
}

/** The invariants that hold in every world that a plan describes. */
export function promisedIn(plan: Plan): readonly InvariantName[] {
  const causes = causesIn(plan);
  const broken = (properties: Readonly<Record<string, Property>>, by: ReadonlySet<string>): readonly InvariantName[] =>
    Object.values(properties).flatMap(({ invariants, brokenBy }) => (brokenBy.some((weakness) => by.has(weakness)) ? invariants : []));
  const out = new Set([...broken(MIC_PROPERTIES, causes.mic), ...broken(NMI_PROPERTIES, causes.nmi)]);
  return INVARIANT_NAMES.filter((name) => !out.has(name));
}

/** What a number of worlds showed: what fell, with its plan, and how often each invariant was put to the test. */
export interface Watched {
  readonly fallen: readonly string[];
  readonly checks: ReadonlyMap<InvariantName, number>;
}

/**
 * The plan in a cluster that has come to rest before it begins (no node without NMI), and whose watches lag less than MIC sleeps (so that it
 * sees what it did itself).
 */
function rested(plan: Plan): Plan {
  const [first, ...others] = plan.steps;
  if (first === undefined) return plan;
  return {
    ...plan,
    steps: [{ ...first, gap: first.gap + SETTLING }, ...others],
    parameters: { ...plan.parameters, 'watch.latency': '50ms' },
  };
}

/** Until everything runs that is installed at the start [s]. */
const SETTLING = 120;

/** Lives so many random worlds. */
export function watchOver(worlds: number, seed: number, options: Parameters<typeof arbitraryPlan>[0]): Watched {
  const fallen: string[] = [];
  const checks = new Map<InvariantName, number>();
  for (const plan of fc.sample(arbitraryPlan(options), { numRuns: worlds, seed }).map(rested)) {
    const run = checkPlan(plan, { invariants: promisedIn(plan) });
    for (const { invariant, first } of run.violations) fallen.push(`${invariant}: ${first.text} in ${JSON.stringify(plan)}`);
    for (const name of INVARIANT_NAMES) checks.set(name, (checks.get(name) ?? 0) + (run.checks[name] ?? 0));
  }
  return { fallen, checks };
}
