/** What the scripted human does, and the other clients of ARM it sets to work. */
import type { ExternalJob } from '../external-writer.ts';

/** What the cluster autoscaler tells itself. */
export type AutoscalerMessage =
  /** Timer: it looks at the cluster. */
  | { readonly type: 'ScanDue' }
  /** Timer: it has decided on a size of a scale set. */
  | { readonly type: 'ScaleDue'; readonly resource: string; readonly capacity: number };

/** Messages of this area. */
export type OperatorMessage =
  /** Timer: the story goes on with that step (a row of table `story`). */
  | { readonly type: 'StoryDue'; readonly step: string }
  /** Timer: a drain looks whether a node is empty. */
  | { readonly type: 'DrainDue'; readonly node: string }
  /** First message of a client of ARM. */
  | { readonly type: 'ExternalJobGiven'; readonly job: ExternalJob }
  /** Timer of it: the gap, the wait before another try, or the period is over. */
  | { readonly type: 'ExternalJobDue'; readonly job: ExternalJob }
  /** Timer: the notice of a spot VM is over. */
  | { readonly type: 'SpotEvictionDue'; readonly node: string }
  /** Timer: a stall that ends with its watch's time-out. */
  | { readonly type: 'StallOver'; readonly id: string };
