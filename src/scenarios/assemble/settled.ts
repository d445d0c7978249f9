/**
 * A warm start: the world as if everything that is applied at time zero had happened long ago and come to rest.
 *
 * 30,000 assigned identities at two calls each and 5 calls a second would otherwise take 3.3 simulated hours. A test holds a settled
 * world equal to a cold one after quiescence.
 */
import type { Calibration } from '../../model/calibration/index.ts';
import { hashString, Randomness } from '../../kernel/random.ts';
import { ORIGIN } from '../../kernel/time.ts';
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import type { DaemonSet } from '../../model/kubernetes.ts';
import { newAssignedIdentity } from '../../model/mic/assigned-identity.ts';
import { contest, desiredOf } from '../../model/mic/desired.ts';
import { isUserAssignedId } from '../../model/mic/naming.ts';
import { placementOf } from '../../model/mic/placement.ts';
import { hasBehaviour } from '../../model/pod-identity-release/behaviours.ts';
import type { Behaviour } from '../../model/pod-identity-release/behaviours.ts';
import type { DesiredAssignment } from '../../model/mic-rows.ts';
import { ordinalName } from '../../model/pod-names.ts';
import { podOf } from '../../model/pod-template.ts';
import { isAdmittedBy, isTainted } from '../../model/taints.ts';
import { componentOf, hasLabels } from '../../model/selectors.ts';
import { WEBHOOK } from '../../model/workload-identity.ts';
import type { ClusterDescription, ScenarioDescription } from '../description.ts';
import { computeId, fillGrant } from './azure.ts';
import type { World } from './world.ts';
import type { PodPlacer } from './pod-placer.ts';
import { putSettled, SETTLED_VERSION, settledName, settlePod } from './settled-pods.ts';

/** Where pods go, and by which knobs. */
interface Settling {
  readonly placer: PodPlacer;
  readonly calibration: Calibration;
}

/** Chance that a tainted node never gets NMI. */
const FORGOTTEN = 'nmi.missingOnTaintedNode.prob';

function isNmi({ spec }: DaemonSet): boolean {
  return componentOf(spec.template) === 'nmi';
}

/** Fills the tables of the cluster with the quiescent state of what the scenario applies at time zero. */
export function settle(world: World, scenario: ScenarioDescription, cluster: ClusterDescription, how: Settling): void {
  const { placer, calibration } = how;
  for (const step of scenario.steps) {
    if (step.at > 0 || step.action.verb !== 'apply') continue;
    for (const object of step.action.objects) if (object.kind !== 'Pod') putSettled(world, object);
  }
  const random = new Randomness(scenario.seed);
  // The controller's own draw, so that a node without NMI stays so.
  const isForgotten = ({ name, taints }: PodPlacer['nodes'][number]): boolean =>
    isTainted(taints) && calibration.sampleNumber(FORGOTTEN, random.uniformAt(FORGOTTEN, hashString(name), 0)) === 1;
  for (const daemonSet of world.table('daemonSets').all()) {
    for (const node of placer.nodes) {
      const { spec } = daemonSet.spec.template;
      if (hasLabels(node.labels, spec.nodeSelector) && isAdmittedBy(node.taints, spec) && !(isNmi(daemonSet) && isForgotten(node)))
        settlePod(world, placer, podOf(daemonSet, { name: settledName(daemonSet, node.name), node: node.name }), calibration);
    }
  }
  for (const deployment of world.table('deployments').all()) {
    if (cluster.workloadIdentity?.webhook === 'present' && keyOf(deployment) === keyIn(WEBHOOK.namespace, WEBHOOK.name)) continue;
    for (let n = 0; n < deployment.spec.replicas; n += 1)
      settlePod(world, placer, podOf(deployment, { name: settledName(deployment, String(n)) }), calibration);
  }
  for (const statefulSet of world.table('statefulSets').all()) {
    for (let n = 0; n < statefulSet.spec.replicas; n += 1)
      settlePod(world, placer, podOf(statefulSet, { name: ordinalName(statefulSet.metadata.name, n) }), calibration);
  }
  for (const step of scenario.steps) {
    if (step.at > 0 || step.action.verb !== 'apply') continue;
    for (const object of step.action.objects) if (object.kind === 'Pod') settlePod(world, placer, object, calibration);
  }
  if (cluster.podIdentity?.settings.mode === 'standard') {
    settleAssignments(world, scenario, cluster);
    settleLease(world, calibration);
  }
}

