/**
 * Which identities an ARM error blames, and whether the PATCH is worth another try without them.
 *
 * Follows pkg/cloudprovider/cloudprovider.go:extractIdentitiesFromError and pkg/retry/retry.go.
 */
import type { IdentityDelta } from '../messages/arm.ts';

const ID = '/subscriptions/[a-z0-9-_]+/resourcegroups/[a-z0-9-_]+/providers/Microsoft\\.ManagedIdentity/userAssignedIdentities/[a-z0-9-_]+';

/** The first group in single quotes that is an id or a comma list of ids. */
const QUOTED_IDS = new RegExp(`'((?:${ID},? ?)+)'`, 'i');

/**
 * Ids an error text names, as it spells them. Faithful: only the first quoted list, and only ids made of letters, digits, `-` and `_`;
 * a dot or a parenthesis in a name hides it.
 */
export function blamedIdentities(text: string): readonly string[] {
  const list = QUOTED_IDS.exec(text)?.[1] ?? '';
  return list
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}

/** A delta without the entries of some ids, letter case aside. */
export function withoutIds(delta: readonly IdentityDelta[], ids: readonly string[]): readonly IdentityDelta[] {
  const gone = new Set(ids.map((id) => id.toLowerCase()));
  return delta.filter(({ id }) => !gone.has(id.toLowerCase()));
}

/** Whether an error text contains one of the words (comma list) after which a PATCH is tried again. */
function isRetriable(text: string, words: string): boolean {
  return words.split(',').some((word) => word !== '' && text.includes(word));
}

/**
 * The delta without the blamed ids, or undefined when another try makes no sense: no retriable text, nobody blamed, nobody of those in
 * the delta (an identity that hangs on the resource already is not), or nothing left.
 */
export function withoutBlamed(
  delta: readonly IdentityDelta[],
  error: { readonly text: string; readonly words: string },
): readonly IdentityDelta[] | undefined {
  if (!isRetriable(error.text, error.words)) return undefined;
  const kept = withoutIds(delta, blamedIdentities(error.text));
  return kept.length === delta.length || kept.length === 0 ? undefined : kept;
}
