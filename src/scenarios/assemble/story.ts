/** From steps as written to what the operator does. */
import type { FaultRule } from '../../kernel/network.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { Message } from '../../model/messages/index.ts';
import type { OperatorAction, StoryRow } from '../../model/story.ts';
import type { FaultDescription, ScenarioDescription, StepAction, StoryStep } from '../description.ts';
import { nodeOfPool, scaleSetOfPool } from '../description.ts';

/** Rows of the story, in order. */
export function storyRows(scenario: ScenarioDescription, steps: readonly StoryStep[]): readonly StoryRow[] {
  return steps.map((step) => ({ id: step.id, at: step.at, text: step.text, actions: actionsOf(scenario, step.action) }));
}

function actionsOf(scenario: ScenarioDescription, action: StepAction): readonly OperatorAction[] {
  switch (action.verb) {
    case 'apply':
      return action.objects.map((object) => ({ kind: 'api', call: { verb: 'apply', object } }));
    case 'delete':
      return action.targets.map((target) => ({ kind: 'api', call: { verb: 'delete', ...target } }));
    case 'deleteNamespace':
      return [{ kind: 'api', call: { verb: 'delete', kind: 'Namespace', key: action.namespace } }];
    case 'scale':
      return [{ kind: 'api', call: { verb: 'scale', kind: action.what, key: action.key, replicas: action.to } }];
    case 'scalePool':
      return scalePool(scenario, action).map(arm);
    case 'drain':
    case 'cordon':
    case 'taint':
    case 'machine':
    case 'removeNode':
      return [onNode(action)];
    case 'rotateSigningKeys':
    case 'roll':
      return [action.verb === 'roll' ? { kind: 'roll', resourceId: action.resourceId } : { kind: 'rotateSigningKeys' }];
    case 'changeCredential':
    case 'changePrincipal':
    case 'changeClaim':
      return [inDirectory(action)];
    case 'rewriteCloudConfig':
      return [{ kind: 'cloudConfig', config: action.config, how: action.how }];
    case 'kill':
    case 'freeze':
      return [onProcesses(action)];
    case 'fault':
      return [{ kind: 'inject', rule: ruleOf(action.fault) }];
    case 'disturbRules':
      return [{ kind: 'disturbRules', node: action.node, op: action.how, hold: action.hold }];
    case 'stall':
      return [stallOf(action)];
    case 'restore':
      return [{ kind: 'restore', id: action.id }];
    case 'externalWrite':
      return action.jobs.map((job) => ({ kind: 'external', writer: action.writer, job }));
    case 'scaleScaleSet':
    case 'deleteResourceGroup':
    case 'deleteCluster':
    case 'createIdentity':
    case 'deleteIdentity':
    case 'putFederatedCredential':
    case 'deleteFederatedCredential':
    case 'changePodIdentity':
    case 'assignIdentity':
    case 'unassignIdentity':
    case 'setSystemAssigned':
    case 'createVm':
    case 'createScaleSet':
    case 'deleteVm':
    case 'deleteScaleSet':
    case 'assignRole':
    case 'removeRole':
      return armCalls(action).map(arm);
  }
}

function inDirectory(
  action: Extract<StepAction, { readonly verb: 'changeCredential' | 'changePrincipal' | 'changeClaim' }>,
): OperatorAction {
  if (action.verb === 'changeCredential') return { kind: 'credential', change: action.change };
  if (action.verb === 'changePrincipal') return { kind: 'principal', of: action.of, change: action.change };
  return { kind: 'claim', of: action.of, change: action.change };
}

function onProcesses(action: Extract<StepAction, { readonly verb: 'kill' | 'freeze' }>): OperatorAction {
  const { component, which } = action;
  if (action.verb === 'kill') return { kind: 'signal', component, which, signal: action.signal };
  return { kind: 'freeze', id: action.id, component, which, scope: action.scope };
}

type NodeVerb = 'drain' | 'cordon' | 'taint' | 'machine' | 'removeNode';

function onNode(action: Extract<StepAction, { readonly verb: NodeVerb }>): OperatorAction {
  switch (action.verb) {
    case 'drain':
      return { kind: 'drain', node: action.node };
    case 'cordon':
      return { kind: 'api', call: { verb: 'nodeStatus', key: action.node, unschedulable: action.state === 'cordoned' } };
    case 'taint':
      return { kind: 'taint', node: action.node, add: action.add, remove: action.remove };
    case 'machine':
      return { kind: 'machine', node: action.node, how: action.how };
    case 'removeNode':
      return { kind: 'removeNode', node: action.node, how: action.how };
  }
}

function stallOf({ id, component, node, table, ends }: Extract<StepAction, { readonly verb: 'stall' }>): OperatorAction {
  return { kind: 'stall', id, watcher: component === 'mic' ? 'mic' : `nmi/${node}`, table, ends };
}

function arm(call: ArmCall): OperatorAction {
  return { kind: 'arm', call };
}

type ArmStep = Exclude<
  StepAction,
  {
    verb:
      | 'apply'
      | 'delete'
      | 'deleteNamespace'
      | 'scale'
      | 'scalePool'
      | 'drain'
      | 'removeNode'
      | 'cordon'
      | 'taint'
      | 'machine'
      | 'roll'
      | 'rotateSigningKeys'
      | 'changeCredential'
      | 'changeClaim'
      | 'changePrincipal'
      | 'rewriteCloudConfig'
      | 'kill'
      | 'disturbRules'
      | 'fault'
      | 'freeze'
      | 'stall'
      | 'restore'
      | 'externalWrite';
  }
