/** A MIC process began to lead while another still took itself for the leader. */
import { placeOf, podOfReplica } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** Detector of `twoLeaders`. */
export function twoLeaders(): RaceDetector {
  const findings = new RaceFindings('twoLeaders');
  const leading = new Set<string>();
  return {
    findings,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'mic-stopped') leading.delete(podOfReplica(fact.replica));
      // A killed process states nothing: its container's end tells.
      else if (fact.type === 'container-ended') leading.delete(fact.pod);
      else if (fact.type === 'mic-leading') {
        findings.examine();
        const pod = podOfReplica(fact.replica);
        const others = [...leading].filter((other) => other !== pod);
        leading.add(pod);
        if (others.length > 0) findings.found(placeOf(stamped, pod), `${pod} began to lead while ${others.join(', ')} still did`);
      }
    },
  };
}
