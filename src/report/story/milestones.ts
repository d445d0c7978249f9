/**
 * Milestones: the main events of an identity's life, each noted when it first happens and counted from then on.
 *
 * They come in the order in which they happened, so a run tells its own story; nothing here says in which order they should come.
 */
import type { Fact } from '../../model/facts/index.ts';
import type { Write } from '../watcher.ts';

/** What a sign says: which milestone, and who. */
export interface Sign {
  readonly milestone: Milestone;
  /** Pod it concerns; `''` for none. */
  readonly pod: string;
  /** The component, resource or object. */
  readonly who: string;
}

/** Titles of all milestones. */
export const MILESTONES = {
  serviceAccount: 'ServiceAccount of a pod-identity component created',
  identityCreated: 'user-assigned managed identity created',
  principalCreated: 'service principal created in Entra',
  systemAssignedEnabled: 'system-assigned identity enabled on a machine',
  roleAssigned: 'role assignment created',
  machineBooted: 'machine booted, its IMDS answers',
  nodeReady: 'node ready',
  micStarted: 'MIC process started',
  micLeading: 'MIC leads',
  nmiServing: 'NMI serves on a node',
  redirectOn: 'iptables turn the metadata address to NMI',
  azureIdentityCreated: 'AzureIdentity created',
  bindingCreated: 'AzureIdentityBinding created',
  podCreated: 'pod with a selector label created',
  podScheduled: 'that pod placed on a node',
  podStarted: 'its container started',
  assignmentCreated: 'MIC created the AzureAssignedIdentity',
  patchStarted: 'PATCH attaches the identity to the VM or scale set',
  patchEnded: 'PATCH ended',
  assigned: 'AzureAssignedIdentity became Assigned',
  tokenAsked: 'token asked for',
  nmiAnswered: 'NMI answered a pod with a token',
  imdsToken: 'IMDS handed out a token',
  aadToken: 'Entra issued a token',
  tokenAnswered: 'application has its first token',
  serviceAccessed: 'target service let the application in',
  serviceDenied: 'target service refused',
  credentialRolled: 'credential rolled by the platform',
  podDeleted: 'pod with a selector label told to go',
  podGone: 'that pod gone',
  bindingDeleted: 'AzureIdentityBinding deleted',
  azureIdentityDeleted: 'AzureIdentity deleted',
  nodeRemoved: 'node removed',
  identityDetached: 'identity taken off a VM or scale set',
  assignmentGone: 'AzureAssignedIdentity gone',
  roleRemoved: 'role assignment removed',
  machineDeleted: 'VM or scale set deleted',
  identityDeleted: 'user-assigned managed identity deleted',
  principalDeleted: 'service principal deleted from Entra',
} as const;

/** Name of a milestone. */
export type Milestone = keyof typeof MILESTONES;

/** The milestone that a fact shows, if any. */
export function signOfFact(fact: Fact): Sign | undefined {
  switch (fact.type) {
    case 'mic-started':
      return { milestone: 'micStarted', pod: fact.replica, who: fact.replica };
    case 'mic-leading':
      return { milestone: 'micLeading', pod: fact.replica, who: fact.replica };
    case 'nmi-phase':
      return fact.phase === 'serving' ? { milestone: 'nmiServing', pod: '', who: fact.node } : undefined;
    case 'rules-changed':
      return fact.redirect === 'on' ? { milestone: 'redirectOn', pod: '', who: fact.node } : undefined;
    case 'node-ready':
      return { milestone: 'nodeReady', pod: '', who: fact.node };
    case 'node-removed':
      return { milestone: 'nodeRemoved', pod: '', who: `${fact.node} (${fact.how})` };
    case 'arm-operation-ended':
      return fact.outcome === 'Succeeded' && fact.added.length > 0 ? { milestone: 'patchEnded', pod: '', who: fact.resource } : undefined;
    case 'principal-created':
      return { milestone: 'principalCreated', pod: '', who: fact.resourceId === '' ? fact.objectId : fact.resourceId };
    case 'principal-deleted':
      return { milestone: 'principalDeleted', pod: '', who: fact.objectId };
    case 'credential-rolled':
      return { milestone: 'credentialRolled', pod: '', who: fact.objectId };
    default:
      return signOfToken(fact);
  }
}

