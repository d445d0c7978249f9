/**
 * The ARM of the recordings and of the unit tests: resources by name, a PATCH that is a delta, answers at once, and whatever refusals a
 * case asks for. It checks nothing by itself.
 */
import { seconds } from '../../../src/kernel/time.ts';
import type { ComputeResource, IdentityType } from '../../../src/model/azure.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { patched } from '../../../src/model/resource-identity.ts';
import { defineActor } from '../../../src/model/vocabulary.ts';
import type { IdentityActor } from '../../../src/model/vocabulary.ts';

/** Kinds of resources as cases spell them. */
type ResourceKind = 'VirtualMachine' | 'VirtualMachineScaleSet';

/** A resource by kind and name. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly name: string;
}

/** A resource with what it carries. */
export interface CloudResource extends Resource {
  readonly type: IdentityType;
  readonly ids: readonly string[];
  readonly state: ComputeResource['provisioningState'];
}

/** One request the cloud got, and how it answered. */
export interface CloudCall extends Resource {
  readonly op: 'GET' | 'PATCH';
  /** Of a PATCH: the identity type in its body, and the entries of its map, sorted. */
  readonly type: IdentityType;
  readonly adds: readonly string[];
  readonly removes: readonly string[];
  readonly status: number;
  readonly asyncFailed: boolean;
}

/** A request before it is answered. */
export type CloudQuestion = Omit<CloudCall, 'status' | 'asyncFailed'>;

/** How a request fails. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Header Retry-After [s]. */
  readonly retryAfter?: number;
  /** The PATCH is accepted, and its operation fails. */
  readonly async?: boolean;
  /** The change takes effect all the same. */
  readonly applied?: boolean;
}

type Answer = Omit<MessageOf<'ArmResponse'>, 'type' | 'request'>;

/** The resources of a case and all that was asked of them. */
export class Cloud {
  readonly calls: CloudCall[] = [];
  /** Asked before each request is answered. */
  refuse: (question: CloudQuestion) => Refusal | undefined = () => undefined;
  /** What a request for a resource never seen gets. */
  unknown: 'notFound' | 'createEmpty' = 'notFound';
  readonly #resources = new Map<string, CloudResource>();
  readonly #failures = new Map<string, Refusal>();

  /** All resources. */
  get resources(): readonly CloudResource[] {
    return [...this.#resources.values()];
  }

  /** A resource, names compared without regard to case. */
  find(resource: Resource): CloudResource | undefined {
    return this.#resources.get(keyOf(resource));
  }

  /** Puts a resource in its place. */
  put(resource: CloudResource): void {
    this.#resources.set(keyOf(resource), resource);
  }

  /** Takes a resource away. */
  remove(resource: Resource): void {
    this.#resources.delete(keyOf(resource));
  }

  /** Answers one call. */
  answer(call: ArmCall): Answer {
    if (call.op === 'pollOperation') return failureOf(this.#failures.get(call.operation));
    if (call.op !== 'get' && call.op !== 'patchIdentity') throw new Error(`the cloud of a case does not know ${call.op}`);
    const question = questionOf(call);
    if (this.unknown === 'createEmpty' && this.find(question) === undefined) this.put(emptyResource(question));
    const refusal = this.refuse(question);
    if (refusal !== undefined) return this.#refused(call, question, refusal);
    if (this.find(question) === undefined) {
      this.calls.push({ ...question, status: 404, asyncFailed: false });
      return { status: 404, error: { code: 'ResourceNotFound', message: `${question.name} was not found` } };
    }
    this.#apply(call, question);
    this.calls.push({ ...question, status: 200, asyncFailed: false });
    const resource = this.find(question);
    return { status: 200, operationStatus: 'Succeeded', ...(resource === undefined ? {} : { resource: computeResource(resource) }) };
  }

  #refused(call: ArmCall, question: CloudQuestion, refusal: Refusal): Answer {
    if (refusal.applied === true) this.#apply(call, question);
    const { code, message, retryAfter } = refusal;
    const isAsync = refusal.async === true;
    this.calls.push({ ...question, status: isAsync ? 202 : refusal.status, asyncFailed: isAsync });
    if (isAsync) {
      const operation = `operation-${String(this.calls.length)}`;
      this.#failures.set(operation, refusal);
      return { status: 202, operation };
    }
    return { status: refusal.status, error: { code, message }, ...(retryAfter === undefined ? {} : { retryAfter: seconds(retryAfter) }) };
  }

  #apply(call: ArmCall, question: CloudQuestion): void {
    const old = this.find(question);
    if (old === undefined || call.op !== 'patchIdentity') return;
    const { identityType: type, userAssigned: ids } = patched({ identityType: old.type, userAssigned: old.ids }, call);
    this.put({ ...old, type, ids });
  }
}

/** The actor `arm` that speaks for a cloud. A rule that touches it, and lets everything pass, keeps idle passes from being left out. */
export function cloudActor(cloud: Cloud): IdentityActor<object, MessageOf<'Start' | 'ArmRequest'>> {
  return defineActor<object, MessageOf<'Start' | 'ArmRequest'>>({
    kind: 'arm',
    initial: () => ({}),
    handlers: {
      Start: (_state, _message, turn) => turn.inject({ id: 'attention', to: 'arm', action: { kind: 'pass' } }),
      ArmRequest: (_state, { request, call }, turn) => turn.reply({ type: 'ArmResponse', request, ...cloud.answer(call) }),
    },
  });
}

/** The question a call asks, in the words of cases. */
export function questionOf(call: Extract<ArmCall, { readonly op: 'get' | 'patchIdentity' }>): CloudQuestion {
  const kind = call.resource.kind === 'vm' ? 'VirtualMachine' : 'VirtualMachineScaleSet';
  const { name } = call.resource;
  if (call.op === 'get') return { kind, name, op: 'GET', type: '', adds: [], removes: [] };
  const idsOf = (action: 'add' | 'remove'): readonly string[] =>
    (call.delta ?? [])
      .filter((entry) => entry.action === action)
      .map(({ id }) => id)
      .sort();
  return { kind, name, op: 'PATCH', type: call.identityType, adds: idsOf('add'), removes: idsOf('remove') };
}

function failureOf(refusal: Refusal | undefined): Answer {
  const { code = 'OperationNotFound', message = '' } = refusal ?? {};
  return { status: 200, operationStatus: 'Failed', error: { code, message } };
}

function emptyResource({ kind, name }: Resource): CloudResource {
  return { kind, name, type: '', ids: [], state: 'Succeeded' };
}

function computeResource({ kind, name, type, ids, state }: CloudResource): ComputeResource {
  return {
    kind: kind === 'VirtualMachine' ? 'vm' : 'vmss',
    id: name,
    name,
    resourceGroup: '',
    identityType: type,
    userAssigned: [...ids],
    provisioningState: state,
    capacity: 1,
    generation: 0,
  };
}

function keyOf({ kind, name }: Resource): string {
  return `${kind}/${name.toLowerCase()}`;
}