/** Every desired AzureAssignedIdentity is Assigned, and ARM and IMDS have had its identity for long. */
function settleAssignments(world: World, scenario: ScenarioDescription, cluster: ClusterDescription): void {
  const settings = cluster.podIdentity?.settings;
  const rule = { scope: settings?.forceNamespaced === 'yes' ? 'namespaced' : 'cluster', sharedNamespace: 'default' } as const;
  const has = (behaviour: Behaviour): boolean => hasBehaviour(settings?.version ?? '', behaviour);
  const bindings = world.table('azureIdentityBindings');
  const identities = world.table('azureIdentities');
  const candidates = new Map<string, DesiredAssignment[]>();
  for (const pod of world.table('pods').all()) {
    for (const row of desiredOf(pod, {
      replica: '',
      rule,
      bindingsOf: (selector) => bindings.by('selector', selector),
      identityAt: (key) => identities.get(key),
    })) {
      const rivals = candidates.get(row.name);
      if (rivals === undefined) candidates.set(row.name, [row]);
      else rivals.push(row);
    }
  }
  for (const rivals of candidates.values()) {
    const { winner } = contest(rivals, () => 0, has('micKeepsFirstOfSameName') ? 'first' : 'last');
    const identity = winner === undefined ? undefined : identities.get(winner.identityKey);
    const binding = winner === undefined ? undefined : bindings.get(winner.bindingKey);
    if (winner === undefined || identity === undefined || binding === undefined) continue;
    const born = newAssignedIdentity(winner, { identity, binding }, { status: '', finalizer: has('micAddsFinalizer') ? 'on' : 'off' });
    putSettled(world, { ...born, status: { status: has('micStatesOfAssigned') ? 'Assigned' : '' } });
    if (winner.identityType === 0) attach(world, scenario, winner, has('micComparesIdsWithoutCase') ? 'lower' : 'asWritten');
  }
}

/** `spelled`: how MIC spells the ids that it adds. */
function attach(world: World, scenario: ScenarioDescription, row: DesiredAssignment, spelled: 'lower' | 'asWritten'): void {
  const providerID = world.table('nodes').get(row.node)?.spec.providerID ?? '';
  const placement = placementOf(providerID);
  if (placement.kind === 'unreadable' || !isUserAssignedId(row.resourceID)) return;
  const key = (placement.kind === 'vmss' ? computeId(scenario, 'vmss', placement.name) : computeId(scenario, 'vm', row.node)).toLowerCase();
  const resource = world.table('computeResources').get(key);
  const id = row.resourceID.toLowerCase();
  if (resource === undefined || resource.userAssigned.some((other) => other.toLowerCase() === id)) return;
  const identityType = resource.systemAssigned === undefined ? 'UserAssigned' : 'SystemAssigned, UserAssigned';
  world.fill('computeResources', key, {
    ...resource,
    identityType,
    userAssigned: [...resource.userAssigned, spelled === 'lower' ? id : row.resourceID],
  });
  const identity = world.table('userAssignedIdentities').get(id);
  if (identity !== undefined) fillGrant(world, key, { identity: id, clientId: identity.clientId, principalId: identity.principalId });
}

/** The first MIC pod by name holds the lock, under its bare name unless a flag gives another. */
function settleLease(world: World, calibration: Calibration): void {
  const pods = world
    .table('pods')
    .all()
    .filter((pod) => pod.status.phase === 'Running' && pod.spec.containers.some((container) => container.image.includes('/mic:')))
    .map(keyOf)
    .sort();
  const hostname = pods[0]?.split('/')[1];
  if (hostname === undefined) return;
  const instance = calibration.value('mic.lease.instance');
  const holder = instance === '' ? hostname : instance;
  const lock = calibration.value('mic.lease.lockObject');
  const [namespace = '', name = ''] = lock.split('/');
  world.fill('leases', lock, {
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      uid: `${lock}@1`,
      resourceVersion: SETTLED_VERSION,
      labels: {},
      annotations: {},
      finalizers: [],
      ownerReferences: [],
    },
    spec: { holder, renewedAt: ORIGIN, transitions: 0 },
  });
}
