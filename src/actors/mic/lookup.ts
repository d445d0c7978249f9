/**
 * Variant of the founding document (`nmi.lookup: mic`): NMI asks MIC which identities a pod may use. The real NMI never does; it reads
 * AzureAssignedIdentities.
 */
import type { AzureIdentity } from '../../model/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { cachesOf } from './caches.ts';
import type { MicState } from './state.ts';

/** Answers from what is desired and what is Assigned; a replica that does not lead knows nothing yet. */
export function onIdentityLookup(state: MicState, message: MessageOf<'IdentityLookup'>, turn: Turn): void {
  const { request } = message;
  if (state.role !== 'leading') {
    turn.reply({ type: 'IdentityLookupResult', request, outcome: 'pending', identities: [] });
    return;
  }
  const podKey = `${message.podNamespace}/${message.podName}`;
  const caches = cachesOf(turn);
  const identities = caches.assigned
    .by('pod', podKey)
    .filter((assigned) => assigned.status.status === 'Assigned' || assigned.status.status === '')
    .map((assigned) => assigned.spec.azureIdentityRef)
    .filter((identity) => isAskedFor(identity.spec, message));
  const isWanted = turn.table('micDesired').by('pod', `${turn.self}|${podKey}`).some((row) => isAskedFor(row, message));
  turn.reply({ type: 'IdentityLookupResult', request, outcome: identities.length > 0 ? 'assigned' : isWanted ? 'pending' : 'denied', identities });
}

function isAskedFor(identity: Pick<AzureIdentity['spec'], 'clientID' | 'resourceID'>, message: MessageOf<'IdentityLookup'>): boolean {
  const { clientId = '', resourceId = '' } = message;
  if (clientId !== '' && identity.clientID.toLowerCase() !== clientId.toLowerCase()) return false;
  return resourceId === '' || identity.resourceID.toLowerCase() === resourceId.toLowerCase();
}
