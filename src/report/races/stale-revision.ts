/** A write was refused with 409 or 412 because somebody else had written since the writer read, or was writing. */
import { isRead } from '../reads.ts';
import { placeOf } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** The lock of an election lies on Endpoints. A conflict there is how an election is lost, no race. */
const ELECTION = 'Endpoints';

/** Detector of `staleRevision`, at the kube-apiserver and at ARM. */
export function staleRevision(): RaceDetector {
  const findings = new RaceFindings('staleRevision');
  return {
    findings,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'api-answered') {
        if (fact.kind === ELECTION || isRead(fact.verb)) return;
        findings.examine();
        if (fact.status === 409) findings.found(placeOf(stamped, ''), `${fact.client}: ${fact.verb} of ${fact.kind} answered 409`);
      } else if (fact.type === 'arm-answered') {
        if (isRead(fact.op)) return;
        findings.examine();
        if (fact.status === 409 || fact.status === 412) {
          findings.found(
            placeOf(stamped, ''),
            `${fact.client}: ${fact.op} of ${fact.resource} answered ${String(fact.status)} ${fact.error}`.trimEnd(),
          );
        }
      }
    },
  };
}
