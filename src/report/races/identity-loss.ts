/**
 * Identities that a VM or scale set lost although a pod there still had a right to them, told apart by who took them off: MIC on
 * purpose (its reference count was wrong), or a write that never meant to (an update that overwrote another).
 */
import type { ComputeResource } from '../../model/azure.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { isAssigned, isSameResource, podKeyOf } from '../entitlement.ts';
import { idsWithout } from '../identity-lists.ts';
import type { GrantUsers } from '../grant-users.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run, Stamped, Write } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** One identity that a resource lost while it was needed. */
interface Loss {
  readonly resource: ComputeResource;
  readonly identity: string;
  readonly user: AzureAssignedIdentity;
}

/** Detector of `removedWhileInUse`: MIC had the identity on its list of removals. */
export function removedWhileInUse(run: Run, users: GrantUsers): RaceDetector {
  return detector(run, { users, race: 'removedWhileInUse', isMeant: true });
}

/** Detector of `lostUpdate`: nobody had asked for the removal. */
export function lostUpdate(run: Run, users: GrantUsers): RaceDetector {
  return detector(run, { users, race: 'lostUpdate', isMeant: false });
}

function detector(
  run: Run,
  of: { readonly users: GrantUsers; readonly race: 'removedWhileInUse' | 'lostUpdate'; readonly isMeant: boolean },
): RaceDetector {
  const findings = new RaceFindings(of.race);
  const removals = new Removals();
  return {
    findings,
    onFact: (stamped) => removals.onFact(stamped),
    onWrite(write) {
      const lost = identitiesLost(write);
      if (lost.length > 0) findings.examine();
      for (const { resource, identity, user } of lost.flatMap((loss) => neededLoss(run, of.users, loss))) {
        if (removals.isMeant(resource.id, identity) !== of.isMeant) continue;
        const by = of.isMeant ? 'MIC took it off' : 'a write that did not name it took it off';
        findings.found(placeOfWrite(write, podKeyOf(user)), `${identity} left ${resource.name} while ${podKeyOf(user)} needed it: ${by}`);
      }
    },
  };
}

/** Which removals MIC's workers, or somebody's calls, mean to make: the last list for each resource. */
class Removals {
  readonly #meant = new Map<string, ReadonlySet<string>>();

  onFact({ fact }: Stamped): void {
    if (fact.type === 'mic-worker-started') this.#meant.set(fact.resource, new Set(fact.remove.map((id) => id.toLowerCase())));
    else if (fact.type === 'mic-worker-ended') this.#meant.delete(fact.resource);
  }

  isMeant(resource: string, identity: string): boolean {
    for (const [name, identities] of this.#meant) if (isSameResource(name, resource) && identities.has(identity)) return true;
    return false;
  }
}

function identitiesLost(write: Write): readonly { readonly resource: ComputeResource; readonly identity: string }[] {
  if (write.table !== 'computeResources') return [];
  const { before, after } = write.entry;
  if (before === undefined || after === undefined || before.userAssigned === after.userAssigned) return [];
  return idsWithout(before.userAssigned, after.userAssigned).map((identity) => ({ resource: after, identity }));
}

/** The loss with the first pod that needs the identity there; none if nobody does. */
function neededLoss(
  run: Run,
  users: GrantUsers,
  { resource, identity }: { readonly resource: ComputeResource; readonly identity: string },
): readonly Loss[] {
  const user = users.needing({ resource: resource.id.toLowerCase(), identity }, (assigned) => isAssigned(run, assigned));
  return user === undefined ? [] : [{ resource, identity, user }];
}
