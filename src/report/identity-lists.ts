/** Lists of user-assigned identities, as a VM or scale set carries them: ids, whose letter case means nothing. */

/** Ids, in lower case, that a list has and another lacks, in the order of the list. */
export function idsWithout(list: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others.map((id) => id.toLowerCase()));
  return list.map((id) => id.toLowerCase()).filter((id) => !known.has(id));
}
