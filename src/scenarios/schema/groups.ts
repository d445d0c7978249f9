/** Groups of scenarios, in the order of lists. Apart from the schema, so that a list need not load that. */
export const GROUPS = ['basics', 'rotation', 'scale', 'deletion', 'failover', 'throttling', 'exposure', 'migration'] as const;
