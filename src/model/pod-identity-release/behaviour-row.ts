/** One row of the table of behaviours. */
import type { Span } from './release.ts';

/** A behaviour: in which releases it is found, who says so, and what it means. */
export interface BehaviourRow extends Span {
  /** Pull request or issue of Azure/aad-pod-identity that brought or ended it. */
  readonly source: string;
  /** One sentence; a second one says what was before. */
  readonly meaning: string;
}
