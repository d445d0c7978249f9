/** Races, cleanup and audit. */
import type { DeletionSection, Report } from '../document/index.ts';
import { deletedWords, itemWords } from '../deletion-words.ts';
import { humanDuration, humanMoment, humanShare, narrowDuration } from '../duration-text.ts';
import { counted } from '../value-text.ts';
import type { Page } from './page.ts';

/** Race classes with what was found; classes without a case are named in one line. */
export function writeRaces(page: Page, { races }: Report): void {
  const examined = races.filter((race) => race.examined > 0 || race.count > 0);
  if (examined.length === 0) return;
  const found = page.isVerbose ? races : races.filter((race) => race.count > 0);
  if (found.length === 0) {
    page.heading('Assignment races');
    page.paragraph(
      `none of ${String(races.length)} classes occurred (looked at ${String(examined.reduce((sum, race) => sum + race.examined, 0))} occasions)`,
    );
  } else {
    page.table(
      [
        { head: '' },
        { head: 'count', align: 'right' },
        { head: 'occasions', align: 'right' },
        { head: 'per 1000', align: 'right' },
        { head: 'first at' },
        { head: 'event', align: 'right' },
        { head: 'pod' },
      ],
      found.map(({ race, count, examined: of, perThousand, first }) => [
        race,
        String(count),
        String(of),
        perThousand === null ? '-' : String(perThousand),
        first === null ? '-' : humanMoment(first.place.atUs),
        first === null ? '-' : String(first.place.event),
        first?.place.pod ?? '-',
      ]),
      { title: 'Assignment races', flexible: 6 },
    );
    for (const { race, definition, first, worst } of found) {
      const shown = page.isVerbose && first !== null ? [`first: ${first.text}`] : [];
      if (worst !== null && (shown.length === 0 || worst.text !== first?.text)) shown.push(`worst: ${worst.text}`);
      page.paragraph([`${race}: ${definition}`, ...shown].join('; '));
    }
  }
}

const VERDICTS = { complete: '✓ complete', incomplete: '✗ incomplete', lingersByDesign: '✓ lingers by design' } as const;

/** What was deleted and what became of what hung on it. */
export function writeCleanup(page: Page, { cleanup, provenance }: Report): void {
  const { kinds, deletions, left, leftExamples } = cleanup;
  const isLeft = Object.values(left).some((count) => count > 0);
  if (kinds.length === 0 && !isLeft) return;
  if (kinds.length === 0) page.heading('Cleanup');
  else {
    page.table(
      [{ head: '' }, ...['count', 'complete', 'by design', 'incomplete', 'p50', 'max'].map((head) => ({ head, align: 'right' as const }))],
      kinds.map(({ kind, deletions: count, complete, incomplete, lingersByDesign, took }) => [
        kind,
        ...[count, complete, lingersByDesign, incomplete].map(String),
        ...(took === null ? ['-', '-'] : [took.p50Us, took.maxUs].map(narrowDuration)),
      ]),
      { title: 'Cleanup', flexible: 0 },
    );
    page.legend('by design: only role assignments or tokens stay; p50, max: until all was gone');
  }
  if (page.isVerbose) for (const deletion of deletions) writeDeletion(page, deletion, provenance.simulatedUs);
  else writeIncomplete(page, deletions);
  const lingers = kinds.some(({ lingersByDesign }) => lingersByDesign > 0);
  page.paragraph(`Left in the world at the end: ${leftInWords(left, lingers ? 'nothing but what stays by design' : 'nothing')}.`);
  const stays = page.isVerbose ? [] : byDesign(cleanup);
  if (stays.length > 0) page.paragraph(`Stays by design: ${stays.join(', ')}.`);
  if (page.isVerbose) for (const { kind, what, note } of leftExamples) page.paragraph(`${kind}: ${what}: ${note}`);
}

/** What stays by design of the deletions listed, kind by kind, but for what is counted as left. */
function byDesign({ deletions, left }: Report['cleanup']): readonly string[] {
  const found = new Map<string, Set<string>>();
  for (const { items } of deletions)
    for (const { kind, what, state } of items) if (state === 'lingersByDesign') found.set(kind, (found.get(kind) ?? new Set()).add(what));
  const of = (kind: string): number => found.get(kind)?.size ?? 0;
  const kinds = [
    { count: left.roleAssignments > 0 ? 0 : of('roleAssignment'), one: 'role assignment' },
    { count: of('federatedCredential'), one: 'federated credential' },
    { count: of('danglingReference'), one: 'reference to what is gone', many: 'references to what is gone' },
  ].filter(({ count }) => count > 0);
  const tokens = left.liveTokens === 0 && of('liveToken') > 0 ? ['tokens that pods had'] : [];
  return [...kinds.map(({ count, one, many }) => counted(count, one, many)), ...tokens];
}

