/**
 * What to PUT so that a resource gains and loses identities, where a release writes the whole list.
 *
 * Follows pkg/cloudprovider of releases before 1.6.0 (AppendUserIdentity, RemoveUserIdentity, then CreateOrUpdate of the model the GET
 * showed). What others wrote between GET and PUT is lost, identities and size alike.
 */
import type { IdentityType } from '../azure.ts';
import { spelling, typeWithUserAssigned } from './identity-delta.ts';
import type { IdentityBlock, Wanted } from './identity-delta.ts';

/** What to do about a list: write it, nothing, or give up without a write. */
export type ListPlan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'list'; readonly type: IdentityType; readonly ids: readonly string[] }
  | { readonly kind: 'refused'; readonly error: string };

/** How a release goes about it. */
export interface ListRules {
  /** Whether a list that stays as it is is written all the same; taking off what is not there is then an error. */
  readonly unchanged: 'written' | 'skipped';
}

/** Plans one write of the whole list. Ids keep the spelling in which they came. */
export function planList(present: IdentityBlock, wanted: Wanted, { unchanged }: ListRules): ListPlan {
  const spelled = spelling(wanted);
  let ids = [...present.ids];
  const includes = (id: string): boolean => ids.some((held) => spelled(held) === spelled(id));
  const missing: string[] = [];
  for (const step of wanted.first === 'add' ? (['add', 'remove'] as const) : (['remove', 'add'] as const)) {
    for (const id of step === 'add' ? wanted.add : wanted.remove) {
      if (step === 'remove' && !includes(id)) missing.push(id);
      if (step === 'remove') ids = ids.filter((held) => spelled(held) !== spelled(id));
      else if (!includes(id)) ids.push(id);
    }
  }
  const [gone] = missing;
  if (unchanged === 'written' && gone !== undefined) return { kind: 'refused', error: `identity ${gone} not found` };
  const isChanged = ids.length !== present.ids.length || ids.some((id, index) => id !== present.ids[index]);
  if (!isChanged && unchanged === 'skipped') return { kind: 'nothing' };
  if (ids.length > 0) return { kind: 'list', type: typeWithUserAssigned(present.type), ids };
  return { kind: 'list', type: present.type === 'SystemAssigned, UserAssigned' ? 'SystemAssigned' : 'None', ids };
}
