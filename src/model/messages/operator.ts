/** What the scripted human does, and the other clients of ARM it sets to work. */
import type { ExternalJob } from '../external-writer.ts';

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
  /** Timer: a stall that ends with its watch's time-out. */
  | { readonly type: 'StallOver'; readonly id: string };
