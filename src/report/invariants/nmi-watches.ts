/** Invariant of NMI's caches: how long a change may stay on its way to them. Behaviour of NMI, L6. */
import { seconds } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { Partition } from '../../kernel/revision.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { TableName } from '../../model/tables.ts';
import type { Run } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** The health check of the connection (30 s of silence, 15 s for the ping), the longest back-off of the watch (30 s), and the longest lag. */
const CAUGHT_UP_WITHIN = seconds(45 + 30 + 10);
/** How often caches are looked at. */
const LOOK_EVERY = seconds(10);

/** A table that NMI follows, or the part of it that concerns its node. */
interface Followed {
  readonly table: TableName;
  readonly part: 'node' | 'all';
}

/**
 * `nmiCatchesUp`: no change is on its way to a serving NMI for longer than the health check of its connection and a back-off take. Known to
 * fall while a watch stands still unnoticed, as with clients that have no such check (W9).
 */
export function nmiCatchesUp(run: Run): Invariant {
  const record = new InvariantRecord('nmiCatchesUp');
  const serving = new Set<string>();
  const late = new Set<string>();
  let lookedAt = -Infinity;
  const look = (at: Moment, event: number): void => {
    for (const node of serving) {
      for (const { table, part } of followedBy(run)) {
        const partition: Partition | undefined = part === 'node' ? { index: 'node', value: node } : undefined;
        const since = run.unseenSince(`nmi/${node}`, table, partition);
        const name = `${node}|${table}`;
        if (since !== undefined) record.check();
        const isLate = since !== undefined && at - since > CAUGHT_UP_WITHIN;
        if (isLate && !late.has(name))
          record.breach({ event, atUs: at, pod: '' }, `the ${table} that NMI on ${node} knows are more than 85 s old`);
        if (isLate) late.add(name);
        else late.delete(name);
      }
    }
  };
  return {
    record,
    onFact({ fact }) {
      if (fact.type !== 'nmi-phase') return;
      if (fact.phase === 'serving') serving.add(fact.node);
      else serving.delete(fact.node);
    },
    onSettled(at, event) {
      if (at - lookedAt < LOOK_EVERY) return;
      lookedAt = at;
      look(at, event);
    },
    onEnd: (at) => look(at, Math.max(0, run.events - 1)),
  };
}

function followedBy(run: Run): readonly Followed[] {
  const settings = run.table('settings').get(SETTINGS_KEY);
  const pods: Followed = { table: 'pods', part: 'node' };
  if (settings?.mode === 'managed')
    return [pods, { table: 'azureIdentities', part: 'all' }, { table: 'azureIdentityBindings', part: 'all' }];
  const watchesOwnNode = settings?.scaleFeatures !== 'no' && run.knob('nmi.scaleFeatures');
  return [pods, { table: 'azureAssignedIdentities', part: watchesOwnNode ? 'node' : 'all' }];
}
