/** Object id of who is meant by a name that somebody outside uses. */
import type { PrincipalRef } from './messages/arm.ts';
import type { Turn } from './vocabulary.ts';

/** The object id; undefined where nobody of that name has a principal now. */
export function principalIdOf(turn: Turn, ref: PrincipalRef): string | undefined {
  if ('objectId' in ref) return ref.objectId;
  if ('identity' in ref) return turn.table('userAssignedIdentities').get(ref.identity.toLowerCase())?.principalId;
  const { kind, name } = ref.systemAssignedOf;
  return turn.table('computeResources').by('name', `${kind}/${name.toLowerCase()}`)[0]?.systemAssigned?.principalId;
}
