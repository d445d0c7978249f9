/** What MIC decided, in words; and errors of ARM without the parts of ids that tell a reader nothing. */
import type { FactOf } from '../../../model/facts/index.ts';
import { actorWords } from '../../actor-words.ts';
import { lastPart } from '../../value-text.ts';

/** A cycle as it began. */
export function cycleWords({ replica, cycle, creates, updates, deletes, queued }: FactOf<'mic-cycle-started'>): string {
  const behind = queued === 0 ? 'nothing waits behind it' : `${String(queued)} events wait behind it`;
  return `${actorWords(replica)} began cycle ${String(cycle)}: ${workWords({ creates, updates, deletes })}; ${behind}`;
}

/** What a cycle has to do with assigned identities. */
export function workWords({ creates, updates, deletes }: Pick<FactOf<'mic-cycle-started'>, 'creates' | 'updates' | 'deletes'>): string {
  const parts: readonly (readonly [number, string])[] = [
    [creates, 'create'],
    [updates, 'update'],
    [deletes, 'delete'],
  ];
  const work = parts.filter(([count]) => count > 0).map(([count, what]) => `${String(count)} to ${what}`);
  return work.length === 0 ? 'no assigned identity to write' : `assigned identities: ${work.join(', ')}`;
}

/** What MIC decided about the identity of an assigned identity that goes. */
export function removalWords({ assigned, resource, identity, verdict }: FactOf<'mic-removal-decided'>): string {
  const [what, where, whose] = [lastPart(identity), lastPart(resource), lastPart(assigned)];
  switch (verdict) {
    case 'remove':
      return `MIC decided to take ${what} off ${where}, for ${whose} goes and nobody else counted as its user`;
    case 'inUse':
      return `MIC left ${what} on ${where} when ${whose} went: another pod uses it`;
    case 'immutable':
      return `MIC left ${what} on ${where} when ${whose} went: it is an immutable one`;
    case 'notAssigned':
      return `MIC left ${what} when ${whose} went: it had not been Assigned`;
    case 'notUserAssigned':
      return `MIC had nothing to take off when ${whose} went: it is no user-assigned identity`;
    case 'nodeGone':
      return `MIC asked ARM for no removal of ${what} when ${whose} went, for its node is gone`;
    case 'aborted':
      return `MIC gave up removals of this cycle, and left ${what} on ${where} when ${whose} went`;
  }
}

/** Resource ids in errors: `/…/resourceGroups/GROUP/…/NAME`. */
export function shortIds(error: string): string {
  return error.replace(
    /\/subscriptions\/[^/'"\s]+(\/resourcegroups\/[^/'"\s]+)\/providers\/[^'"\s]*\/([^/'"\s]+)/giu,
    (_, group: string, name: string) => `/…${group}/…/${name}`,
  );
}
