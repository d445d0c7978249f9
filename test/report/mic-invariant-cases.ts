/** For each invariant of MIC's side that facts alone can show: a stream over which it holds, and one that breaks it. */
import { ZERO } from '../../src/kernel/time.ts';
import type { Duration, Moment } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import type { DesiredAssignment } from '../../src/model/mic-rows.ts';
import { desiredKey } from '../../src/model/mic/desired.ts';
import type { InvariantName } from '../../src/scenarios/schema/claim-names.ts';
import { assigned, azureIdentity, binding, CLIENT, managedIdentity, pod, READER, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
import type { Case } from './nmi-invariant-cases.ts';
import { states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const RESOURCE = SCALE_SET.toLowerCase();
const KEY = 'default/web-default-reader';
const taken = writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) });
const gone = writes(1, 'azureAssignedIdentities', { [KEY]: undefined });
const podGone = writes(1, 'pods', { 'default/web': undefined });
const decided: Fact = {
  type: 'mic-removal-decided',
  replica: 'mic/default/mic-1',
  assigned: KEY,
  resource: 'pool',
  identity: READER,
  verdict: 'remove',
};
const worker = (remove: readonly string[]): Fact => ({
  type: 'mic-worker-started',
  replica: 'mic/default/mic-1',
  cycle: 1,
  resource: 'pool',
  add: [],
  remove,
});
const operation = (removed: readonly string[], took: Duration = 1 as Duration): Fact => ({
  type: 'arm-operation-ended',
  operation: 'arm#1',
  client: 'mic/default/mic-1',
  resource: RESOURCE,
  added: [],
  removed,
  outcome: 'Succeeded',
  took,
});
const process = (type: 'mic-started' | 'mic-leading' | 'mic-caches-synced', name: string): Fact => ({
  type,
  replica: `mic/default/${name}`,
});
const started = [process('mic-started', 'mic-1'), process('mic-started', 'mic-2'), process('mic-leading', 'mic-1')];
const died: Fact = { type: 'mic-stopped', replica: 'mic/default/mic-1', reason: 'SIGKILL' };
const narrow = {
  ...azureIdentity(),
  metadata: { ...azureIdentity().metadata, annotations: { 'aadpodidentity.k8s.io/Behavior': 'namespaced' } },
};
const scoped = (podNamespace: string): Step => {
  const made = assigned('web', 'Created');
  return writes(1, 'azureAssignedIdentities', {
    [KEY]: { ...made, spec: { ...made.spec, azureIdentityRef: narrow, azureBindingRef: binding(), podNamespace } },
  });
};
const immutable: Filling = {
  ...settledWorld(),
  settings: Object.fromEntries(
    Object.entries(settledWorld().settings).map(([key, row]) => [key, { ...row, immutableClientIds: [CLIENT] }]),
  ),
};
const terminating = {
  ...assigned('web', 'Unassigned'),
  metadata: { ...assigned('web', 'Unassigned').metadata, deletionTimestamp: 1 as never },
};

const takes = (seconds: number): Duration => (seconds * 1_000_000) as Duration;
const patched = (status: number): Fact => ({
  type: 'arm-answered',
  client: 'mic/default/mic-1',
  op: 'patchIdentity',
  resource: RESOURCE,
  status,
  error: '',
  retryAfter: ZERO,
});
const held: Fact = {
  type: 'mic-cloud-operation-ended',
  replica: 'mic/default/mic-1',
  operation: 'vmss_update',
  resource: 'pool',
  error: 'StatusCode=429',
  took: takes(1),
  retryAfter: takes(60),
};
const updated: Fact = { ...held, error: '', retryAfter: ZERO };
const began = (cycle: number): Fact => ({
  type: 'mic-cycle-started',
  replica: 'mic/default/mic-1',
  cycle,
  creates: 1,
  deletes: 0,
  updates: 0,
  queued: 0,
  buffered: 0,
});
const cycleOver: Fact = { type: 'mic-cycle-ended', replica: 'mic/default/mic-1', cycle: 1, took: takes(1) };
const items = (n: number): Step =>
  writes(
    1,
    'micWork',
    Object.fromEntries(
      Array.from({ length: n }, (_, index) => [
        `w${String(index)}`,
        {
          replica: 'mic/default/mic-1',
          worker: 'pool',
          index,
          kind: 'create' as const,
          key: `default/a${String(index)}`,
          object: assigned('web', 'Created'),
          isInUse: false,
        },
      ]),
    ),
  );
