/** Invariants of the names and scopes of AzureAssignedIdentities: S7, S8 and S16 of the behaviour of MIC. */
import { ASSIGNED_IDENTITY_FINALIZER, BEHAVIOR_ANNOTATION, keyOf } from '../../model/kubernetes.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import { podKeyOf } from '../entitlement.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** `namespacedStaysHome`. */
export function namespacedStaysHome(run: Run): Invariant {
  const record = new InvariantRecord('namespacedStaysHome');
  return {
    record,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities' || write.entry.after === undefined) return;
      const { azureIdentityRef, azureBindingRef, podNamespace } = write.entry.after.spec;
      record.check();
      const isForced = run.table('settings').get(SETTINGS_KEY)?.forceNamespaced === 'yes';
      if (!isForced && azureIdentityRef.metadata.annotations[BEHAVIOR_ANNOTATION] !== 'namespaced') return;
      const home = azureIdentityRef.metadata.namespace;
      if (home === podNamespace && home === azureBindingRef.metadata.namespace) return;
      record.breach(placeOfWrite(write, podKeyOf(write.entry.after)), `${write.entry.after.metadata.name} leaves the namespace ${home}`);
    },
  };
}

/** `nameTellsPod`: a name belongs to one pod, and a pod has one assignment of an AzureIdentity's name. Known to fall: W40. */
export function nameTellsPod(run: Run): Invariant {
  const record = new InvariantRecord('nameTellsPod');
  return {
    record,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities' || write.entry.after === undefined) return;
      const { before, after } = write.entry;
      record.check();
      const place = placeOfWrite(write, podKeyOf(after));
      if (before !== undefined && podKeyOf(before) !== podKeyOf(after)) {
        record.breach(place, `${after.metadata.name} was of ${podKeyOf(before)} and is now of ${podKeyOf(after)}`);
      }
      const { name } = after.spec.azureIdentityRef.metadata;
      const twins = run
        .table('azureAssignedIdentities')
        .by('pod', podKeyOf(after))
        .filter(({ spec }) => spec.azureIdentityRef.metadata.name === name);
      if (twins.length > 1) record.breach(place, `${podKeyOf(after)} has ${twins.map(keyOf).join(' and ')}`);
    },
  };
}

/** `finalizerHonoured`: nothing with MIC's finalizer disappears; only MIC, or a person, takes that off. */
export function finalizerHonoured(): Invariant {
  const record = new InvariantRecord('finalizerHonoured');
  return {
    record,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { before, after } = write.entry;
      if (before === undefined || after !== undefined) return;
      record.check();
      if (before.metadata.finalizers.includes(ASSIGNED_IDENTITY_FINALIZER) && before.metadata.deletionTimestamp === undefined) {
        record.breach(placeOfWrite(write, podKeyOf(before)), `${before.metadata.name} disappeared with its finalizer on`);
      }
    },
  };
}
