/** `noRemovalWhileInUse`: MIC takes no identity off a VM or scale set that a pod there still needs. See the behaviour of MIC, S1. */
import { GrantUsers } from '../grant-users.ts';
import { removedWhileInUse } from '../races/identity-loss.ts';
import type { Run } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** The race of that name, as an invariant. Known to fall through the holes of MIC's reference count (W11 to W14, W23). */
export function noRemovalWhileInUse(run: Run): Invariant {
  const record = new InvariantRecord('noRemovalWhileInUse');
  const users = new GrantUsers(run);
  const race = removedWhileInUse(run, users);
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
    onFact: (stamped) => {
      race.onFact?.(stamped);
      update();
    },
    onWrite: (write) => {
      users.onWrite(write);
      race.onWrite?.(write);
      update();
    },
  };
}
