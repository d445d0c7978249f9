/** Everything a report observes of one run, gathered in one place: sections, conditions and measures are read from it at any moment. */
import type { Moment } from '../kernel/time.ts';
import type { EventId } from '../kernel/vocabulary.ts';
import { SETTINGS_KEY } from '../model/settings.ts';
import { Access } from './access/index.ts';
import { Audit } from './audit/index.ts';
import { Cleanup } from './cleanup/index.ts';
import { Marks } from './conditions/marks.ts';
import { TokenWaits } from './latency/token-waits.ts';
import { GrantUsers } from './grant-users.ts';
import { Load } from './load.ts';
import { Observations } from './observations/index.ts';
import { Races } from './races/index.ts';
import { Course } from './story/course.ts';
import type { Run, Stamped, Watcher, Write } from './watcher.ts';

/** The parts of a report, each a watcher. */
export class Observed implements Watcher {
  readonly run: Run;
  readonly tokens: TokenWaits;
  readonly races: Races;
  readonly cleanup: Cleanup;
  readonly access: Access;
  readonly audit: Audit;
  readonly load: Load;
  readonly course: Course;
  readonly marks: Marks;
  /** Folds that expectations ask for by text. */
  readonly observations: Observations;
  readonly #watchers: readonly Watcher[];

  /** The run is filled and has not begun. */
  constructor(run: Run) {
    this.run = run;
    this.tokens = new TokenWaits(run);
    const users = new GrantUsers(run);
    this.races = new Races(run, users);
    this.cleanup = new Cleanup(run, users);
    this.access = new Access(run);
    this.audit = new Audit(run);
    this.load = new Load();
    this.course = new Course(run);
    this.marks = new Marks(run);
    this.observations = new Observations(run);
    // The index first: the others ask it about the write they see.
    const { tokens, races, cleanup, access, audit, load, course, marks, observations } = this;
    this.#watchers = [users, tokens, races, cleanup, access, audit, load, course, marks, observations];
  }

  onFact(stamped: Stamped): void {
    for (const watcher of this.#watchers) watcher.onFact?.(stamped);
  }

  onWrite(write: Write): void {
    for (const watcher of this.#watchers) watcher.onWrite?.(write);
  }

  /** An event that stated facts or wrote rows is over. */
  onSettled(at: Moment, event: EventId): void {
    this.races.onSettled(at, event);
    this.access.onSettled(at);
  }

  /** Whether pod identity is installed in this world. */
  get hasPodIdentity(): boolean {
    return (this.run.table('settings').get(SETTINGS_KEY)?.mode ?? 'none') !== 'none';
  }
}
