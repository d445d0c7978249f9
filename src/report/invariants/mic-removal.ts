/** Invariants of what MIC takes off and what it leaves: S4, S5 and L2 of the behaviour of MIC. */
import { minutes } from '../../kernel/time.ts';
import { CLOUD_CONFIG_KEY, SETTINGS_KEY } from '../../model/settings.ts';
import { identityOf, isAssigned, podKeyOf, resourceOfNode, USER_ASSIGNED } from '../entitlement.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { PlaceInRun } from '../document/index.ts';
import { GrantUsers } from '../grant-users.ts';
import { placeOf, placeOfWrite, podOfReplica } from '../watcher.ts';
import type { Run, Stamped } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/**
 * `takenOffBeforeDeletion`. Excused: another assignment of the identity there, an immutable identity, a service principal, a node that
 * is gone, and what never was Assigned (W3 hides behind that). Known to fall with an unreadable providerID (W10).
 */
export function takenOffBeforeDeletion(run: Run): Invariant {
  const record = new InvariantRecord('takenOffBeforeDeletion');
  const users = new GrantUsers(run);
  const once = new Set(
    run
      .table('azureAssignedIdentities')
      .all()
      .filter((assigned) => isAssigned(run, assigned))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  );
  const kept = new Kept(run);
  return {
    record,
    onFact: (stamped) => kept.onFact(stamped),
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { key, before, after } = write.entry;
      if (after !== undefined && isAssigned(run, after)) once.add(key);
      const grant = users.grantOf(key);
      users.onWrite(write);
      if (after !== undefined || before === undefined || !once.delete(key)) return;
      if (grant === undefined || kept.has(before) || resourceOfNode(run, before.spec.nodename) === undefined) return;
      if (run.table('nodes').get(before.spec.nodename) === undefined || users.has(grant)) return;
      record.check();
      if (isOn(run, grant)) {
        record.breach(
          placeOfWrite(write, podKeyOf(before)),
          `${before.metadata.name} went, and ${grant.identity} is still on ${grant.resource}`,
        );
      }
    },
  };
}

/** `immutableStays`: letter case aside, as the flag is meant. Known to fall where MIC compares letter by letter (W17). */
export function immutableStays(run: Run): Invariant {
  const record = new InvariantRecord('immutableStays');
  const kept = new Kept(run);
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      kept.onFact(stamped);
      if (fact.type !== 'mic-removal-decided') return;
      record.check();
      const assigned = run.table('azureAssignedIdentities').get(fact.assigned);
      if (fact.verdict !== 'remove' || assigned === undefined || !kept.has(assigned)) return;
      record.breach(placeOf(stamped, podKeyOf(assigned)), `MIC decided to take the immutable ${fact.identity} off ${fact.resource}`);
    },
  };
}

/** An identity without users is off its resource before this. MIC takes it off before the last assignment goes. */
const LEAKED_AFTER = minutes(10);

/**
 * `noLeakedIdentity`: the last assignment of an identity on a resource goes, and so does the identity, but for immutable ones. Known to
 * fall, for good: W3, W4, W7, W10, W13, W16.
 */
export function noLeakedIdentity(run: Run): Invariant {
  const record = new InvariantRecord('noLeakedIdentity');
  const users = new GrantUsers(run);
  const left = new Map<string, { readonly place: PlaceInRun; readonly resource: string; readonly identity: string }>();
  const kept = new Kept(run);
  return {
    record,
    onFact: (stamped) => kept.onFact(stamped),
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { key, before, after } = write.entry;
      const old = users.grantOf(key);
      users.onWrite(write);
      const now = users.grantOf(key);
      if (now !== undefined) left.delete(`${now.resource}|${now.identity}`);
      const hasMoved = after === undefined || old?.resource !== now?.resource || old?.identity !== now?.identity;
      if (old === undefined || before === undefined || !hasMoved || users.has(old) || kept.has(before)) return;
      record.check();
      left.set(`${old.resource}|${old.identity}`, { place: placeOfWrite(write, podKeyOf(before)), ...old });
    },
    onEnd(at) {
      for (const { place, ...grant } of left.values()) {
        if (at - place.atUs < LEAKED_AFTER || !isOn(run, grant)) continue;
        record.breach(place, `${grant.identity} was left on ${grant.resource} when its last assignment went`);
      }
    },
  };
}

function isOn(run: Run, { resource, identity }: { readonly resource: string; readonly identity: string }): boolean {
  return (
    run
      .table('computeResources')
      .get(resource)
      ?.userAssigned.some((id) => id.toLowerCase() === identity) === true
  );
}

/**
 * Which client ids MIC keeps, as it knew them: the flag, and whom azure.json named when the process that leads began. The file may have
 * been rewritten since; the set stays as it was at the start of the process.
 */
class Kept {
  readonly #run: Run;
  readonly #own = new Map<string, string>();
  #leader = '';

  constructor(run: Run) {
    this.#run = run;
  }

  onFact({ fact }: Stamped): void {
    if (fact.type === 'mic-started') this.#own.set(podOfReplica(fact.replica), this.#ownNow());
    if (fact.type === 'mic-leading') this.#leader = podOfReplica(fact.replica);
  }

  /** Whether the identity is one that MIC shall not take off, letter case aside. */
  has(assigned: AzureAssignedIdentity): boolean {
    const { type, clientID } = assigned.spec.azureIdentityRef.spec;
    if (type !== USER_ASSIGNED || identityOf(assigned) === undefined || clientID === '') return false;
    const flag = this.#run.table('settings').get(SETTINGS_KEY)?.immutableClientIds ?? [];
    const kept = [...flag, this.#own.get(this.#leader) ?? this.#ownNow()].map((id) => id.trim().toLowerCase());
    return kept.includes(clientID.toLowerCase());
  }

  #ownNow(): string {
    const written = this.#run.table('cloudConfigs').get(CLOUD_CONFIG_KEY);
    return written?.userAssignedIdentityID ?? this.#run.table('settings').get(SETTINGS_KEY)?.clusterIdentityClientId ?? '';
  }
}
