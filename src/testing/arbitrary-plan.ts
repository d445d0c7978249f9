/** Random plans for fast-check: they shrink to fewer steps, fewer nodes and shorter gaps. */
import fc from 'fast-check';
import { nearestNames } from '../model/calibration/suggestion.ts';
import { ACTS, IDENTITIES, NAMESPACES, POD_NAMES } from './plan.ts';
import type { Act, NamespaceName, Plan } from './plan.ts';

/** What a random plan may contain. */
export interface PlanOptions {
  /** Fewest steps, to which a counterexample shrinks. Default 1. */
  readonly minSteps?: number;
  /** Most steps. Default 12. */
  readonly maxSteps?: number;
  /** Most nodes at the start. Default 3. */
  readonly maxNodes?: number;
  /** Which acts may occur. Default: all. */
  readonly acts?: readonly Act['do'][];
  /** Namespaces that pods live in. Default: all. */
  readonly namespaces?: readonly NamespaceName[];
  /** In how many of 100 plans a pod has more identities than one PATCH takes [count]. Default 0: such plans are slow. */
  readonly crowdedShare?: number;
  /** Kind of the pool. Default: either. */
  readonly pool?: Plan['pool'];
}

type Arbitraries = Readonly<Record<Act['do'], { readonly weight: number; readonly arbitrary: fc.Arbitrary<Act> }>>;

const pod = fc.constantFrom(...POD_NAMES);
const identity = fc.constantFrom(...IDENTITIES);
const node = fc.integer({ min: 0, max: 2 });
const kind = fc.constantFrom('Pod' as const, 'AzureAssignedIdentity' as const);

/** Identities of a crowd: a few more than one PATCH takes. */
const CROWD = 153;
const CROWDED: Plan['steps'][number] = { gap: 1, act: { do: 'createPod', namespace: 'default', pod: 'web', label: 'crowd' } };

function act<K extends Act['do']>(
  name: K,
  fields: Readonly<Record<Exclude<keyof Extract<Act, { do: K }>, 'do'>, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Act> {
  return fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<Act>;
}

function actsIn(namespaces: readonly NamespaceName[]): Arbitraries {
  const namespace = fc.constantFrom(...namespaces);
  return {
    createPod: { weight: 10, arbitrary: act('createPod', { namespace, pod, label: identity }) },
    deletePod: { weight: 9, arbitrary: act('deletePod', { namespace, pod }) },
    bind: { weight: 1, arbitrary: act('bind', { namespace, identity }) },
    unbind: { weight: 2, arbitrary: act('unbind', { namespace, identity }) },
    scaleDeployment: { weight: 3, arbitrary: act('scaleDeployment', { to: fc.integer({ min: 0, max: 6 }) }) },
    removeNode: { weight: 2, arbitrary: act('removeNode', { node, how: fc.constantFrom('lost' as const, 'deleted' as const) }) },
    drain: { weight: 1, arbitrary: act('drain', { node }) },
    scalePool: { weight: 1, arbitrary: act('scalePool', { to: fc.integer({ min: 1, max: 4 }) }) },
    killMic: { weight: 2, arbitrary: act('killMic', { which: fc.constantFrom('leader' as const, 'all' as const) }) },
    killNmi: { weight: 1, arbitrary: act('killNmi', { signal: fc.constantFrom('SIGTERM' as const, 'SIGKILL' as const) }) },
    throttleArm: { weight: 2, arbitrary: act('throttleArm', { times: fc.integer({ min: 1, max: 2 }) }) },
    failArm: { weight: 1, arbitrary: act('failArm', { times: fc.integer({ min: 1, max: 2 }) }) },
    deleteAzureIdentity: { weight: 1, arbitrary: act('deleteAzureIdentity', { identity }) },
    createAzureIdentity: { weight: 1, arbitrary: act('createAzureIdentity', { identity }) },
    unassign: { weight: 1, arbitrary: act('unassign', { identity }) },
    stallMic: { weight: 1, arbitrary: act('stallMic', { kind }) },
    thawMic: { weight: 1, arbitrary: act('thawMic', { kind }) },
  };
}

/**
 * Random plans. Half of the gaps are short, so that things happen while others are under way.
 *
 * @throws RangeError for acts that there are not, and for a list without any
 */
export function arbitraryPlan(options: PlanOptions = {}): fc.Arbitrary<Plan> {
  const { minSteps = 1, maxSteps = 12, maxNodes = 3, crowdedShare = 0, pool, namespaces = NAMESPACES } = options;
  const arbitraries = actsIn(namespaces);
  const acts = options.acts ?? (Object.keys(arbitraries) as Act['do'][]);
  refuseUnknown(acts);
  const gap = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 90 }));
  const step = fc.record({ gap, act: fc.oneof(...acts.map((name) => arbitraries[name])) });
  const plain = fc.record({
    pool: pool === undefined ? fc.constantFrom('vmss' as const, 'vm' as const) : fc.constant(pool),
    nodes: fc.integer({ min: 1, max: maxNodes }),
    steps: fc.array(step, { minLength: minSteps, maxLength: maxSteps, size: 'max' }),
    parameters: fc.constant({}),
  });
  if (crowdedShare === 0) return plain;
  const crowded = plain.map((plan) => ({ ...plan, crowd: CROWD, steps: [CROWDED, ...plan.steps] }));
  return fc.oneof({ weight: 100 - crowdedShare, arbitrary: plain }, { weight: crowdedShare, arbitrary: crowded });
}

/** Callers without types may write anything. */
function refuseUnknown(acts: readonly string[]): void {
  const names = Object.keys(ACTS);
  const unknown = acts.filter((name) => !names.includes(name));
  if (acts.length > 0 && unknown.length === 0) return;
  const wrong = unknown.map((name) => {
    const near = nearestNames(name, names);
    return `unknown act ${name}${near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`}`;
  });
  throw new RangeError(`${acts.length === 0 ? 'no acts' : wrong.join(', ')}; there are: ${names.join(', ')}`);
}
