/**
 * Variant of the founding document (`nmi.lookup: mic`): NMI asks MIC which identities a pod may use. The real NMI never does; it reads
 * AzureAssignedIdentities.
 *
 *   IdentityLookup ─► Assigned, and still bound? ─► assigned    desired, or not in the cache yet ─► pending ─(push)─► assigned
 *                                                else ─► denied
 *
 * The table the document speaks of is pods, bindings and identities together with what is Assigned: so a pod that was unbound is denied
 * at once, while the assignment itself has yet to be taken back. docs/LOOKUP.md says what differs from the real flow.
 */
import { between } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { AzureAssignedIdentity, AzureIdentity } from '../../model/kubernetes.ts';
import type { DesiredAssignment } from '../../model/mic-rows.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { desiredOf } from '../../model/mic/desired.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { cachesOf } from './caches.ts';
import { sourcesOf } from './desired-set.ts';
import type { MicState, PendingLookup } from './state.ts';

type Wish = Pick<PendingLookup, 'clientId' | 'resourceId'>;

/** Answers from what is desired and what is Assigned; a replica that does not lead knows nothing yet. */
export function onIdentityLookup(state: MicState, message: MessageOf<'IdentityLookup'>, turn: Turn): void {
  const { request, clientId = '', resourceId = '' } = message;
  const pod = `${message.podNamespace}/${message.podName}`;
  const identities = state.role === 'leading' ? assignedTo(pod, { clientId, resourceId }, turn) : [];
  const outcome = identities.length > 0 ? 'assigned' : isPending(state, pod, { clientId, resourceId }, turn) ? 'pending' : 'denied';
  delete state.lookups.pending[request];
  if (outcome === 'pending' && turn.knob('variantS.pendingWait') === 'push') {
    state.lookups.pending[request] = { asker: turn.from, pod, clientId, resourceId };
  }
  const wait = between(turn.now, serve(state, pod, turn));
  turn.reply({ type: 'IdentityLookupResult', request, outcome, identities }, { after: wait, label: 'nmiLookup' });
}

/** An assignment became Assigned: those who wait for it are told. */
export function pushAssigned(state: MicState, assigned: AzureAssignedIdentity, turn: Turn): void {
  const { pod, podNamespace, azureIdentityRef } = assigned.spec;
  for (const request of Object.keys(state.lookups.pending).sort()) {
    const lookup = state.lookups.pending[request];
    if (lookup?.pod !== `${podNamespace}/${pod}` || !isAskedFor(azureIdentityRef.spec, lookup)) continue;
    const { asker } = lookup;
    delete state.lookups.pending[request];
    turn.send(asker, { type: 'IdentityLookupResult', request, outcome: 'assigned', identities: [azureIdentityRef] });
  }
}

function assignedTo(pod: string, wish: Wish, turn: Turn): readonly AzureIdentity[] {
  const bound = new Set(boundTo(pod, turn)?.map(({ identityKey }) => identityKey));
  return cachesOf(turn)
    .assigned.by('pod', pod)
    .filter(({ status }) => status.status === 'Assigned' || status.status === '')
    .map((assigned) => assigned.spec.azureIdentityRef)
    .filter((identity) => bound.has(keyOf(identity)) && isAskedFor(identity.spec, wish));
}

/** What bindings and identities give a pod now; undefined while the pod has not reached the cache. */
function boundTo(podKey: string, turn: Turn): readonly DesiredAssignment[] | undefined {
  const caches = cachesOf(turn);
  const pod = caches.pods.get(podKey);
  return pod === undefined ? undefined : desiredOf(pod, sourcesOf(caches, turn));
}

/** Whether an answer is still to come: the pod has not reached the cache, or it matches and is not Assigned yet. */
function isPending(state: MicState, podKey: string, wish: Wish, turn: Turn): boolean {
  if (state.role !== 'leading') return true;
  return boundTo(podKey, turn)?.some((row) => isAskedFor(row, wish)) ?? true;
}

function isAskedFor(identity: Pick<AzureIdentity['spec'], 'clientID' | 'resourceID'>, { clientId, resourceId }: Wish): boolean {
  if (clientId !== '' && identity.clientID.toLowerCase() !== clientId.toLowerCase()) return false;
  return resourceId === '' || identity.resourceID.toLowerCase() === resourceId.toLowerCase();
}

/** When the answer is ready: the door serves so many at once, in order of arrival. */
function serve(state: MicState, subject: string, turn: Turn): Moment {
  const { busyUntil } = state.lookups;
  const took = turn.draw('variantS.micServiceTime', subject);
  let free = 0;
  for (let at = 1; at < busyUntil.length; at += 1) if ((busyUntil[at] ?? 0) < (busyUntil[free] ?? 0)) free = at;
  if (busyUntil.length < turn.knob('variantS.micConcurrency') && (busyUntil[free] ?? Infinity) > turn.now) free = busyUntil.length;
  const start = Math.max(turn.now, busyUntil[free] ?? 0);
  busyUntil[free] = (start + took) as Moment;
  return (start + took) as Moment;
}