function signOfToken(fact: Fact): Sign | undefined {
  switch (fact.type) {
    case 'token-asked':
      return { milestone: 'tokenAsked', pod: fact.pod, who: fact.pod };
    case 'nmi-answered':
      return fact.status === 200 ? { milestone: 'nmiAnswered', pod: fact.sender, who: `NMI on ${fact.node}` } : undefined;
    case 'imds-answered':
      return fact.status === 200 ? { milestone: 'imdsToken', pod: fact.sender, who: `IMDS of ${fact.vm}` } : undefined;
    case 'aad-token-issued':
      return { milestone: 'aadToken', pod: '', who: `for ${fact.appId}` };
    case 'token-answered':
      return fact.isFirst ? { milestone: 'tokenAnswered', pod: fact.pod, who: fact.pod } : undefined;
    case 'service-answered':
      return { milestone: fact.status < 400 ? 'serviceAccessed' : 'serviceDenied', pod: fact.sender, who: `${fact.service} for ${fact.sender}` };
    default:
      return undefined;
  }
}

/** Milestones that a write shows. */
export function signsOfWrite(write: Write, hasSelector: (labels: Readonly<Record<string, string>>) => boolean): readonly Sign[] {
  const { key, before, after } = write.entry;
  const made = (milestone: Milestone): readonly Sign[] => (before === undefined ? [{ milestone, pod: '', who: key }] : []);
  const ended = (milestone: Milestone): readonly Sign[] => (after === undefined ? [{ milestone, pod: '', who: key }] : []);
  switch (write.table) {
    case 'pods':
      return signsOfPod(write, hasSelector);
    case 'azureAssignedIdentities':
      return signsOfAssignment(write);
    case 'azureIdentities':
      return [...made('azureIdentityCreated'), ...ended('azureIdentityDeleted')];
    case 'azureIdentityBindings':
      return [...made('bindingCreated'), ...ended('bindingDeleted')];
    case 'serviceAccounts':
      return /(?:^|[-/])(?:mic|nmi)(?:-|$)/.test(key) ? made('serviceAccount') : [];
    case 'userAssignedIdentities':
      return [...made('identityCreated'), ...ended('identityDeleted')];
    case 'virtualMachines':
      return made('machineBooted');
    default:
      return signsOfAzure(write);
  }
}

function signsOfPod(write: Extract<Write, { readonly table: 'pods' }>, hasSelector: (labels: Readonly<Record<string, string>>) => boolean): readonly Sign[] {
  const { key, before, after } = write.entry;
  if (!hasSelector((after ?? before)?.metadata.labels ?? {})) return [];
  const sign = (milestone: Milestone): Sign => ({ milestone, pod: key, who: key });
  if (after === undefined) return before?.metadata.deletionTimestamp === undefined ? [sign('podDeleted'), sign('podGone')] : [sign('podGone')];
  const signs: Sign[] = [];
  if (before === undefined) signs.push(sign('podCreated'));
  if (after.spec.nodeName !== undefined && before?.spec.nodeName === undefined) signs.push({ ...sign('podScheduled'), who: `${key} on ${after.spec.nodeName}` });
  if (after.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined) signs.push(sign('podDeleted'));
  return signs;
}

function signsOfAssignment(write: Extract<Write, { readonly table: 'azureAssignedIdentities' }>): readonly Sign[] {
  const { before, after } = write.entry;
  const one = after ?? before;
  if (one === undefined) return [];
  const sign = (milestone: Milestone): Sign => ({ milestone, pod: `${one.spec.podNamespace}/${one.spec.pod}`, who: one.metadata.name });
  if (after === undefined) return [sign('assignmentGone')];
  const signs = before === undefined ? [sign('assignmentCreated')] : [];
  return after.status.status === 'Assigned' && before?.status.status !== 'Assigned' ? [...signs, sign('assigned')] : signs;
}

function signsOfAzure(write: Write): readonly Sign[] {
  if (write.table === 'identityGrants') {
    const { before, after } = write.entry;
    if (after === undefined || after.identity === 'system') return [];
    const who = `${after.identity.slice(after.identity.lastIndexOf('/') + 1)} on ${after.resource.slice(after.resource.lastIndexOf('/') + 1)}`;
    if (after.detachedAt !== undefined) return before?.detachedAt === undefined ? [{ milestone: 'identityDetached', pod: '', who }] : [];
    return before === undefined || before.incarnation !== after.incarnation ? [{ milestone: 'patchStarted', pod: '', who }] : [];
  }
  if (write.table === 'roleAssignments') {
    const { before, after } = write.entry;
    const who = (after ?? before)?.role ?? '';
    if (before === undefined) return [{ milestone: 'roleAssigned', pod: '', who }];
    return before.deletedAt === undefined && after?.deletedAt !== undefined ? [{ milestone: 'roleRemoved', pod: '', who }] : [];
  }
  if (write.table === 'computeResources') {
    const { before, after } = write.entry;
    if (after === undefined) return [{ milestone: 'machineDeleted', pod: '', who: before?.name ?? '' }];
    return after.systemAssigned !== undefined && before?.systemAssigned === undefined ? [{ milestone: 'systemAssignedEnabled', pod: '', who: after.name }] : [];
  }
  return [];
}
