/**
 * Invariants of removals: MIC takes no identity off a VM or scale set that a pod there needs, judged by what the API server has, and by
 * what MIC itself knew. See the behaviour of MIC, S1.
 */
import type { DesiredAssignment } from '../../model/mic-rows.ts';
import { desiredKey } from '../../model/mic/desired.ts';
import { resourceOfNode, USER_ASSIGNED } from '../entitlement.ts';
import { GrantUsers } from '../grant-users.ts';
import { removedByMic } from '../races/identity-loss.ts';
import { placeOf } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/**
 * `noRemovalWhileInUse`: the race `removedWhileInUse` as far as MIC is the cause, as an invariant. Known to fall through the holes of MIC's reference count (W11 to W14), and
 * where a pod comes back while its predecessor's removal is under way, which MIC could not know (W33).
 */
export function noRemovalWhileInUse(run: Run): Invariant {
  const record = new InvariantRecord('noRemovalWhileInUse');
  const users = new GrantUsers(run);
  const race = removedByMic(run, users);
  let examined = 0;
  let found = 0;
  const update = (): void => {
    const { findings } = race;
    const { first } = findings.section();
    for (; examined < findings.examined; examined += 1) record.check();
    for (; found < findings.count; found += 1) if (first !== null) record.breach(first.place, first.text);
  };
  return {
    record,
    onFact: (stamped) => race.onFact?.(stamped),
    onWrite: (write) => {
      users.onWrite(write);
      race.onWrite?.(write);
    },
    onSettled: (at, event) => {
      race.onSettled?.(at, event);
      update();
    },
  };
}

/** Who is to have an identity: node by row of the desired set. */
type Takers = Map<string, string>;

/**
 * `noRemovalOfDesired`: what the desired set of a cycle has on a VM or scale set, no operation of that cycle takes off it. Known to fall
 * through the holes of MIC's reference count (W11 to W14), and by ids on both lists in two spellings (W23). Rows that share a name are left
 * out: one of them is not desired (W40).
 */
export function noRemovalOfDesired(run: Run): Invariant {
  const record = new InvariantRecord('noRemovalOfDesired');
  const takers = new Map<string, Takers>();
  const enter = (key: string, before: DesiredAssignment | undefined, after: DesiredAssignment | undefined): void => {
    if (before !== undefined) takers.get(takerKey(before))?.delete(key);
    if (after?.identityType !== USER_ASSIGNED) return;
    const all = takers.get(takerKey(after)) ?? new Map<string, string>();
    takers.set(takerKey(after), all.set(key, after.node));
  };
  for (const row of run.table('micDesired').all()) enter(desiredKey(row), undefined, row);
  /** Ids that a worker must not take off, by replica and last part of the resource. */
  const barred = new Map<string, Map<string, string>>();
  return {
    record,
    onWrite(write) {
      if (write.table === 'micDesired') enter(write.entry.key, write.entry.before, write.entry.after);
    },
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'mic-worker-started') {
        const desired = new Map<string, string>();
        for (const id of fact.remove) {
          const podKey = takerOn(run, takers.get(`${fact.replica}|${id.toLowerCase()}`), fact.resource);
          if (podKey !== undefined) desired.set(id.toLowerCase(), podKey);
        }
        barred.set(`${fact.replica}|${lastPart(fact.resource)}`, desired);
      }
      if (fact.type !== 'arm-operation-ended' || !fact.client.startsWith('mic/') || fact.removed.length === 0) return;
      record.check();
      const desired = barred.get(`${fact.client}|${lastPart(fact.resource)}`);
      for (const id of fact.removed) {
        const podKey = desired?.get(id.toLowerCase());
        if (podKey !== undefined)
          record.breach(placeOf(stamped, podKey), `MIC took ${id} off ${fact.resource}, and wanted it there for ${podKey}`);
      }
    },
  };
}

function takerKey(row: DesiredAssignment): string {
  return `${row.replica}|${row.resourceID.toLowerCase()}`;
}

/** The pod of the first taker on a VM or scale set. */
function takerOn(run: Run, all: Takers | undefined, resource: string): string | undefined {
  for (const [key, node] of all ?? []) {
    if (lastPart(resourceOfNode(run, node) ?? '') !== lastPart(resource)) continue;
    const row = run.table('micDesired').get(key);
    if (row !== undefined && run.table('micDesired').by('name', `${row.replica}|${row.name}`).length === 1) return row.podKey;
  }
  return undefined;
}

function lastPart(name: string): string {
  const lower = name.toLowerCase();
  return lower.slice(lower.lastIndexOf('/') + 1);
}
