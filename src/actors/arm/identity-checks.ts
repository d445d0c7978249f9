/**
 * What the identity provider looks at before it lets a write through: how many identities, each once, all of them there.
 *
 * Follows its refusals as MIC's users saw them (platform §1; incidents 4, 16, 23, 44, 45): one bad identity refuses the whole write, and
 * the id stands in the first quotes of the text, where MIC looks for it.
 */
import type { IdentityChange, ResourceIdentity } from '../../model/resource-identity.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { refusal } from './answer.ts';
import type { Answer } from './answer.ts';

/** The identities of a body, and the write they belong to. */
export interface CheckedWrite {
  /** Ids the body wants on the resource, as it spells them. */
  readonly named: readonly string[];
  /** Entries of the body's map, those that remove included [1]. */
  readonly entries: number;
  /** Whether those entries carry the read-only ids of a GET. */
  readonly form: 'plain' | 'echoed';
  readonly goal: ResourceIdentity;
  readonly change: IdentityChange;
}

/** Why the identity provider refuses a write; undefined: it does not. */
export function identityRefusal(turn: Turn, write: CheckedWrite): Answer | undefined {
  const { named, entries, form } = write;
  if (form === 'echoed' && named.length > 0 && turn.knob('arm.identity.readOnlyFields') === 'refused') {
    return refusal(400, 'InvalidIdentityValues', 'InvalidIdentityValues: clientId and principalId of an identity cannot be written.');
  }
  const limit = turn.knob('mi.assign.maxIdentitiesPerRequest');
  if (entries > limit) return failed(`Number '${String(entries)}' Assign exceed limit '${String(limit)}' in one request`);
  const twin = firstTwin(named);
  if (twin !== undefined) {
    return refusal(400, 'InvalidParameter', `ResourceIdentity identityId '${twin}' cannot be duplicated in the provided identityIds list.`);
  }
  return undefined;
}

/** Why the identity provider finds an identity missing: told at once, or by the operation. */
export function missingIdentity(turn: Turn, { goal, change }: CheckedWrite): Answer | undefined {
  return missingRefusal(turn, turn.knob('mi.assign.validation') === 'all' ? goal.userAssigned : change.added);
}

/** Refuses a write that would leave these ids on a resource, where one does not exist. */
function missingRefusal(turn: Turn, ids: readonly string[]): Answer | undefined {
  const missing = ids.filter((id) => turn.table('userAssignedIdentities').get(id.toLowerCase()) === undefined);
  const [first] = missing;
  if (first === undefined) return undefined;
  if (missing.length === 1 || turn.knob('mi.failedOperation.names') === 'first') return failed(`resource '${first}' was not found`);
  return failed(`resources '${missing.join(',')}' were not found`);
}

function failed(what: string): Answer {
  return refusal(400, 'FailedIdentityOperation', `FailedIdentityOperation: ${what}`);
}

/** The first id that came before in another spelling. */
function firstTwin(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const id of ids) {
    const key = id.toLowerCase();
    if (seen.has(key)) return id;
    seen.add(key);
  }
  return undefined;
}
