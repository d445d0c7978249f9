/**
 * Identities that a VM or scale set lost although a pod there still had a right to them, told apart by what took them off: a removal that
 * was meant (MIC had it on its list, somebody else's call named it), or a write that never meant to (an update that overwrote another).
 */
import type { ComputeResource } from '../../model/azure.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { isAssigned, isSameResource, podKeyOf } from '../entitlement.ts';
import { idsWithout } from '../identity-lists.ts';
import type { GrantUsers } from '../grant-users.ts';
import { isRead } from '../reads.ts';
import { lastPart } from '../value-text.ts';
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

/** By whom a loss was meant: MIC, somebody else who named the identity, or nobody. */
type Meant = 'byMic' | 'byName' | 'no';

/** Detector of `removedWhileInUse`: MIC had the identity on its list of removals, or somebody else's call named it. */
export function removedWhileInUse(run: Run, users: GrantUsers): RaceDetector {
  return detector(run, { users, race: 'removedWhileInUse', meant: ['byMic', 'byName'] });
}

/** What of `removedWhileInUse` MIC did. */
export function removedByMic(run: Run, users: GrantUsers): RaceDetector {
  return detector(run, { users, race: 'removedWhileInUse', meant: ['byMic'] });
}

/** Detector of `lostUpdate`: nobody had asked for the removal. */
export function lostUpdate(run: Run, users: GrantUsers): RaceDetector {
  return detector(run, { users, race: 'lostUpdate', meant: ['no'] });
}

function detector(
  run: Run,
  of: { readonly users: GrantUsers; readonly race: 'removedWhileInUse' | 'lostUpdate'; readonly meant: readonly Meant[] },
): RaceDetector {
  const findings = new RaceFindings(of.race);
  const writers = new Writers();
  let fresh: { readonly write: Write; readonly loss: Loss }[] = [];
  return {
    findings,
    onFact: (stamped) => writers.onFact(stamped),
    onWrite(write) {
      for (const lost of identitiesLost(write)) {
        findings.examine();
        fresh.push(...neededLoss(run, of.users, lost).map((loss) => ({ write, loss })));
      }
    },
    // An operation that takes no time ends in the event that says whose it is.
    onSettled() {
      for (const { write, loss } of fresh) {
        const { resource, identity, user } = loss;
        const { meant, client } = writers.of(resource.id, identity);
        if (!of.meant.includes(meant)) continue;
        const how = meant === 'no' ? `${client} wrote a list without it` : `${client} took it off`;
        findings.found(
          placeOfWrite(write, podKeyOf(user)),
          `${lastPart(identity)} left ${resource.name} while ${podKeyOf(user)} needed it: ${how}`,
        );
      }
      fresh = [];
    },
  };
}

/** Calls that take off what they name and nothing else. All others that write a model put a list of their own in the place of the old one. */
const NAMING: ReadonlySet<string> = new Set(['patchIdentity', 'unassignIdentity']);

/** Which removals MIC's workers mean to make, by resource the last list, and whose call ARM last took. */
class Writers {
  readonly #meant = new Map<string, ReadonlySet<string>>();
  readonly #last = new Map<string, { readonly client: string; readonly op: string }>();

  onFact({ fact }: Stamped): void {
    if (fact.type === 'mic-worker-started') this.#meant.set(fact.resource, new Set(fact.remove.map((id) => id.toLowerCase())));
    else if (fact.type === 'mic-worker-ended') this.#meant.delete(fact.resource);
    else if (fact.type === 'arm-answered' && fact.status < 300 && !isRead(fact.op))
      this.#last.set(fact.resource.toLowerCase(), { client: fact.client, op: fact.op });
  }

  /** Who took an identity off a resource, and whether on purpose. */
  of(resource: string, identity: string): { readonly meant: Meant; readonly client: string } {
    for (const [name, identities] of this.#meant)
      if (isSameResource(name, resource) && identities.has(identity)) return { meant: 'byMic', client: 'MIC' };
    const { client, op } = this.#last.get(resource.toLowerCase()) ?? { client: 'somebody', op: '' };
    const [writer = ''] = client.split('/');
    const isMic = writer === 'mic';
    return { meant: NAMING.has(op) && !isMic ? 'byName' : 'no', client: isMic ? 'MIC' : writer };
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
