/** A world that a case can be played in: what it adds to the steps that every world knows. */
import type { CallStage } from './functions/stage.ts';
import type { HttpOutcome } from './http.ts';
import type { DataMap } from './stage/objects.ts';
import type { WorldView } from './stage/world-view.ts';
import type { Steps, Timeline } from './timeline.ts';

/** What steps leave for assertions, by the name they were given. */
export interface CaseRecords {
  readonly http: Map<string, HttpOutcome>;
  /** Whether all three requests of a validation succeeded. */
  readonly validations: Map<string, Validation>;
  /** Whether the API server took what was applied. */
  readonly admissions: Map<string, boolean>;
  /** Principal and tenant of a system-assigned identity; both `''` where there is none. */
  readonly principals: Map<string, { readonly principalId: string; readonly tenantId: string }>;
}

/** How a validation ended; `reason`: what failed for good, `''` for nothing. */
interface Validation {
  readonly reason: string;
}

/** A world for cases. */
export interface CaseStage extends WorldView {
  /** How often something awaited is looked at: at every event, or as often as the step says. */
  readonly looks: 'at every event' | 'by the clock';
  /** Takes a step that needs no time into the present batch; false where it is none of those. Throws `NoSeam` for what it lacks. */
  gather(step: DataMap): boolean;
  /** Carries out the present batch, all at one moment. */
  flush(): void;
  /** Plays a step that takes time; undefined where it knows none of that name. */
  play(step: DataMap, timeline: Timeline): Steps | undefined;
  /** Checks an assertion about this kind of world; false where it knows none of that name. Throws where it does not hold. */
  check(item: DataMap): boolean;
  /** What functions may use. */
  readonly functions: Omit<CallStage, 'block'>;
}
