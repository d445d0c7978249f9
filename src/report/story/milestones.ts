/**
 * Milestones: the main events of an identity's life, each noted when it first happens and counted from then on.
 *
 * They come in the order in which they happened, so a run tells its own story; nothing here says in which order they should come.
 */
import { BINDING_LABEL } from '../../model/kubernetes.ts';
import { isAssigned } from '../entitlement.ts';
import { lastPart } from '../value-text.ts';
import { handleFact, handleWrite, podOfReplica } from '../watcher.ts';
import type { FactHandlers, Run, Stamped, Write, WriteHandlers, WriteOf } from '../watcher.ts';

/** What a sign says: which milestone, and who. */
export interface Sign {
  readonly milestone: Milestone;
  /** Pod it concerns; `''` for none. */
  readonly pod: string;
  /** The component, resource or object. */
  readonly who: string;
}

/** Titles of all milestones, short enough for a column; docs/OUTPUT.md says what each stands for. */
export const MILESTONES = {
  serviceAccount: 'ServiceAccount of MIC or NMI made',
  identityCreated: 'managed identity created',
  principalCreated: 'service principal created',
  systemAssignedEnabled: 'system-assigned identity on',
  roleAssigned: 'role assigned',
  machineBooted: 'machine booted, IMDS answers',
  nodeReady: 'node ready',
  micStarted: 'MIC process started',
  micLeading: 'MIC leads',
  micStopped: 'MIC process ended',
  nmiServing: 'NMI serves on a node',
  redirectOn: 'iptables redirect to NMI is on',
  azureIdentityCreated: 'AzureIdentity created',
  bindingCreated: 'AzureIdentityBinding created',
  podCreated: 'labelled pod created',
  podScheduled: 'labelled pod placed on a node',
  podStarted: 'its container started',
  assignmentCreated: 'AzureAssignedIdentity Created',
  patchStarted: 'PATCH attaches identity',
  patchEnded: 'PATCH ended',
  assigned: 'AzureAssignedIdentity Assigned',
  tokenAsked: 'application asks for a token',
  nmiAnswered: 'NMI answered with a token',
  imdsToken: 'IMDS handed out a token',
  aadToken: 'Entra issued a token',
  tokenAnswered: 'application has first token',
  tokenFailed: 'application gets no token',
  serviceAccessed: 'service read with the token',
  serviceDenied: 'service refused',
  credentialRolled: 'credential rolled',
  podDeleted: 'labelled pod told to go',
  podGone: 'labelled pod gone',
  bindingDeleted: 'AzureIdentityBinding deleted',
  azureIdentityDeleted: 'AzureIdentity deleted',
  nodeRemoved: 'node removed',
  identityDetached: 'identity taken off machine',
  assignmentGone: 'AzureAssignedIdentity gone',
  roleRemoved: 'role assignment removed',
  machineDeleted: 'VM or scale set deleted',
  identityDeleted: 'managed identity deleted',
  principalDeleted: 'service principal deleted',
} as const;

/** Name of a milestone. */
export type Milestone = keyof typeof MILESTONES;

/** Milestones that add little to the others: one screen always does without them. */
const DETAILS: readonly Milestone[] = [
  ...(['principalCreated', 'principalDeleted', 'machineBooted', 'nodeReady', 'micStarted', 'podScheduled', 'podStarted'] as const),
  ...(['assignmentCreated', 'patchStarted', 'nmiAnswered', 'aadToken', 'podDeleted'] as const),
];

/** What gives way next where one screen would still be too full: what others imply goes first. */
const GIVES_WAY: readonly Milestone[] = [
  ...(['redirectOn', 'imdsToken', 'bindingCreated', 'bindingDeleted', 'identityCreated', 'patchEnded'] as const),
  ...(['azureIdentityDeleted', 'roleAssigned', 'azureIdentityCreated', 'nmiServing', 'micLeading', 'identityDetached'] as const),
];