const writtenAtOnce = (n: number): readonly Fact[] =>
  Array.from({ length: n }, (_, index) => ({
    type: 'mic-assigned-identity-written',
    replica: 'mic/default/mic-1',
    operation: 'addition',
    assigned: `default/a${String(index)}`,
    error: '',
    took: takes(0.1),
  }));
const apiCalls = (n: number): readonly Fact[] =>
  Array.from({ length: n }, () => ({
    type: 'api-answered',
    client: 'mic/default/mic-1',
    verb: 'create',
    kind: 'AzureAssignedIdentity',
    status: 201,
  }));
const wanted: DesiredAssignment = {
  replica: 'mic/default/mic-1',
  name: 'web-default-reader',
  namespace: 'default',
  podKey: 'default/web',
  pod: 'web',
  podNamespace: 'default',
  node: assigned('web', 'Assigned').spec.nodename,
  bindingKey: 'default/reader-binding',
  bindingName: 'reader-binding',
  bindingVersion: '1',
  identityKey: 'default/reader',
  identityName: 'reader',
  identityVersion: '1',
  identityType: 0,
  resourceID: READER,
  clientID: CLIENT,
};
const wants = writes(1, 'micDesired', { [desiredKey(wanted)]: wanted });
const leading = states(1, process('mic-leading', 'mic-1'), process('mic-caches-synced', 'mic-1'));
const heldBy = (holder: string): Step =>
  writes(1, 'leases', {
    'default/aad-pod-identity-mic': {
      kind: 'Endpoints',
      metadata: { ...binding().metadata, name: 'aad-pod-identity-mic' },
      spec: { holder, renewedAt: 0 as never, transitions: 0 },
    },
  });
const unserved: Filling = {
  ...settledWorld(),
  pods: {},
  azureAssignedIdentities: {},
  userAssignedIdentities: { [READER.toLowerCase()]: managedIdentity() },
};
const webComes = writes(1, 'pods', { 'default/web': pod('web') });
const createdWeb = writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Created') });
const assignedWeb = writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Assigned') });
const badOne = READER.replace(/[^/]+$/u, 'nobody');
const tried = (error: string): readonly Fact[] => [
  { type: 'mic-worker-started', replica: 'mic/default/mic-1', cycle: 1, resource: 'pool', add: [READER, badOne], remove: [] },
  { type: 'mic-worker-ended', replica: 'mic/default/mic-1', cycle: 1, resource: 'pool', error },
];
const blamed = 'StatusCode=400 Code="FailedIdentityOperation"';
const space = (deletionTimestamp?: Moment): Step =>
  writes(1, 'namespaces', {
    default: {
      kind: 'Namespace',
      metadata: {
        ...binding().metadata,
        name: 'default',
        namespace: '',
        ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      },
    },
  });
const spaceGone = writes(1, 'namespaces', { default: undefined });
/** A cycle with work each two minutes. */
const rounds = (n: number): readonly Step[] => Array.from({ length: n }, (_, cycle) => states(120, began(cycle), cycleOver));

