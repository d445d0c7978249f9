/** What the scripted human does. */

/** Messages of this area. */
export type OperatorMessage =
  /** Timer: the story goes on with that step (a row of table `story`). */
  | { readonly type: 'StoryDue'; readonly step: string }
  /** Timer: a drain looks whether a node is empty. */
  | { readonly type: 'DrainDue'; readonly node: string };
