/** MIC finished an assignment for a pod that was no longer there. */
import { isAssigned, podKeyOf, podOf } from '../entitlement.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** Detector of `assignedAfterGone`. */
export function assignedAfterGone(run: Run): RaceDetector {
  const findings = new RaceFindings('assignedAfterGone');
  return {
    findings,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { before, after } = write.entry;
      if (after === undefined || !isAssigned(run, after) || (before !== undefined && isAssigned(run, before))) return;
      findings.examine();
      if (podOf(run, after) !== undefined) return;
      findings.found(placeOfWrite(write, podKeyOf(after)), `${after.metadata.name} became Assigned though ${podKeyOf(after)} was gone`);
    },
  };
}
