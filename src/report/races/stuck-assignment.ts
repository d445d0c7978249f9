/** An AzureAssignedIdentity that got nowhere: Created, or waiting for its deletion, for longer than any healthy path takes. */
import { minutes } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { PlaceInRun } from '../document/index.ts';
import { humanDuration } from '../duration-text.ts';
import { podKeyOf } from '../entitlement.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** Longer than the resync of MIC's informers (10 min), after which it looks at everything again. */
const STUCK_AFTER = minutes(10);
/** At the end of a run it is stuck sooner: MIC reconciles every 3 min, so a healthy one has made a step by then. */
const STUCK_AT_END_AFTER = minutes(3);

interface Waiting {
  readonly since: Moment;
  readonly place: PlaceInRun;
  readonly state: 'Created' | 'waiting for deletion';
  readonly name: string;
}

/** Detector of `stuckAssignment`. What began shortly before the end of the run is not stuck. */
export function stuckAssignment(run: Run): RaceDetector {
  const findings = new RaceFindings('stuckAssignment');
  const waiting = new Map<string, Waiting>();
  for (const assigned of run.table('azureAssignedIdentities').all()) {
    const state = stateOf(assigned);
    const key = `${assigned.metadata.namespace}/${assigned.metadata.name}`;
    if (state === undefined) continue;
    findings.examine();
    waiting.set(key, {
      since: run.now,
      place: { event: -1, atUs: run.now, pod: podKeyOf(assigned) },
      state,
      name: assigned.metadata.name,
    });
  }
  const close = (key: string, at: Moment): void => {
    const wait = waiting.get(key);
    if (wait === undefined || at - wait.since <= STUCK_AFTER) return;
    findings.found(wait.place, `${wait.name} stayed ${wait.state} for ${humanDuration(at - wait.since)}`, at - wait.since);
  };
  return {
    findings,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { key, after, at } = write.entry;
      const state = after === undefined ? undefined : stateOf(after);
      if (waiting.get(key)?.state === state) return;
      close(key, at);
      if (state === undefined || after === undefined) waiting.delete(key);
      else {
        findings.examine();
        waiting.set(key, { since: at, place: placeOfWrite(write, podKeyOf(after)), state, name: after.metadata.name });
      }
    },
    atEnd(at) {
      const all = findings.copy();
      for (const { since, place, state, name } of waiting.values()) {
        if (at - since > STUCK_AT_END_AFTER)
          all.found(place, `${name} is ${state} since ${humanDuration(at - since)} at the end`, at - since);
      }
      return all;
    },
  };
}

/** What an AzureAssignedIdentity waits for, if anything. */
function stateOf(assigned: AzureAssignedIdentity): Waiting['state'] | undefined {
  if (assigned.metadata.deletionTimestamp !== undefined) return 'waiting for deletion';
  return assigned.status.status === 'Created' ? 'Created' : assigned.status.status === 'Unassigned' ? 'waiting for deletion' : undefined;
}
