/** What may go wrong, one thing a run: as steps that are added to a scenario. */
import { plus, minutes, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import type { ScenarioDescription, StepAction, StoryStep } from '../../scenarios/description.ts';
import { nodesOfPool } from '../../scenarios/description.ts';

/** A fault: what it is for readers, and a scenario with it; undefined where the architecture has nothing it could strike. */
export interface ComparedFault {
  readonly name: string;
  readonly title: string;
  /** Until when it is in force: it ends with the outage, never, or is over as soon as it is done. */
  readonly lasts: (scenario: ScenarioDescription) => 'outage' | 'forGood' | 'moment';
  readonly apply: (scenario: ScenarioDescription, at: Duration) => ScenarioDescription | undefined;
}

/** How long outages and stalls last. */
export const OUTAGE = minutes(30);

/** Fault ids start so, and collide with none of a scenario. */
const ID = 'compare-';

/** All faults, in the order of the table. */
export const COMPARED_FAULTS: readonly ComparedFault[] = [
  {
    name: 'aadOutage',
    title: 'Entra answers 503 for 30 minutes',
    lasts: () => 'outage',
    apply: (scenario: ScenarioDescription, at: Duration): ScenarioDescription =>
      withSteps(
        scenario,
        at,
        [fault('aad', 'AadTokenRequest', { status: 503, code: 'ServiceUnavailable' })],
        [{ verb: 'restore', id: `${ID}aad` }],
      ),
  },
  {
    name: 'armStorm',
    title: 'ARM answers 429 with Retry-After 60 s for 30 minutes',
    lasts: () => 'outage',
    apply: (scenario: ScenarioDescription, at: Duration): ScenarioDescription =>
      withSteps(
        scenario,
        at,
        [fault('arm', 'ArmRequest', { status: 429, code: 'TooManyRequests', retryAfter: seconds(60) })],
        [{ verb: 'restore', id: `${ID}arm` }],
      ),
  },
  { name: 'nmiRollout', title: 'the DaemonSet of NMI is rolled out anew', lasts: () => 'moment', apply: rollNmi },
  {
    name: 'identityDeleted',
    title: 'the first identity (or application) is deleted',
    lasts: () => 'forGood',
    apply: (scenario: ScenarioDescription, at: Duration): ScenarioDescription | undefined => {
      const [identity] = scenario.identities;
      return identity === undefined ? undefined : withSteps(scenario, at, [{ verb: 'deleteIdentity', identityId: identity.id }]);
    },
  },
  {
    name: 'credentialExpired',
    title: 'the client secret expires; the platform rolls its certificates; the cluster rotates its signing keys',
    // A secret stays expired; certificates and keys are rolled in a moment.
    lasts: ({ identities }) => (identities.some(({ secret }) => secret !== undefined) ? 'forGood' : 'moment'),
    apply: expire,
  },
  {
    name: 'scaleOut',
    title: 'three times the nodes and three times the pods; the nodes that were there have no room for more',
    lasts: () => 'moment',
    apply: scaleOut,
  },
  { name: 'watchStall', title: 'the watches of MIC and NMI deliver nothing for 30 minutes', lasts: () => 'outage', apply: stall },
];

function fault(
  to: 'aad' | 'arm',
  type: string,
  answer: { readonly status: number; readonly code: string; readonly retryAfter?: Duration },
): StepAction {
  return { verb: 'fault', fault: { id: `${ID}${to}`, to, type, action: { kind: 'answer', message: 'injected by compare', ...answer } } };
}

/** The scenario with actions at a time, and others when the outage is over, where the run lasts so long. */
function withSteps(
  scenario: ScenarioDescription,
  at: Duration,
  actions: readonly StepAction[],
  endings: readonly StepAction[] = [],
): ScenarioDescription {
  const steps: StoryStep[] = [...scenario.steps];
  const add = (action: StepAction, when: Duration): void => {
    steps.push({
      id: `step-${String(steps.length + 1).padStart(4, '0')}-${ID}${action.verb}`,
      at: when,
      text: `compare: ${action.verb}`,
      origin: 'story',
      place: { file: scenario.path, line: 1, column: 1 },
      action,
    });
  };
  for (const action of actions) add(action, at);
  const end = plus(at, OUTAGE);
  if (end <= scenario.horizon) for (const action of endings) add(action, end);
  return { ...scenario, steps: steps.sort((a, b) => a.at - b.at) };
}

function objectsOf({ steps }: ScenarioDescription): readonly KubernetesObject[] {
  return steps.flatMap(({ action }) => (action.verb === 'apply' ? action.objects : []));
}

/** The nodes at the start. */
function nodesOf({ cluster }: ScenarioDescription): readonly string[] {
  return (cluster?.nodePools ?? []).flatMap((pool) => nodesOfPool(pool));
}

function rollNmi(scenario: ScenarioDescription, at: Duration): ScenarioDescription | undefined {
  const nmi = objectsOf(scenario).find((object) => object.kind === 'DaemonSet' && object.metadata.name === 'nmi');
  if (nmi?.kind !== 'DaemonSet') return undefined;
  const template = { ...nmi.spec.template, annotations: { ...nmi.spec.template.annotations, 'compare/rollout': '1' } };
  const object: KubernetesObject = { ...nmi, spec: { ...nmi.spec, template } };
  return withSteps(scenario, at, [{ verb: 'apply', file: '', objects: [object] }]);
}

function expire(scenario: ScenarioDescription, at: Duration): ScenarioDescription {
  const identities = scenario.identities.map((identity) =>
    identity.secret === undefined ? identity : { ...identity, secret: { expiresAt: at } },
  );
  const rolled = identities.filter(({ secret }) => secret === undefined).map(({ id }): StepAction => ({ verb: 'roll', resourceId: id }));
  const rotated: StepAction[] = scenario.cluster?.workloadIdentity === undefined ? [] : [{ verb: 'rotateSigningKeys' }];
  return withSteps({ ...scenario, identities }, at, [...rolled, ...rotated]);
}

const TIMES = 3;

/** After that the scheduler has seen that the old nodes are full: no watch is later. */
const UNTIL_SEEN = seconds(10);

function scaleOut(scenario: ScenarioDescription, at: Duration): ScenarioDescription {
  const pools = (scenario.cluster?.nodePools ?? []).map((pool): StepAction => ({
    verb: 'scalePool',
    pool: pool.name,
    to: pool.nodes * TIMES,
  }));
  const owners = new Set(scenario.workloads.map(({ select }) => `${select?.namespace ?? ''}/${select?.owner ?? ''}`));
  const isOurs = (what: string, key: string): boolean => owners.has(`${key.split('/')[0] ?? ''}/${what}/${key.split('/')[1] ?? ''}`);
  const sets = objectsOf(scenario).flatMap((object): readonly StepAction[] => {
    if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return [];
    const { name, namespace } = object.metadata;
    if (!owners.has(`${namespace}/${object.kind}/${name}`)) return [];
    return [{ verb: 'scale', what: object.kind, key: `${namespace}/${name}`, to: object.spec.replicas * TIMES }];
  });
  // What the story wants later it wants of a world three times as large.
  const steps = scenario.steps.map((step): StoryStep => {
    const { action } = step;
    if (step.at < at) return step;
    if (action.verb === 'scalePool') return { ...step, action: { ...action, to: action.to * TIMES } };
    return action.verb === 'scale' && isOurs(action.what, action.key) ? { ...step, action: { ...action, to: action.to * TIMES } } : step;
  });
  // Nodes are added because pods find no room: those that come wait for the new ones, and start there as soon as NMI does or sooner.
  const full = nodesOf(scenario).map((node): StepAction => ({ verb: 'cordon', node, state: 'cordoned' }));
  return withSteps(withSteps({ ...scenario, steps }, at, full), plus(at, UNTIL_SEEN), [...pools, ...sets]);
}

/** MIC's watch of pods; NMI's of pods and of what is assigned on its node. */
function stall(scenario: ScenarioDescription, at: Duration): ScenarioDescription | undefined {
  const { cluster } = scenario;
  if (cluster?.podIdentity === undefined) return undefined;
  const stalls: Extract<StepAction, { verb: 'stall' }>[] = [];
  if (cluster.podIdentity.settings.mode === 'standard')
    stalls.push({ verb: 'stall', ends: 'restore', id: `${ID}mic`, component: 'mic', node: '', table: 'pods' });
  for (const node of nodesOf(scenario))
    for (const table of ['pods', 'azureAssignedIdentities'] as const)
      stalls.push({ verb: 'stall', ends: 'restore', id: `${ID}${node}-${table}`, component: 'nmi', node, table });
  return withSteps(
    scenario,
    at,
    stalls,
    stalls.map(({ id }): StepAction => ({ verb: 'restore', id })),
  );
}
