/** Resolves `story:`: each step to one typed action. */
import { parseDuration } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ScaleSetDescription, StepAction, VirtualMachineDescription } from '../description.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import type { StepOrigin } from '../description/story-step.ts';
import type { Place } from '../problem.ts';
import type { StepSource } from '../schema/story-schema.ts';
import type { Path } from '../text/yaml-source.ts';
import { uuidOf } from '../../model/uuid.ts';
import { credentialAction, declareRotations } from './applications.ts';
import { cloudConfigAction } from './cloud-config.ts';
import { armAction } from './arm-verbs.ts';
import { clusterAction } from './cluster-verbs.ts';
import { directoryAction, principalAction } from './directory.ts';
import { federatedAction } from './federated.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Scope } from './scope.ts';
import { troubleAction } from './trouble-verbs.ts';
import { identityOf, machineOf, roleOf } from './world.ts';
import { machineWorkloads } from './workloads.ts';

/** A step before it has its number. */
export interface PendingStep {
  readonly at: Duration;
  /** `''` if the author gave none. */
  readonly text: string;
  readonly origin: StepOrigin;
  readonly place: Place;
  readonly action: StepAction;
}

/** Puts keys of steps, identities and secrets that the story creates in scope. A name of the start keeps its meaning. */
export function declareStory(scope: Scope, story: readonly StepSource[]): void {
  for (const [index, { key, at }] of story.entries()) {
    const time = parseDuration(at);
    if (key === undefined || time === undefined) continue;
    if (scope.stepTimes.has(key)) scope.problem(['story', index, 'key'], `there are two steps with the key "${key}"`);
    scope.stepTimes.set(key, time);
  }
  declareRotations(scope, story);
  for (const { createIdentity } of story) {
    if (createIdentity?.clientID !== undefined) scope.remadeClientIds.add(createIdentity.clientID.toLowerCase());
    if (createIdentity !== undefined && !scope.identities.has(createIdentity.name)) {
      scope.identities.set(createIdentity.name, identityOf(scope, createIdentity));
    }
  }
}

/** Resolves all steps, as written. `workloads` gets the applications of machines that the story creates. */
export function readStory(
  scope: Scope,
  story: readonly StepSource[],
  manifests: ManifestReader,
  workloads: WorkloadRow[],
): readonly PendingStep[] {
  return story.flatMap((source, index) => {
    const path: Path = ['story', index];
    const at = timeInRun(scope, source.at, [...path, 'at']);
    const action = actionOf(scope, source, path, manifests, workloads);
    if (at === undefined || action === undefined) return [];
    return [{ at, text: source.text ?? '', origin: 'story', place: scope.document.placeOf(path), action }];
  });
}

/** A time of the run: not after its end. */
export function timeInRun(scope: Scope, text: string, path: Path): Duration | undefined {
  const at = parseDuration(text);
  if (at !== undefined && scope.horizon !== undefined && at > scope.horizon) {
    scope.problem(path, `${text} lies after the horizon`);
    return undefined;
  }
  return at;
}

function actionOf(
  scope: Scope,
  source: StepSource,
  path: Path,
  manifests: ManifestReader,
  workloads: WorkloadRow[],
): StepAction | undefined {
  return (
    clusterAction(scope, source, path, manifests) ??
    armAction(scope, source, path) ??
    identityAction(scope, source, path) ??
    federatedAction(scope, source, path) ??
    credentialAction(scope, source, path) ??
    directoryAction(scope, source, path) ??
    principalAction(scope, source, path) ??
    cloudConfigAction(source, path, manifests) ??
    machineAction(scope, source, path, workloads) ??
    troubleAction(scope, source, path)
  );
}

