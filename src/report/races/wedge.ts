/** A cycle of MIC's leader that would not end: nothing else is looked at meanwhile. */
import { minutes } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { PlaceInRun } from '../document/index.ts';
import { humanDuration } from '../duration-text.ts';
import { placeOf, podOfReplica } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** Longer than any healthy cycle: 173 deletions at once take 105 s, a slow PATCH some minutes. */
const WEDGED_AFTER = minutes(10);

interface OpenCycle {
  readonly since: Moment;
  readonly place: PlaceInRun;
}

/** Detector of `wedge`. A process that died took its cycle with it. */
export function wedge(): RaceDetector {
  const findings = new RaceFindings('wedge');
  const open = new Map<string, OpenCycle>();
  const judge = (of: RaceFindings, { pod, cycle, at }: { readonly pod: string; readonly cycle: OpenCycle; readonly at: Moment }): void => {
    const lasted = at - cycle.since;
    if (lasted > WEDGED_AFTER) of.found(cycle.place, `a cycle of ${pod} lasted ${humanDuration(lasted)}`, lasted);
  };
  return {
    findings,
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type === 'container-ended') open.delete(fact.pod);
      else if (fact.type === 'mic-stopped') open.delete(podOfReplica(fact.replica));
      else if (fact.type === 'mic-cycle-started') {
        const pod = podOfReplica(fact.replica);
        findings.examine();
        open.set(pod, { since: at, place: placeOf(stamped, pod) });
      } else if (fact.type === 'mic-cycle-ended') {
        const pod = podOfReplica(fact.replica);
        const cycle = open.get(pod);
        if (cycle !== undefined) judge(findings, { pod, cycle, at });
        open.delete(pod);
      }
    },
    atEnd(at) {
      const all = findings.copy();
      for (const [pod, cycle] of open) judge(all, { pod, cycle, at });
      return all;
    },
  };
}