/** Good and bad streams by invariant. */
export const MIC_CASES = {
  noRemovalOfDesired: {
    fill: settledWorld(),
    good: [
      wants,
      writes(1, 'micDesired', { [desiredKey(wanted)]: undefined }),
      states(1, worker([READER])),
      states(1, operation([READER])),
    ],
    bad: [wants, states(1, worker([READER])), states(1, operation([READER]))],
  },
  onePatchPerResource: {
    good: [states(1, patched(202)), states(1, operation([], takes(1))), states(1, patched(202))],
    bad: [states(1, patched(202)), states(1, patched(409)), states(1, operation([], takes(2)))],
  },
  cycleNeedsLease: {
    good: [heldBy('default/mic-1'), states(1, began(1))],
    bad: [heldBy('default/mic-2'), states(1, began(1))],
  },
  batchWithinLimit: {
    good: [items(40), states(1, ...writtenAtOnce(20)), states(1, ...writtenAtOnce(20)), states(1, cycleOver)],
    bad: [items(40), states(1, ...writtenAtOnce(21)), states(1, cycleOver)],
  },
  callsWithinRate: {
    good: [states(1, ...apiCalls(5)), states(1, ...apiCalls(5))],
    bad: [states(1, ...apiCalls(6))],
  },
  retryAfterHonoured: {
    good: [states(1, held), states(30, { ...updated, error: 'client throttled: patch', took: ZERO }), states(32, updated)],
    bad: [states(1, held), states(30, updated)],
  },
  boundPodAssigned: {
    fill: unserved,
    good: [leading, webComes, states(100), createdWeb, assignedWeb, states(600)],
    bad: [leading, webComes, states(100), createdWeb, states(100)],
  },
  lossHealed: {
    fill: settledWorld(),
    good: [leading, taken, states(250), writes(1, 'computeResources', { [RESOURCE]: scaleSet([READER]) }), states(100)],
    bad: [leading, taken, states(301)],
  },
  goodDespiteBad: {
    fill: { ...settledWorld(), userAssignedIdentities: { [READER.toLowerCase()]: managedIdentity() } },
    good: [states(1, ...tried(blamed))],
    bad: [taken, states(1, ...tried(blamed))],
  },
  changeIsTakenIn: {
    fill: unserved,
    good: [leading, webComes, wants, states(600)],
    bad: [leading, webComes, states(200)],
  },
  createdGetsAssigned: {
    fill: { ...settledWorld(), azureAssignedIdentities: {}, userAssignedIdentities: { [READER.toLowerCase()]: managedIdentity() } },
    good: [leading, createdWeb, states(800), assignedWeb, states(800)],
    bad: [leading, createdWeb, states(901)],
  },
  namespaceGoes: {
    fill: settledWorld(),
    good: [leading, space(), space(1 as Moment), states(1000), spaceGone],
    bad: [leading, space(), space(1 as Moment), states(1300)],
  },
  micComesToRest: { good: [leading, ...rounds(2)], bad: [leading, ...rounds(3)] },
  takenOffBeforeDeletion: { fill: settledWorld(), good: [podGone, taken, gone], bad: [podGone, gone] },
  immutableStays: { fill: immutable, good: [states(1, { ...decided, verdict: 'immutable' })], bad: [states(1, decided)] },
  patchTouchesOnlyNamed: {
    fill: settledWorld(),
    good: [states(1, worker([READER])), states(1, operation([READER]))],
    bad: [states(1, worker([])), states(1, operation([READER]))],
  },
  namespacedStaysHome: { fill: settledWorld(), good: [scoped('default')], bad: [scoped('shop')] },
  nameTellsPod: {
    fill: settledWorld(),
    good: [writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Created') })],
    bad: [
      writes(1, 'azureAssignedIdentities', {
        [KEY]: { ...assigned('web', 'Created'), spec: { ...assigned('web', 'Created').spec, pod: 'other' } },
      }),
    ],
  },
  patchWithinLimit: {
    good: [states(1, operation(Array.from({ length: 150 }, (_, n) => `id-${String(n)}`)))],
    bad: [states(1, operation(Array.from({ length: 151 }, (_, n) => `id-${String(n)}`)))],
  },
  finalizerHonoured: {
    fill: settledWorld(),
    good: [writes(1, 'azureAssignedIdentities', { [KEY]: terminating }), gone],
    bad: [gone],
  },
  noLeakedIdentity: { fill: settledWorld(), good: [podGone, taken, gone, states(700)], bad: [podGone, gone, states(700)] },
  assignmentGoesWithPod: {
    fill: settledWorld(),
    good: [leading, podGone, states(1190), gone],
    bad: [leading, podGone, states(1300), gone],
  },
  leaderReplaced: {
    good: [states(1, ...started), states(1, died), states(60, process('mic-leading', 'mic-2'), process('mic-caches-synced', 'mic-2'))],
    bad: [states(1, ...started), states(1, died), states(130)],
  },
} satisfies Readonly<Partial<Record<InvariantName, Case>>>;
