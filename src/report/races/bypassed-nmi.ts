/** A pod's connection to the metadata address reached IMDS itself: no rule was there to turn it to NMI. */
import { SETTINGS_KEY } from '../../model/settings.ts';
import { placeOf } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** Detector of `bypassedNmi`. Without pod identity there is nothing to get around. */
export function bypassedNmi(run: Run): RaceDetector {
  const findings = new RaceFindings('bypassedNmi');
  return {
    findings,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'connection-routed' || fact.network !== 'pod') return;
      const mode = run.table('settings').get(SETTINGS_KEY)?.mode ?? 'none';
      if (mode === 'none') return;
      findings.examine();
      if (fact.to === 'imds') findings.found(placeOf(stamped, fact.pod), `${fact.pod} on ${fact.node} reached IMDS around NMI`);
    },
  };
}
