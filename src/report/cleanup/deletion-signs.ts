/** How a deletion shows in the journals: the first write that says so, and what it leads to. */
import type { Moment } from '../../kernel/time.ts';
import type { DeletionKind } from '../document/index.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { keyOf } from '../../model/kubernetes.ts';
import { handleWrite, placeOfWrite } from '../watcher.ts';
import type { Run, Write, WriteHandlers, WriteOf } from '../watcher.ts';
import { DeletionRecord } from './deletion-record.ts';
import type { DueItem, LingeringItem } from './deletion-record.ts';
import {
  assignedOfBinding,
  assignedOfIdentity,
  assignedOfPod,
  dueOfPrincipal,
  duesOfAssigned,
  duesOfCompute,
  isInForce,
  nameIn,
  nameOfPrincipal,
  objectsOfNamespace,
} from './dues.ts';
import type { Sources } from './dues.ts';
import { danglingReferences, lingeringOfAssigned, lingeringOfPrincipal, lingeringTokens } from './lingering.ts';

interface Parts {
  readonly kind: DeletionKind;
  readonly name: string;
  readonly due: readonly DueItem[];
  readonly lingering?: readonly LingeringItem[];
}

/** The deletion that a write begins; undefined if it begins none. A deletion that was begun before begins no second time. */
export function deletionIn(write: Write, sources: Sources): DeletionRecord | undefined {
  const place = placeOfWrite(write, write.table === 'pods' ? write.entry.key : '');
  if (write.table === 'roleAssignments') {
    const { before, after, at } = write.entry;
    if (before === undefined || !isInForce(before) || (after !== undefined && isInForce(after))) return undefined;
    const { role, scope, principalId } = before;
    const who = sources.run.table('groups').get(principalId)?.name ?? nameOfPrincipal(sources.run, principalId);
    const name = `${role} on ${nameIn(scope)} for ${who}`;
    return new DeletionRecord({ kind: 'roleAssignment', name, place, due: [], accepted: { count: 0, lastAt: at } });
  }
  if (write.table === 'directoryClaims') return lossOf(write, sources.run);
  const parts = kubernetesDeletion(write, sources) ?? azureDeletion(write, sources);
  return parts === undefined ? undefined : new DeletionRecord({ ...parts, place });
}

/** A principal leaves a group or loses an application role. */
function lossOf(write: WriteOf<'directoryClaims'>, run: Run): DeletionRecord | undefined {
  const { before, after, at } = write.entry;
  if (before === undefined || before.removal !== undefined || after?.removal === undefined) return undefined;
  const { claim, value, audience, principalId } = before;
  const who = nameOfPrincipal(run, principalId);
  const name = claim === 'groups' ? `${who} in ${run.table('groups').get(value)?.name ?? value}` : `${value} on ${audience} for ${who}`;
  const kind = claim === 'groups' ? 'groupMembership' : 'appRole';
  return new DeletionRecord({ kind, name, place: placeOfWrite(write, ''), due: [], accepted: { count: 0, lastAt: at } });
}

function kubernetesDeletion(write: Write, sources: Sources): Parts | undefined {
  const { key, at } = write.entry;
  const { run } = sources;
  const ofAssigned = (kind: DeletionKind, assigned: readonly AzureAssignedIdentity[]): Parts => {
    const due = duesOfAssigned(sources, assigned, at);
    return { kind, name: key, due, lingering: lingeringOfAssigned(sources, { assigned, due, now: at }) };
  };
  const handlers: WriteHandlers<Parts | undefined> = {
    pods: ({ entry }) => (begins(entry) ? ofPod(sources, key, at) : undefined),
    azureIdentityBindings: ({ entry }) =>
      begins(entry) && entry.before !== undefined ? ofAssigned('azureIdentityBinding', assignedOfBinding(run, entry.before)) : undefined,
    azureIdentities: ({ entry }) => (begins(entry) ? ofAssigned('azureIdentity', assignedOfIdentity(run, key)) : undefined),
    nodes: ({ entry }) => (begins(entry) ? ofAssigned('node', run.table('azureAssignedIdentities').by('node', key)) : undefined),
    namespaces: ({ entry }) => (begins(entry) ? ofNamespace(sources, key, at) : undefined),
  };
  return handleWrite(handlers, write);
}

/** A pod: its tokens are forgotten with it, whether an AzureAssignedIdentity gave them or not. */
function ofPod(sources: Sources, key: string, now: Moment): Parts {
  const due = duesOfAssigned(sources, assignedOfPod(sources.run, key), now);
  const lingering = [...lingeringOfAssigned(sources, { assigned: [], due, now }), ...lingeringTokens(sources.book.takeOfProcess(key, now))];
  return { kind: 'pod', name: key, due, lingering };
}

/** A namespace takes its objects along, and the AzureAssignedIdentities of its pods wherever they live. */
function ofNamespace(sources: Sources, namespace: string, now: Moment): Parts {
  const { run } = sources;
  const assigned = run
    .table('pods')
    .by('namespace', namespace)
    .flatMap((pod) => assignedOfPod(run, keyOf(pod)));
  const due = [...objectsOfNamespace(run, namespace), ...duesOfAssigned(sources, assigned, now)];
  return { kind: 'namespace', name: namespace, due, lingering: lingeringOfAssigned(sources, { assigned, due, now }) };
}

function azureDeletion(write: Write, { run, book }: Sources): Parts | undefined {
  const { at: now } = write.entry;
  if (write.table === 'computeResources') {
    const { before, after } = write.entry;
    if (before === undefined || before.provisioningState === 'Deleting') return undefined;
    if (after !== undefined && after.provisioningState !== 'Deleting') return undefined;
    const objectId = before.systemAssigned?.principalId;
    const lingering = objectId === undefined ? [] : lingeringOfPrincipal(run, book, { objectId, now });
    return { kind: before.kind === 'vm' ? 'vm' : 'scaleSet', name: before.name, due: duesOfCompute(run, before), lingering };
  }
  if (write.table === 'userAssignedIdentities') {
    const { before, after } = write.entry;
    if (before === undefined || after !== undefined) return undefined;
    const lingering = [...lingeringOfPrincipal(run, book, { objectId: before.principalId, now }), ...danglingReferences(run, before)];
    return { kind: 'managedIdentity', name: before.name, due: [dueOfPrincipal(run, before.principalId)], lingering };
  }
  return undefined;
}

interface Deletable {
  readonly metadata: { readonly deletionTimestamp?: number };
}

/** Whether a write is the first that says an object is to go: its deletionTimestamp, or its end where it had none. */
function begins(entry: { readonly before: Deletable | undefined; readonly after: Deletable | undefined }): boolean {
  if (entry.before === undefined || entry.before.metadata.deletionTimestamp !== undefined) return false;
  return entry.after?.metadata.deletionTimestamp !== undefined || entry.after === undefined;
}
