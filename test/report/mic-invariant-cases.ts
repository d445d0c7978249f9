/** For each invariant of MIC's side that facts alone can show: a stream over which it holds, and one that breaks it. */
import type { Fact } from '../../src/model/facts/index.ts';
import type { InvariantName } from '../../src/scenarios/schema/claim-names.ts';
import { assigned, azureIdentity, binding, CLIENT, READER, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
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
const operation = (removed: readonly string[]): Fact => ({
  type: 'arm-operation-ended',
  operation: 'arm#1',
  client: 'mic/default/mic-1',
  resource: RESOURCE,
  added: [],
  removed,
  outcome: 'Succeeded',
  took: 1 as never,
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

/** Good and bad streams by invariant. */
export const MIC_CASES = {
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
    good: [podGone, states(1190), gone],
    bad: [podGone, states(1300), gone],
  },
  leaderReplaced: {
    good: [states(1, ...started), states(1, died), states(60, process('mic-leading', 'mic-2'), process('mic-caches-synced', 'mic-2'))],
    bad: [states(1, ...started), states(1, died), states(130)],
  },
} satisfies Readonly<Partial<Record<InvariantName, Case>>>;
