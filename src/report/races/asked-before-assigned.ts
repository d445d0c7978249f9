/** A pod asked before MIC was done: NMI found no AzureAssignedIdentity for it, or one that was still Created. */
import { isSelected } from '../entitlement.ts';
import { placeOf } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** Detector of `askedBeforeAssigned`. A pod that no binding selects waits for nothing: its 404 is no race. */
export function askedBeforeAssigned(run: Run): RaceDetector {
  const findings = new RaceFindings('askedBeforeAssigned');
  return {
    findings,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'nmi-answered' || fact.found === 'notLooked') return;
      findings.examine();
      if (fact.found === 'Assigned' || (fact.found === 'none' && !isSelected(run, fact.sender))) return;
      const seen = fact.found === 'none' ? 'no AzureAssignedIdentity' : 'an AzureAssignedIdentity still Created';
      findings.found(
        placeOf(stamped, fact.sender),
        `NMI on ${fact.node} found ${seen} when ${fact.sender} asked; it answered ${String(fact.status)}`,
      );
    },
  };
}