/** What is left, kind by kind; kinds of which nothing is left are not named. */
function leftInWords(left: Report['cleanup']['left'], nothing: string): string {
  const kinds = [
    { count: left.assignedIdentities, one: 'AzureAssignedIdentity', many: 'AzureAssignedIdentities' },
    { count: left.grants, one: 'identity on a machine', many: 'identities on machines' },
    { count: left.servicePrincipals, one: 'service principal' },
    { count: left.roleAssignments, one: 'role assignment' },
    { count: left.liveTokens, one: 'working token' },
    { count: left.imdsCredentials, one: 'token in the cache of an IMDS', many: 'tokens in the caches of IMDS' },
  ].filter(({ count }) => count > 0);
  return kinds.length === 0 ? nothing : kinds.map(({ count, one, many }) => counted(count, one, many)).join(', ');
}

/** Deletions named on one screen. */
const INCOMPLETE_SHOWN = 3;

/** What is left of deletions that are not complete, a line each. */
function writeIncomplete(page: Page, deletions: readonly DeletionSection[]): void {
  const incomplete = deletions.filter(({ verdict }) => verdict === 'incomplete');
  for (const { kind, name, items } of incomplete.slice(0, INCOMPLETE_SHOWN)) {
    const left = items.filter(({ state }) => state === 'left').map(itemWords);
    page.paragraph(`✗ ${deletedWords({ kind, name })} left ${left.join(', ')}`);
  }
  if (incomplete.length > INCOMPLETE_SHOWN) page.paragraph(`✗ ${String(incomplete.length - INCOMPLETE_SHOWN)} more with --verbose`);
}

function writeDeletion(page: Page, { kind, name, place, verdict, items }: DeletionSection, end: number): void {
  page.paragraph(`${VERDICTS[verdict]}: ${deletedWords({ kind, name })}, deleted at ${humanMoment(place.atUs)}`);
  for (const item of items) {
    const note = item.note === '' ? '' : ` (${item.note})`;
    page.paragraph(`- ${itemWords(item)}: ${fateOf(item, place.atUs, end)}${note}`, undefined, '    ');
  }
}

/** What became of it, and whether that was in time. */
function fateOf({ state, dueUs, goneAtUs }: DeletionSection['items'][number], from: number, end: number): string {
  if (state === 'notDue') return 'need not go';
  if (state === 'lingersByDesign') return goneAtUs === null ? 'stays by design' : 'by design';
  if (state === 'left')
    return dueUs === null || dueUs > end ? `left, due by ${humanMoment(dueUs ?? end)}` : `left, overdue since ${humanMoment(dueUs)}`;
  if (goneAtUs === null) return 'gone';
  const late = dueUs !== null && goneAtUs > dueUs ? `, ${humanDuration(goneAtUs - dueUs)} late` : '';
  return `gone after ${humanDuration(goneAtUs - from)}${late}`;
}

/** What the services' logs show, and beside it who it really was. */
export function writeAudit(page: Page, { audit }: Report): void {
  if (audit.accesses === 0 || !page.isVerbose) return;
  page.heading('Audit: the access logs, and who it really was');
  page.table(
    [{ head: 'service' }, { head: 'principal' }, { head: 'object id' }, { head: 'answers' }, { head: 'really' }],
    audit.entries.map(({ service, principal, objectId, statuses, senders, sendersNotShown }) => [
      service,
      principal,
      objectId.slice(0, 8),
      statuses.map(({ status, count }) => `${String(count)}×${String(status)}`).join(' '),
      [...senders.map(({ sender }) => sender), ...(sendersNotShown > 0 ? [`${String(sendersNotShown)} more`] : [])].join(', '),
    ]),
    { flexible: 4 },
  );
  page.paragraph(
    `The logs alone attribute ${humanShare(audit.attributableShare ?? 0)} of ${counted(audit.accesses, 'access', 'accesses')} to a single pod: they name the service principal, and the pods are what only a simulator can know.`,
  );
}
