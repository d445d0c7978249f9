/** What a world holds and what happened in it, in the words of a recording. */
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { AzureAssignedIdentity } from '../../../src/model/kubernetes.ts';
import type { AssignedCall } from '../stage/api-server.ts';
import type { CloudCall } from '../stage/cloud.ts';
import { byText } from '../stage/control-plane.ts';
import type { ControlPlane } from '../stage/control-plane.ts';
import type { RecordedAssignment, RecordedCall, RecordedCalls, RecordedEvent, RecordedResource, Snapshot } from './vector.ts';

/** Looks at a world after a step. */
export function snapshot(plane: ControlPlane, step: number): Snapshot {
  return {
    step,
    assignedIdentities: plane.objects('AzureAssignedIdentity').map(assignmentOf),
    armResources: resourcesOf(plane),
    armCalls: callsByResource(plane.cloud.calls),
    crdCalls: countsOf(plane.server.assignedCalls),
    events: eventsOf(plane),
  };
}

function assignmentOf({ metadata, spec, status }: AzureAssignedIdentity): RecordedAssignment {
  const identity = spec.azureIdentityRef;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    pod: spec.pod,
    podNamespace: spec.podNamespace,
    node: spec.nodename,
    identity: keyOf(identity),
    binding: keyOf(spec.azureBindingRef),
    resourceID: identity.spec.type === 0 ? identity.spec.resourceID : '',
    status: status.status,
    nodenameLabel: metadata.labels['nodename'] ?? '',
    ...(metadata.deletionTimestamp === undefined ? {} : { terminating: true }),
  };
}

function resourcesOf(plane: ControlPlane): readonly RecordedResource[] {
  return plane.cloud.resources
    .map(({ kind, name, type, ids, state }) => ({
      kind,
      name,
      type,
      ids: [...ids].sort(byText),
      ...(state === 'Succeeded' ? {} : { state }),
    }))
    .sort((a, b) => byText(a.kind, b.kind) || byText(a.name, b.name));
}

function callsByResource(calls: readonly CloudCall[]): readonly RecordedCalls[] {
  const found: { readonly kind: CloudCall['kind']; readonly name: string; readonly calls: RecordedCall[] }[] = [];
  for (const { kind, name, ...call } of calls) {
    let entry = found.find((one) => one.kind === kind && one.name === name);
    if (entry === undefined) found.push((entry = { kind, name, calls: [] }));
    entry.calls.push(call);
  }
  return found.sort((a, b) => byText(a.kind, b.kind) || byText(a.name, b.name));
}

function countsOf(calls: readonly AssignedCall[]): Snapshot['crdCalls'] {
  const count = (verb: AssignedCall['verb']): number => calls.filter((call) => call.verb === verb).length;
  return {
    create: count('create'),
    update: count('update'),
    statusPatch: count('statusPatch'),
    delete: count('delete'),
    finalize: count('finalize'),
    failed: calls.filter(({ status }) => status >= 400).length,
  };
}

function eventsOf(plane: ControlPlane): readonly RecordedEvent[] {
  return plane.facts
    .flatMap((fact) =>
      fact.type === 'mic-event'
        ? [
            {
              type: fact.level,
              reason: fact.reason,
              regarding: fact.regarding,
              ...(fact.delivered === 'dropped' ? { dropped: true } : {}),
            },
          ]
        : [],
    )
    .sort((a, b) => byText(a.regarding, b.regarding) || byText(a.reason, b.reason) || byText(a.type, b.type));
}