/** Milestones that one screen has room for. */
const ONE_SCREEN = 14;

/** Which of these milestones one screen does without. */
export function detailsOf(seen: readonly Milestone[]): ReadonlySet<Milestone> {
  const details = DETAILS.filter((milestone) => seen.includes(milestone));
  const surplus = Math.max(0, seen.length - details.length - ONE_SCREEN);
  return new Set([...details, ...GIVES_WAY.filter((milestone) => seen.includes(milestone)).slice(0, surplus)]);
}

/** The milestone that a fact shows, if any. */
export function signOfFact(stamped: Stamped): Sign | undefined {
  return handleFact(SIGN_OF_FACT, stamped);
}

const SERVICE_NAMES = { sql: 'Azure SQL', keyVault: 'Key Vault', cosmosDb: 'Cosmos DB', arm: 'ARM', api: 'API' } as const;

const SIGN_OF_FACT: FactHandlers<Sign | undefined> = {
  'mic-started': ({ replica }) => ({ milestone: 'micStarted', pod: podOfReplica(replica), who: podOfReplica(replica) }),
  'mic-leading': ({ replica }) => ({ milestone: 'micLeading', pod: podOfReplica(replica), who: podOfReplica(replica) }),
  'mic-stopped': ({ replica, reason }) => ({
    milestone: 'micStopped',
    pod: podOfReplica(replica),
    who: `${podOfReplica(replica)} (${reason})`,
  }),
  'nmi-phase': ({ phase, node }) => (phase === 'serving' ? { milestone: 'nmiServing', pod: '', who: node } : undefined),
  'rules-changed': ({ redirect, node }) => (redirect === 'on' ? { milestone: 'redirectOn', pod: '', who: node } : undefined),
  'node-ready': ({ node }) => ({ milestone: 'nodeReady', pod: '', who: node }),
  'node-removed': ({ node, how }) => ({ milestone: 'nodeRemoved', pod: '', who: `${node} (${how})` }),
  'arm-operation-ended': ({ outcome, added, removed, resource }) =>
    outcome === 'Succeeded' && added.length + removed.length > 0
      ? { milestone: 'patchEnded', pod: '', who: lastPart(resource) }
      : undefined,
  'principal-created': ({ resourceId, objectId }) => ({
    milestone: 'principalCreated',
    pod: '',
    who: resourceId === '' ? objectId : lastPart(resourceId),
  }),
  'principal-deleted': ({ resourceId, objectId }) => ({
    milestone: 'principalDeleted',
    pod: '',
    who: resourceId === '' ? objectId : lastPart(resourceId),
  }),
  'credential-rolled': ({ objectId }) => ({ milestone: 'credentialRolled', pod: '', who: objectId }),
  'token-asked': ({ pod }) => ({ milestone: 'tokenAsked', pod, who: pod }),
  'nmi-answered': ({ status, sender, node }) =>
    status === 200 ? { milestone: 'nmiAnswered', pod: sender, who: `NMI on ${node}` } : undefined,
  'imds-answered': ({ status, sender, vm }) => (status === 200 ? { milestone: 'imdsToken', pod: sender, who: `IMDS of ${vm}` } : undefined),
  'aad-token-issued': ({ appId }) => ({ milestone: 'aadToken', pod: '', who: appId }),
  'token-answered': ({ isFirst, pod }) => (isFirst ? { milestone: 'tokenAnswered', pod, who: pod } : undefined),
  'token-failed': ({ pod }) => ({ milestone: 'tokenFailed', pod, who: pod }),
  'service-answered': ({ status, sender, service, kind }) => ({
    milestone: status < 400 ? 'serviceAccessed' : 'serviceDenied',
    pod: sender,
    who: `${SERVICE_NAMES[kind]} ${service} by ${sender}`,
  }),
};

/** Milestones that a write shows. */
export function signsOfWrite(run: Run, write: Write): readonly Sign[] {
  if (write.table === 'azureAssignedIdentities') return signsOfAssignment(run, write);
  return handleWrite(SIGNS_OF_WRITE, write) ?? [];
}

