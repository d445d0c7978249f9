/** NMI took a request for another pod's: an address that was used again before the caches knew, or a spoofed one. */
import { placeOf } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** Detector of `servedOtherPod`. */
export function servedOtherPod(): RaceDetector {
  const findings = new RaceFindings('servedOtherPod');
  return {
    findings,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'nmi-resolved' || fact.resolved === '') return;
      findings.examine();
      if (fact.resolved === fact.sender) return;
      findings.found(placeOf(stamped, fact.sender), `NMI on ${fact.node} took a request of ${fact.sender} for one of ${fact.resolved}`);
    },
  };
}
