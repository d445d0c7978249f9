/** An AzureAssignedIdentity that went and came again under a pod that was there all the time. */
import type { Moment } from '../../kernel/time.ts';
import { humanDuration } from '../duration-text.ts';
import { podKeyOf, podOf } from '../entitlement.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

interface Taken {
  readonly at: Moment;
  /** Of the pod that it was taken from. */
  readonly uid: string;
}

/** Detector of `flappingAssignment`. */
export function flappingAssignment(run: Run): RaceDetector {
  const findings = new RaceFindings('flappingAssignment');
  const taken = new Map<string, Taken>();
  return {
    findings,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { key, before, after, at } = write.entry;
      if (before !== undefined && after === undefined) {
        const pod = podOf(run, before);
        if (pod !== undefined && pod.metadata.deletionTimestamp === undefined) taken.set(key, { at, uid: pod.metadata.uid });
      }
      if (before !== undefined || after === undefined) return;
      findings.examine();
      const earlier = taken.get(key);
      taken.delete(key);
      if (earlier === undefined || podOf(run, after)?.metadata.uid !== earlier.uid) return;
      const away = at - earlier.at;
      findings.found(
        placeOfWrite(write, podKeyOf(after)),
        `${after.metadata.name} came again ${humanDuration(away)} after it had gone`,
        away,
      );
    },
  };
}
