/** What MIC and its cloud layer learned from release to release. Actors ask by name; nobody else looks at releases. */
import type { BehaviourRow } from './behaviour-row.ts';

/** Behaviours of MIC, in the order in which they came. */
export const micBehaviours = {
  micDeletesWhatItCreates: {
    until: '1.3',
    source: '#141, #142 (commit 618c68a0)',
    meaning: 'The list of assigned identities to delete also holds those to create: they come and go within one cycle.',
  },
  micBatchesByNode: {
    from: '1.5-dev',
    source: '#199, #219',
    meaning:
      'All assigned identities of a node are worked on together, with one GET and at most one write; before, one after another with a write each.',
  },
  micStatesOfAssigned: {
    from: '1.5-dev',
    source: '#219',
    meaning:
      'An assigned identity is written as Created before the cloud is asked, and is Assigned after; before, it was written after the cloud write, without a state.',
  },
  micSyncsPeriodically: {
    from: '1.5-dev',
    source: '#272',
    meaning: 'A cycle runs every hour (syncRetryDuration) even without an event.',
  },
  micCountsUsersAcrossScaleSet: {
    from: '1.5-dev',
    source: '#203 (issue #198)',
    meaning: 'An identity that a pod on any node of the scale set uses is in use; before, only pods of the same node counted.',
  },
  micElectsLeader: {
    from: '1.5-rc2',
    source: '#277',
    meaning: 'Of several replicas one leads, by a lease; before, each of them worked.',
  },
  micNodesInParallel: {
    from: '1.5',
    source: '#305',
    meaning: 'The resources of a cycle are worked on at once; before, one after another.',
  },
  micLeaksMemory: {
    until: '1.5.3',
    source: '#408 (issue #180)',
    meaning: 'Each cycle leaves goroutines behind that wait for the caches, so that the process grows until it is killed.',
  },
  micSharesStatistics: {
    from: '1.5',
    until: '1.5.3',
    source: '#344 (issues #315, #390)',
    meaning: 'The workers of a cycle write its statistics into one map without a lock; two at a time end the process, as Go does.',
  },
  micGroupsScaleSetNodes: {
    from: '1.5.3',
    source: '#379',
    meaning: 'The nodes of a scale set share one write; before, each node wrote the scale set for itself.',
  },
  micCleansUpMissingNodes: {
    from: '1.5.3',
    source: '#367 (issue #366)',
    meaning:
      'Assigned identities of a node that is gone are deleted without asking ARM; before, the GET of the node failed and they stayed.',
  },
  micPatchesIdentities: {
    from: '1.6.0',
    source: '#522',
    meaning:
      'The cloud write is a PATCH that names what comes and goes; before, a PUT (CreateOrUpdate) of the model that the GET showed, with the whole list.',
  },
  micNeedsOwnNamespace: {
    from: '1.6.0',
    source: '#398, #572 (the upgrade of types keeps its ConfigMap in that namespace); cmd/mic/main.go',
    meaning: 'A process whose environment does not name its namespace (MIC_POD_NAMESPACE) ends at once.',
  },
  micUpdatesInPlace: {
    from: '1.6.0',
    source: '#559',
    meaning: 'A changed assigned identity is updated; before, it was deleted and one of the same name created.',
  },
  micRemovesBeforeAdding: {
    from: '1.6.0',
    source: '#564',
    meaning:
      'An identity that one pod gives up and another gets in the same cycle stays on the resource; before, it was added and then removed.',
  },
  micAddsFinalizer: {
    from: '1.6.1',
    source: '#593',
    meaning: 'Assigned identities carry a finalizer that only MIC takes off.',
  },
  micDropsBadIdentities: {
    from: '1.6.1',
    source: '#601',
    meaning: 'A refused write is tried again without the identities its error names.',
  },
  micReloadsCloudConfig: {
    from: '1.6.1',
    source: '#590',
    meaning: 'A written azure.json makes the cloud clients anew; before, a process signed in as the file said when it began.',
  },
  micMasksScaleSetReads: {
    from: '1.6.1',
    until: '1.7.4',
    source:
      '#967 (issue #959); pkg/cloudprovider/vmss.go: only the GET of a scale set has a named result that the report of metrics can overwrite',
    meaning:
      'A failed GET of a scale set counts as the answer of one that carries no identity and has no type: adding drops a system-assigned identity, removing takes everything off.',
  },
  micSyncsOnLabelChange: {
    from: '1.6.2',
    source: '#682 (issue #603)',
    meaning: 'A changed aadpodidbinding label starts a cycle; before, it waited for another event or the hourly one.',
  },
  micReconciles: {
    from: '1.6.3',
    source: '#734 (issue #647)',
    meaning: 'Every 3 minutes what is Assigned but missing on its resource is put back.',
  },
  micHonoursRetryAfter: {
    from: '1.6.3',
    source: '#742 (issue #676)',
    meaning: 'After a refusal with Retry-After calls of its kind fail without being sent until the time is over.',
  },
  micComparesIdsWithoutCase: {
    from: '1.6.3',
    source: 'issue #556; pkg/cloudprovider/vm.go, vmss.go (ids in lower case since then)',
    meaning:
      'Resource ids are compared and sent in lower case; before, an id that ARM spells otherwise counted as new, and a PUT listed it twice.',
  },
  micSplitsWrites: {
    from: '1.7.0',
    source: '#847 (issues #637, #813)',
    meaning: 'More than 150 changes go in several writes; before, in one that ARM refuses.',
  },
  micSparesDeleting: {
    from: '1.7.2',
    source: '#937 (issue #926)',
    meaning: 'A VM or scale set that is being deleted is not written; before, the write was sent, and refused or waited for.',
  },
  micNeedsProvisioningState: {
    from: '1.7.2',
    until: '1.7.3',
    source: '#960 (issue #959)',
    meaning: 'A VM or scale set that was read without a provisioning state, as after a failed GET that passes for none, ends the process.',
  },
  micSkipsEmptyUpdates: {
    from: '1.7.5',
    source: '#1007',
    meaning:
      'With nothing to add or remove the cloud is not asked; before, it was read, and a GET that showed no identity led to a write that took all off.',
  },
  micKeepsClusterIdentity: {
    from: '1.7.5',
    source: '#981',
    meaning: 'The identity of azure.json is never taken off a resource.',
  },
  micKeepsFirstOfSameName: {
    from: '1.8.1',
    source: '#1100 (issue #1065)',
    meaning: 'Of several candidates for one name the first wins; before, the last overwrote the others.',
  },
  micRelabelsOnUpdate: {
    from: '1.8.4',
    source: '#1161',
    meaning:
      'An update in place moves the label nodename to the new node; before, it kept the old one, and an NMI that watches its own node missed it.',
  },
} as const satisfies Readonly<Record<string, BehaviourRow>>;
