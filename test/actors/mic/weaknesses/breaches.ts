/** How often an invariant falls in a small world. */
import type { JournalEntry } from '../../../../src/kernel/revision.ts';
import type { TableName, Tables } from '../../../../src/model/tables.ts';
import { INVARIANT_OF } from '../../../../src/report/invariants/index.ts';
import type { Invariant } from '../../../../src/report/invariants/index.ts';
import type { Write } from '../../../../src/report/watcher.ts';
import type { InvariantName } from '../../../../src/scenarios/schema/claim-names.ts';
import { at, runCluster } from '../cluster.ts';
import type { ClusterOptions } from '../cluster.ts';
import { BASE } from '../troubles.ts';

/** How often it was put to the test, and how often it fell, in a world that differs from the usual one by some options. */
export function fate(name: InvariantName, options: ClusterOptions): { readonly checks: number; readonly breaches: number } {
  const until = options.until ?? 800;
  let watched: Invariant | undefined;
  runCluster({
    ...BASE,
    ...options,
    until,
    watch: (sim) => {
      const invariant = INVARIANT_OF[name](sim);
      watched = invariant;
      return {
        onFact: (stamped) => invariant.onFact?.(stamped),
        onWrite: <N extends TableName>(table: N, entry: JournalEntry<Tables[N]>, actor: string) =>
          invariant.onWrite?.({ table, entry, actor } as unknown as Write),
        onDelivery: (seen) => invariant.onSettled?.(seen.at, seen.event),
      };
    },
  });
  watched?.onEnd?.(at(until));
  return { checks: watched?.record.checks ?? 0, breaches: watched?.record.breaches ?? 0 };
}
