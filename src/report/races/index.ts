/** All classes of assignment races, each found by a detector of its own. */
import type { Moment } from '../../kernel/time.ts';
import type { EventId } from '../../kernel/vocabulary.ts';
import type { RaceClass } from '../../scenarios/schema/metric-names.ts';
import type { RaceSection } from '../document/index.ts';
import type { GrantUsers } from '../grant-users.ts';
import type { Run, Stamped, Watcher, Write } from '../watcher.ts';
import { askedBeforeAssigned } from './asked-before-assigned.ts';
import { assignedAfterGone } from './assigned-after-gone.ts';
import { bypassedNmi } from './bypassed-nmi.ts';
import { duplicateAssignment } from './duplicate-assignment.ts';
import { flappingAssignment } from './flapping-assignment.ts';
import { lostUpdate, removedWhileInUse } from './identity-loss.ts';
import type { RaceDetector, RaceFindings } from './race-detector.ts';
import { servedOtherPod } from './served-other-pod.ts';
import { staleRevision } from './stale-revision.ts';
import { stuckAssignment } from './stuck-assignment.ts';
import { twoLeaders } from './two-leaders.ts';
import { wedge } from './wedge.ts';

/** Every detector, by class, in the order of reports. */
const DETECTORS: Readonly<Record<RaceClass, (run: Run, users: GrantUsers) => RaceDetector>> = {
  askedBeforeAssigned,
  staleRevision,
  lostUpdate,
  removedWhileInUse,
  assignedAfterGone,
  servedOtherPod,
  bypassedNmi,
  twoLeaders,
  stuckAssignment,
  flappingAssignment,
  duplicateAssignment,
  wedge,
};

/** The detectors of one run. */
export class Races implements Watcher {
  readonly #run: Run;
  readonly #detectors: ReadonlyMap<RaceClass, RaceDetector>;

  constructor(run: Run, users: GrantUsers) {
    this.#run = run;
    this.#detectors = new Map((Object.keys(DETECTORS) as RaceClass[]).map((race) => [race, DETECTORS[race](run, users)]));
  }

  onFact(stamped: Stamped): void {
    for (const detector of this.#detectors.values()) detector.onFact?.(stamped);
  }

  onWrite(write: Write): void {
    for (const detector of this.#detectors.values()) detector.onWrite?.(write);
  }

  onSettled(at: Moment, event: EventId): void {
    for (const detector of this.#detectors.values()) detector.onSettled?.(at, event);
  }

  /** Findings of a class, as if the run ended now. */
  of(race: RaceClass): RaceFindings {
    const detector = this.#detectors.get(race);
    if (detector === undefined) throw new Error(`no detector of ${race}`);
    return detector.atEnd?.(this.#run.now) ?? detector.findings;
  }

  section(): readonly RaceSection[] {
    return [...this.#detectors.keys()].map((race) => this.of(race).section());
  }
}
