/**
 * The API server of the recordings: optimistic concurrency and finalizers of AzureAssignedIdentities, the lock of the leader election,
 * and whatever refusals a case asks for. Every other object is written by the case itself.
 */
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { AzureAssignedIdentity, KubernetesEvent, Lease } from '../../../src/model/kubernetes.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { defineActor } from '../../../src/model/vocabulary.ts';
import type { IdentityActor, Turn } from '../../../src/model/vocabulary.ts';

/** Calls on AzureAssignedIdentities: POST, PUT with finalizers, JSON patch of the status, DELETE, PUT without finalizers. */
export type AssignedVerb = 'create' | 'update' | 'statusPatch' | 'delete' | 'finalize';

/** One call on an AzureAssignedIdentity. */
export interface AssignedCall {
  readonly verb: AssignedVerb;
  readonly name: string;
  readonly status: number;
}

type Answer = Omit<MessageOf<'ApiResponse'>, 'type' | 'request'>;
type Call = MessageOf<'ApiRequest'>['call'];

/** What the API server of a case remembers beside its tables. */
export class ApiServer {
  readonly assignedCalls: AssignedCall[] = [];
  readonly events: KubernetesEvent[] = [];
  /** Asked before each call on an AzureAssignedIdentity: the status it fails with. */
  refuse: (call: { readonly verb: AssignedVerb; readonly name: string }) => number | undefined = () => undefined;
  #versions = 0;

  /** A resource version no object had before. */
  nextVersion(): string {
    this.#versions += 1;
    return `v${String(this.#versions)}`;
  }

  /** Answers one call. */
  answer(call: Call, turn: Turn): Answer {
    if ('object' in call && call.object.kind === 'Event') {
      // The cases run MIC without an election: they hear what its sync loop records.
      if (call.object.reason !== 'LeaderElection') this.events.push(call.object);
      return { status: 201 };
    }
    if ('object' in call && call.object.kind === 'Endpoints') return this.#storeLease(call.object, turn);
    if ('kind' in call && call.kind === 'Endpoints' && 'key' in call) return leaseAnswer(turn.table('leases').get(call.key));
    // MIC's first lists: what they hold is in the tables already.
    if (call.verb === 'list') return { status: 200 };
    const asked = askedOf(call);
    if (asked === undefined) throw new Error(`the API server of a case does not know ${call.verb} of that kind`);
    const { verb, key } = asked;
    const name = key.slice(key.indexOf('/') + 1);
    const refused = this.refuse({ verb, name });
    const answer = refused === undefined ? this.#perform(verb, key, call, turn) : { status: refused };
    this.assignedCalls.push({ verb, name, status: answer.status });
    return answer;
  }

  /** DELETE: what has a finalizer only becomes terminating. */
  remove(key: string, turn: Turn): Answer {
    const table = turn.table('azureAssignedIdentities');
    const old = table.get(key);
    if (old === undefined) return { status: 404 };
    if (old.metadata.finalizers.length === 0) {
      table.delete(key);
      return { status: 200, object: old };
    }
    return { status: 200, object: this.#store(old, { ...old, metadata: { ...old.metadata, deletionTimestamp: turn.now } }, turn) };
  }

  /** Sets the status, whoever asks. */
  setStatus(key: string, status: AzureAssignedIdentity['status']['status'], turn: Turn): Answer {
    const old = turn.table('azureAssignedIdentities').get(key);
    return old === undefined ? { status: 404 } : { status: 200, object: this.#store(old, { ...old, status: { status } }, turn) };
  }

  #perform(verb: AssignedVerb, key: string, call: Call, turn: Turn): Answer {
    if (verb === 'delete') return this.remove(key, turn);
    if (call.verb === 'patchStatus') return this.setStatus(key, call.status, turn);
    const object = 'object' in call && call.object.kind === 'AzureAssignedIdentity' ? call.object : undefined;
    const old = turn.table('azureAssignedIdentities').get(key);
    if (object === undefined) return { status: 405 };
    if (verb === 'create') return old === undefined ? { status: 201, object: this.#store(undefined, object, turn) } : { status: 409 };
    if (old === undefined) return { status: 404 };
    if (object.metadata.resourceVersion !== old.metadata.resourceVersion) return { status: 409 };
    return { status: 200, object: this.#store(old, object, turn) };
  }

  #store(old: AzureAssignedIdentity | undefined, next: AzureAssignedIdentity, turn: Turn): AzureAssignedIdentity {
    const deletionTimestamp = old?.metadata.deletionTimestamp ?? next.metadata.deletionTimestamp;
    const metadata = {
      ...next.metadata,
      resourceVersion: this.nextVersion(),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    };
    const stored: AzureAssignedIdentity = { ...next, metadata };
    const table = turn.table('azureAssignedIdentities');
    if (deletionTimestamp !== undefined && metadata.finalizers.length === 0) table.delete(keyOf(stored));
    else table.put(keyOf(stored), stored);
    return stored;
  }

  #storeLease(lease: Lease, turn: Turn): Answer {
    const stored: Lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: this.nextVersion() } };
    turn.table('leases').put(keyOf(stored), stored);
    return { status: 200, object: stored };
  }
}

/** The actor `kube-apiserver` that speaks for it. */
export function apiServerActor(server: ApiServer): IdentityActor<object, MessageOf<'Start' | 'ApiRequest'>> {
  return defineActor<object, MessageOf<'Start' | 'ApiRequest'>>({
    kind: 'kube-apiserver',
    initial: () => ({}),
    handlers: {
      Start: () => undefined,
      ApiRequest: (_state, { request, call }, turn) => turn.reply({ type: 'ApiResponse', request, ...server.answer(call, turn) }),
    },
  });
}

function leaseAnswer(lease: Lease | undefined): Answer {
  return lease === undefined ? { status: 404 } : { status: 200, object: lease };
}

function askedOf(call: Call): { readonly verb: AssignedVerb; readonly key: string } | undefined {
  if (call.verb === 'create' || call.verb === 'update') {
    if (call.object.kind !== 'AzureAssignedIdentity') return undefined;
    const isLast = call.verb === 'update' && call.object.metadata.finalizers.length === 0;
    return { verb: isLast ? 'finalize' : call.verb, key: keyOf(call.object) };
  }
  if (call.verb === 'patchStatus') return { verb: 'statusPatch', key: call.key };
  return call.verb === 'delete' && call.kind === 'AzureAssignedIdentity' ? { verb: 'delete', key: call.key } : undefined;
}