/** Verbs about identities, roles and credentials. */
function identityAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  const { createIdentity, deleteIdentity, assignIdentity, unassignIdentity, assignRole, removeRole, roll } = source;
  if (createIdentity !== undefined) return { verb: 'createIdentity', identity: createdIdentity(scope, createIdentity, path) };
  if (deleteIdentity !== undefined) {
    const identity = scope.identity(deleteIdentity, [...path, 'deleteIdentity']);
    return identity && { verb: 'deleteIdentity', identityId: identity.id };
  }
  if (assignIdentity !== undefined) {
    const at = [...path, 'assignIdentity'];
    const identity = scope.identity(assignIdentity.identity, [...at, 'identity']);
    const to = scope.machines(assignIdentity.to, [...at, 'to']);
    return identity && { verb: 'assignIdentity', identityId: identity.id, to };
  }
  if (unassignIdentity !== undefined) {
    const at = [...path, 'unassignIdentity'];
    const identity = scope.identity(unassignIdentity.identity, [...at, 'identity']);
    const from = scope.machines(unassignIdentity.from, [...at, 'from']);
    return identity && { verb: 'unassignIdentity', identityId: identity.id, from };
  }
  if (assignRole !== undefined) {
    const role = roleOf(scope, assignRole, [...path, 'assignRole']);
    return (
      role && { verb: 'assignRole', to: role.to, role: role.role, scope: role.scope, principalType: assignRole.principalType ?? 'given' }
    );
  }
  if (removeRole !== undefined) {
    const role = roleOf(scope, removeRole, [...path, 'removeRole']);
    return role && { verb: 'removeRole', to: role.to, role: role.role, scope: role.scope };
  }
  return roll === undefined ? undefined : rollAction(scope, roll.credentialOf, [...path, 'roll', 'credentialOf']);
}

/** An identity that is created again is another one: it gets a client id of its own. */
function createdIdentity(scope: Scope, source: NonNullable<StepSource['createIdentity']>, path: Path): ReturnType<typeof identityOf> {
  const known = scope.identities.get(source.name);
  const isAgain = scope.createdIdentities.has(source.name) || scope.identitiesAtStart.has(source.name);
  scope.createdIdentities.add(source.name);
  if (!isAgain && known !== undefined) return known;
  return identityOf(scope, source, uuidOf(`client of identity ${source.name}, made in step ${String(path[1])}`));
}

function rollAction(scope: Scope, text: string, path: Path): StepAction | undefined {
  const principal = scope.principal(text, path);
  if (principal === undefined) return undefined;
  if ('application' in principal) {
    scope.problem(path, `is an application: the platform rolls no credential of it; write rotate`);
    return undefined;
  }
  return { verb: 'roll', resourceId: 'identity' in principal ? principal.identity : scope.resourceIdOf(principal.systemAssignedOf) };
}

/** Verbs about VMs and scale sets. */
function machineAction(scope: Scope, source: StepSource, path: Path, workloads: WorkloadRow[]): StepAction | undefined {
  const { createVm, createScaleSet, deleteVm, deleteScaleSet, enableSystemAssigned, disableSystemAssigned } = source;
  if (createVm !== undefined) {
    const at = [...path, 'createVm'];
    workloads.push(...machineWorkloads(scope, createVm, 'vm', at));
    const vm: VirtualMachineDescription = machineOf(scope, createVm, at);
    return { verb: 'createVm', vm };
  }
  if (createScaleSet !== undefined) {
    const at = [...path, 'createScaleSet'];
    workloads.push(...machineWorkloads(scope, createScaleSet, 'vmss', at));
    const scaleSet: ScaleSetDescription = { ...machineOf(scope, createScaleSet, at), instances: createScaleSet.instances };
    return { verb: 'createScaleSet', scaleSet };
  }
  if (deleteVm !== undefined) {
    return scope.machine(`vm:${deleteVm}`, [...path, 'deleteVm']) && { verb: 'deleteVm', name: deleteVm };
  }
  if (deleteScaleSet !== undefined) {
    return scope.machine(`vmss:${deleteScaleSet}`, [...path, 'deleteScaleSet']) && { verb: 'deleteScaleSet', name: deleteScaleSet };
  }
  if (enableSystemAssigned !== undefined) {
    return {
      verb: 'setSystemAssigned',
      state: 'enabled',
      resources: scope.machines(enableSystemAssigned, [...path, 'enableSystemAssigned']),
    };
  }
  if (disableSystemAssigned !== undefined) {
    return {
      verb: 'setSystemAssigned',
      state: 'disabled',
      resources: scope.machines(disableSystemAssigned, [...path, 'disableSystemAssigned']),
    };
  }
  return undefined;
}