>;

function armCalls(action: ArmStep): readonly ArmCall[] {
  switch (action.verb) {
    case 'scaleScaleSet':
      return [{ op: 'scaleScaleSet', name: action.name, capacity: action.to }];
    case 'createIdentity':
      return [
        { op: 'putIdentity', name: action.identity.name, resourceGroup: action.identity.resourceGroup, clientId: action.identity.clientId },
      ];
    case 'deleteIdentity':
      return [{ op: 'deleteIdentity', id: action.identityId }];
    case 'putFederatedCredential': {
      const { identityId: identity, name, issuer, subject } = action;
      return [{ op: 'putFederatedCredential', identity, name, issuer, subject }];
    }
    case 'deleteFederatedCredential':
      return [{ op: 'deleteFederatedCredential', identity: action.identityId, name: action.name }];
    case 'changePodIdentity': {
      const { namespace, name, identityId: identity, pools } = action;
      return [
        action.action === 'add'
          ? { op: 'putPodIdentity', namespace, name, identity, pools }
          : { op: 'deletePodIdentity', namespace, name, pools },
      ];
    }
    case 'assignIdentity':
      return action.to.map((resource) => ({ op: 'assignIdentity', resource, identity: action.identityId }));
    case 'unassignIdentity':
      return action.from.map((resource) => ({ op: 'unassignIdentity', resource, identity: action.identityId }));
    case 'setSystemAssigned':
      return action.resources.map((resource) => ({ op: 'setSystemAssigned', resource, state: action.state }));
    case 'createVm':
      return [
        { op: 'putVm', name: action.vm.name, systemAssigned: action.vm.systemAssigned === 'enabled', identities: action.vm.identities },
      ];
    case 'createScaleSet': {
      const { name, instances, systemAssigned, identities } = action.scaleSet;
      return [{ op: 'putScaleSet', name, instances, systemAssigned: systemAssigned === 'enabled', identities }];
    }
    case 'deleteVm':
      return [{ op: 'deleteResource', resource: { kind: 'vm', name: action.name } }];
    case 'deleteScaleSet':
      return [{ op: 'deleteResource', resource: { kind: 'vmss', name: action.name } }];
    case 'assignRole':
      return [
        { op: 'putRoleAssignment', principal: action.to, role: action.role, scope: action.scope, principalType: action.principalType },
      ];
    case 'deleteResourceGroup':
      return [{ op: 'deleteResourceGroup', name: action.name }];
    case 'deleteCluster':
      return [{ op: 'deleteCluster' }];
    case 'removeRole':
      return [{ op: 'deleteRoleAssignment', principal: action.to, role: action.role, scope: action.scope }];
  }
}

/** A pool of a scale set changes its capacity; of single VMs, the ones of the highest numbers come or go. */
function scalePool(scenario: ScenarioDescription, action: Extract<StepAction, { verb: 'scalePool' }>): readonly ArmCall[] {
  const pool = scenario.cluster?.nodePools.find((other) => other.name === action.pool);
  if (pool === undefined) throw new Error(`no pool ${action.pool}: the loader checks that`);
  if (pool.kind === 'vmss') return [{ op: 'scaleScaleSet', name: scaleSetOfPool(pool), capacity: action.to }];
  const calls: ArmCall[] = [];
  const { systemAssigned, identities } = pool;
  for (let n = pool.nodes; n < action.to; n += 1)
    calls.push({ op: 'putVm', name: nodeOfPool(pool, n), systemAssigned: systemAssigned === 'enabled', identities });
  for (let n = action.to; n < pool.nodes; n += 1) calls.push({ op: 'deleteResource', resource: { kind: 'vm', name: nodeOfPool(pool, n) } });
  return calls;
}

function ruleOf(fault: FaultDescription): FaultRule<Message> {
  const { action, ...match } = fault;
  if (action.kind === 'delay') return { ...match, action: { kind: 'delay', by: action.by, label: 'other' } };
  if (action.kind === 'drop') return { ...match, action };
  return { ...match, action: { kind: 'answer', with: answerOf(fault.type ?? '', action) } };
}

/** The error as the server that is asked would say it. */
function answerOf(type: string, answer: Extract<FaultDescription['action'], { kind: 'answer' }>): Message {
  const { status, code, message, retryAfter } = answer;
  const wait = retryAfter === undefined ? {} : { retryAfter };
  switch (type) {
    case 'ArmRequest':
      return { type: 'ArmResponse', request: '', status, error: { code, message }, ...wait };
    case 'ApiRequest':
      return { type: 'ApiResponse', request: '', status, reason: code, ...wait };
    case 'MetadataRequest':
      return { type: 'MetadataResponse', request: '', status, text: message, servedBy: 'imds', ...wait };
    case 'AadTokenRequest':
      return { type: 'AadTokenResponse', request: '', status, error: code, ...wait };
    case 'ServiceRequest':
      return { type: 'ServiceResponse', request: '', status, error: code };
    default:
      throw new Error(`a fault cannot answer a ${type}: the loader checks that`);
  }
}
