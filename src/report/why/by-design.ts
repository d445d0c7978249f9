/** What outlives a deletion because that is how it works: told where nothing is left that should be gone. */
import type { Moment } from '../../kernel/time.ts';
import { deletedWords, itemWords } from '../deletion-words.ts';
import type { CleanupItem, DeletionSection, Report } from '../document/index.ts';
import { humanMoment } from '../duration-text.ts';
import type { Rule } from './rules.ts';
import { cause } from './standing/matter.ts';
import type { FoundLeftover } from './leftover.ts';

/** Things that are told before a list is cut off. */
const MOST = 5;

interface Staying {
  readonly item: CleanupItem;
  readonly deletion: DeletionSection;
}

/** What stays by design, each thing once: after the last deletion that left it. */
export function stayingIn({ cleanup }: Report): readonly Staying[] {
  const found = new Map<string, Staying>();
  for (const deletion of cleanup.deletions)
    for (const item of deletion.items)
      if (item.state === 'lingersByDesign' && item.kind !== 'acceptedAccess')
        found.set(item.kind === 'liveToken' ? `${item.what} ${deletion.name}` : `${itemWords(item)} ${item.note}`, { item, deletion });
  return [...found.values()];
}

/** What of that name stays by design: by its own name, or that of what was deleted; undefined if nothing does. */
export function byDesign(name: string, report: Report): FoundLeftover | undefined {
  const fits = ({ item, deletion }: Staying): boolean =>
    [itemWords(item), item.note, deletedWords(deletion)].some((text) => text.includes(name));
  const all = stayingIn(report).filter(fits);
  if (all.length === 0) return undefined;
  const told = all.slice(0, MOST);
  const more = all.length > told.length ? ` and ${String(all.length - told.length)} more` : '';
  const list = told.map(({ item }) => itemWords(item)).join(', ');
  return {
    answer: `nothing${name === '' ? '' : ` named ${name}`} was left behind; by design there is still ${list}${more}`,
    events: [...new Set(told.map(({ deletion }) => deletion.place.event))].toSorted((a, b) => a - b),
    of: 'design',
    machine: '',
    because: told.map(({ item, deletion }) =>
      cause(
        deletion.place.atUs as Moment,
        `by design: ${itemWords(item)}, after ${deletedWords(deletion)} was deleted at ${humanMoment(deletion.place.atUs)}: ${item.note}`,
        rulesOf(item, deletion),
      ),
    ),
  };
}

function rulesOf({ kind }: CleanupItem, { kind: deleted }: DeletionSection): readonly Rule[] {
  if (kind === 'imdsCredential') return ['imds.cache.serveUntil', 'imds.cache.proactiveRenewAfter'];
  // What outlives a cluster belongs to principals that are still there.
  if (kind === 'roleAssignment' && deleted !== 'cluster') return ['rbac.orphanAssignment'];
  return [];
}
