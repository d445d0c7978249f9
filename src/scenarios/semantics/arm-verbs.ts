/** Resolves the verbs of the story in which others than MIC write at ARM: AKS, Terraform, `az` with a gap, and traffic at a rate. */
import { ZERO, parseDuration, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ExternalJob, TrafficCall } from '../../model/external-writer.ts';
import { scaleSetOfPool } from '../description.ts';
import type { StepAction } from '../description.ts';
import type { StepSource } from '../schema/story-schema.ts';
import type { Path } from '../text/yaml-source.ts';
import type { Scope } from './scope.ts';

type EditSource = { readonly identity: string; readonly gap?: string | undefined };

/** Time between the read and the write of a tool that edits a whole model. */
const USUAL_GAP = seconds(2);

/** The action of a step whose verb is one of these; undefined for other verbs, and where something is wrong. */
export function armAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  const { aksUpdate, terraformApply, armTraffic, assignIdentity, unassignIdentity, deleteResourceGroup, deleteCluster } = source;
  const podIdentity = podIdentityAction(scope, source, path);
  if (podIdentity !== undefined) return podIdentity;
  if (deleteCluster !== undefined) {
    if (scope.pools.size === 0) scope.problem([...path, 'deleteCluster'], 'there is no cluster in this world');
    return { verb: 'deleteCluster' };
  }
  if (deleteResourceGroup !== undefined) return { verb: 'deleteResourceGroup', name: deleteResourceGroup };
  if (aksUpdate !== undefined) return aksAction(scope, aksUpdate, [...path, 'aksUpdate']);
  if (terraformApply !== undefined) {
    const at = [...path, 'terraformApply'];
    const identities = idsOf(scope, terraformApply.identities, at);
    const gap = gapOf(terraformApply.gap);
    const jobs = scope
      .machines(terraformApply.to, [...at, 'to'])
      .map((resource) => ({ kind: 'replace', resource, identities, gap }) as const);
    return { verb: 'externalWrite', writer: 'terraform', what: `Terraform applies its list of identities to ${terraformApply.to}`, jobs };
  }
  if (armTraffic !== undefined) return trafficAction(scope, armTraffic, [...path, 'armTraffic']);
  if (assignIdentity?.gap !== undefined) {
    const at = [...path, 'assignIdentity'];
    return editAction(scope, assignIdentity, { action: 'add', on: assignIdentity.to, field: 'to' }, at);
  }
  if (unassignIdentity?.gap !== undefined) {
    const at = [...path, 'unassignIdentity'];
    return editAction(scope, unassignIdentity, { action: 'remove', on: unassignIdentity.from, field: 'from' }, at);
  }
  return undefined;
}

/** A pod identity of the add-on of AKS, which runs NMI in managed mode. */
function podIdentityAction(scope: Scope, { putPodIdentity, deletePodIdentity }: StepSource, path: Path): StepAction | undefined {
  const source = putPodIdentity ?? deletePodIdentity;
  if (source === undefined) return undefined;
  const at = [...path, putPodIdentity === undefined ? 'deletePodIdentity' : 'putPodIdentity'];
  if (scope.podIdentityMode !== 'managed')
    scope.problem(at, 'needs world.cluster.podIdentity.mode: managed: the add-on of AKS brings no MIC');
  const { name, namespace = 'default' } = source;
  const pools = [...scope.pools.keys()].flatMap((pool) => scope.machines(`pool:${pool}`, at));
  if (putPodIdentity === undefined) return { verb: 'changePodIdentity', action: 'delete', namespace, name, identityId: '', pools };
  const identity = scope.identity(putPodIdentity.identity, [...at, 'identity']);
  return identity && { verb: 'changePodIdentity', action: 'add', namespace, name, identityId: identity.id, pools };
}

function aksAction(scope: Scope, source: NonNullable<StepSource['aksUpdate']>, path: Path): StepAction | undefined {
  const pool = scope.pool(source.nodePool, [...path, 'nodePool']);
  const identities = idsOf(scope, source.identities ?? [], path);
  if (pool === undefined) return undefined;
  if (pool.kind === 'vm') {
    scope.problem([...path, 'nodePool'], `${pool.name} is a pool of single VMs: AKS writes scale sets only`);
    return undefined;
  }
  const resource = { kind: 'vmss', name: scaleSetOfPool(pool) } as const;
  const size = source.to === undefined ? {} : { capacity: source.to };
  const job: ExternalJob = { kind: 'replace', resource, identities, gap: gapOf(source.gap), pool: pool.name, ...size };
  const what =
    source.to === undefined ? `AKS updates the node pool ${pool.name}` : `AKS scales the node pool ${pool.name} to ${String(source.to)}`;
  return { verb: 'externalWrite', writer: 'aks-rp', what, jobs: [job] };
}

function trafficAction(scope: Scope, source: NonNullable<StepSource['armTraffic']>, path: Path): StepAction | undefined {
  const { of, op = 'update', as = 'other' } = source;
  const every = parseDuration(source.every);
  const length = parseDuration(source.for);
  if (every === undefined || length === undefined) return undefined;
  if (every <= 0) {
    scope.problem([...path, 'every'], 'must be more than nothing');
    return undefined;
  }
  const calls = Math.max(1, Math.floor(length / every));
  const jobs = trafficCalls(scope, of, op, path).map((call) => ({ kind: 'traffic', call, every, calls }) as const);
  return { verb: 'externalWrite', writer: `client-${as}`, what: `${as} ${op}s ${of} every ${source.every} for ${source.for}`, jobs };
}

/** What a client asks again and again: of an identity nothing but the identity itself. */
function trafficCalls(
  scope: Scope,
  of: string,
  op: NonNullable<NonNullable<StepSource['armTraffic']>['op']>,
  path: Path,
): readonly TrafficCall[] {
  if (!of.startsWith('identity:')) {
    const verb = ({ read: 'get', instanceView: 'getInstanceView', update: 'putTags' } as const)[op];
    return scope.machines(of, [...path, 'of']).map((resource) => ({ op: verb, resource }));
  }
  if (op !== 'read') scope.problem([...path, 'op'], `must be read: of an identity there is no traffic of kind ${op}`);
  const identity = scope.identity(of.slice('identity:'.length), [...path, 'of']);
  return identity === undefined ? [] : [{ op: 'getIdentity', id: identity.id }];
}

function editAction(
  scope: Scope,
  source: EditSource,
  edit: { readonly action: 'add' | 'remove'; readonly on: string; readonly field: string },
  path: Path,
): StepAction | undefined {
  const { action, on, field } = edit;
  const identity = scope.identity(source.identity, [...path, 'identity']);
  const resources = scope.machines(on, [...path, field]);
  if (identity === undefined) return undefined;
  const gap = gapOf(source.gap);
  const jobs = resources.map((resource) => ({ kind: 'edit', resource, identity: identity.id, action, gap }) as const);
  const what = action === 'add' ? `Assign the identity ${identity.name} to ${on}` : `Take the identity ${identity.name} off ${on}`;
  return { verb: 'externalWrite', writer: 'az', what, jobs };
}

function idsOf(scope: Scope, names: readonly string[], path: Path): readonly string[] {
  return names.flatMap((name, index) => scope.identity(name, [...path, 'identities', index])?.id ?? []);
}

function gapOf(text: string | undefined): Duration {
  return text === undefined ? USUAL_GAP : (parseDuration(text) ?? ZERO);
}
