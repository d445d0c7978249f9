/** Parts of objects into the API server: status, binding, scale. None of them looks at versions. */
import type { KubernetesObject, Node, Pod } from '../../model/kubernetes.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { stored } from './objects.ts';
import type { KubeApiserverState, Verdict } from './objects.ts';
import { settle } from './writes.ts';

type Call<Verb extends ApiCall['verb']> = Extract<ApiCall, { readonly verb: Verb }>;

/** JSON patch of `/status/status` without precondition: 404 if absent. */
export function patchStatus(state: KubeApiserverState, turn: Turn, call: Call<'patchStatus'>): Verdict {
  const old = stored(turn, call.kind, call.key);
  if (old?.kind !== 'AzureAssignedIdentity') return notFound(call.kind, call.key);
  return settle(state, turn, { old, next: { ...old, status: { status: call.status } } });
}

/** A kubelet's report on a pod: 404 if absent, 409 if the name now belongs to another pod. */
export function podStatus(state: KubeApiserverState, turn: Turn, call: Call<'podStatus'>): Verdict {
  const old = stored(turn, 'Pod', call.key);
  if (old?.kind !== 'Pod') return notFound('Pod', call.key);
  if (old.metadata.uid !== call.uid) return { status: 409, reason: `Conflict: pod ${call.key} is ${old.metadata.uid}` };
  const { startedAt, ...rest } = call.status;
  const started = startedAt === undefined ? {} : { startedAt: startedAt === 'now' ? turn.now : startedAt };
  const next: Pod = { ...old, status: { ...old.status, ...rest, ...started } };
  return settle(state, turn, { old, next });
}

/** Binding of a pod to a node: 409 if it is bound already or in deletion. */
export function bind(state: KubeApiserverState, turn: Turn, call: Call<'bind'>): Verdict {
  const old = stored(turn, 'Pod', call.key);
  if (old?.kind !== 'Pod') return notFound('Pod', call.key);
  if ((old.spec.nodeName ?? '') !== '') return { status: 409, reason: `Conflict: pod ${call.key} is on ${old.spec.nodeName ?? ''}` };
  if (old.metadata.deletionTimestamp !== undefined) return { status: 409, reason: `Conflict: pod ${call.key} is being deleted` };
  const next: Pod = { ...old, spec: { ...old.spec, nodeName: call.node } };
  return settle(state, turn, { old, next });
}

/** Readiness, cordon or taints of a node. */
export function nodeStatus(state: KubeApiserverState, turn: Turn, call: Call<'nodeStatus'>): Verdict {
  const old = stored(turn, 'Node', call.key);
  if (old?.kind !== 'Node') return notFound('Node', call.key);
  const next: Node = {
    ...old,
    spec: {
      ...old.spec,
      unschedulable: call.unschedulable ?? old.spec.unschedulable,
      ...(call.taints === undefined ? {} : { taints: call.taints }),
    },
    status: { ...old.status, ready: call.ready ?? old.status.ready },
  };
  return settle(state, turn, { old, next });
}

/** Wanted replicas of a Deployment or StatefulSet. */
export function scale(state: KubeApiserverState, turn: Turn, call: Call<'scale'>): Verdict {
  const old = stored(turn, call.kind, call.key);
  const next = old === undefined ? undefined : scaled(old, call.replicas);
  if (old === undefined || next === undefined) return notFound(call.kind, call.key);
  return settle(state, turn, { old, next });
}

function scaled(object: KubernetesObject, replicas: number): KubernetesObject | undefined {
  if (object.kind === 'Deployment') return { ...object, spec: { ...object.spec, replicas } };
  return object.kind === 'StatefulSet' ? { ...object, spec: { ...object.spec, replicas } } : undefined;
}

function notFound(kind: string, key: string): Verdict {
  return { status: 404, reason: `NotFound: ${kind} ${key}` };
}