const SIGNS_OF_WRITE: WriteHandlers<readonly Sign[]> = {
  pods: signsOfPod,
  azureIdentities: (write) => madeOrEnded(write, 'azureIdentityCreated', 'azureIdentityDeleted'),
  azureIdentityBindings: (write) => madeOrEnded(write, 'bindingCreated', 'bindingDeleted'),
  serviceAccounts: (write) => (/(?:^|[-/])(?:mic|nmi)(?:-|$)/.test(write.entry.key) ? madeOrEnded(write, 'serviceAccount') : []),
  userAssignedIdentities: (write) => madeOrEnded(write, 'identityCreated', 'identityDeleted'),
  virtualMachines: (write) => madeOrEnded(write, 'machineBooted'),
  identityGrants: signsOfGrant,
  roleAssignments: ({ entry: { before, after } }) => {
    const who = (after ?? before)?.role ?? '';
    if (before === undefined) return [{ milestone: 'roleAssigned', pod: '', who }];
    return before.deletedAt === undefined && after?.deletedAt !== undefined ? [{ milestone: 'roleRemoved', pod: '', who }] : [];
  },
  computeResources: ({ entry: { before, after } }) => {
    if (after === undefined) return [{ milestone: 'machineDeleted', pod: '', who: before?.name ?? '' }];
    return after.systemAssigned !== undefined && before?.systemAssigned === undefined
      ? [{ milestone: 'systemAssignedEnabled', pod: '', who: after.name }]
      : [];
  },
};

function madeOrEnded({ entry: { key, before, after } }: Write, made: Milestone, ended?: Milestone): readonly Sign[] {
  const who = lastPart(key);
  if (before === undefined) return [{ milestone: made, pod: '', who }];
  return after === undefined && ended !== undefined ? [{ milestone: ended, pod: '', who }] : [];
}

function signsOfGrant({ entry: { before, after } }: WriteOf<'identityGrants'>): readonly Sign[] {
  if (after === undefined || after.identity === 'system') return [];
  const who = `${lastPart(after.identity)} on ${lastPart(after.resource)}`;
  if (after.detachedAt !== undefined) return before?.detachedAt === undefined ? [{ milestone: 'identityDetached', pod: '', who }] : [];
  return before?.incarnation === after.incarnation ? [] : [{ milestone: 'patchStarted', pod: '', who }];
}

function signsOfPod({ entry: { key, before, after } }: WriteOf<'pods'>): readonly Sign[] {
  if ((after ?? before)?.metadata.labels[BINDING_LABEL] === undefined) return [];
  const sign = (milestone: Milestone): Sign => ({ milestone, pod: key, who: key });
  if (after === undefined)
    return before?.metadata.deletionTimestamp === undefined ? [sign('podDeleted'), sign('podGone')] : [sign('podGone')];
  const signs: Sign[] = [];
  if (before === undefined) signs.push(sign('podCreated'));
  if (after.spec.nodeName !== undefined && before?.spec.nodeName === undefined)
    signs.push({ ...sign('podScheduled'), who: `${key} on ${after.spec.nodeName}` });
  if (after.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined) signs.push(sign('podDeleted'));
  return signs;
}

function signsOfAssignment(run: Run, { entry: { before, after } }: WriteOf<'azureAssignedIdentities'>): readonly Sign[] {
  const one = after ?? before;
  if (one === undefined) return [];
  const sign = (milestone: Milestone): Sign => ({ milestone, pod: `${one.spec.podNamespace}/${one.spec.pod}`, who: one.metadata.name });
  if (after === undefined) return [sign('assignmentGone')];
  const signs = before === undefined ? [sign('assignmentCreated')] : [];
  return isAssigned(run, after) && !(before !== undefined && isAssigned(run, before)) ? [...signs, sign('assigned')] : signs;
}
