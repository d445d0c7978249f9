/**
 * Cleanup correctness: for every deletion what had to go, when it was gone, and what is left at the end.
 *
 * A deletion of which nothing due is left is folded into counts, so that a run with many deletions stays small; the first ones, and
 * all that are incomplete, are kept whole.
 */
import type { Moment } from '../../kernel/time.ts';
import type { CleanupSection, DeletionSection } from '../document/index.ts';
import { LEFT_KINDS } from '../../scenarios/schema/metric-names.ts';
import type { LeftKind } from '../../scenarios/schema/metric-names.ts';
import { isNeeded, podKeyOf } from '../entitlement.ts';
import type { GrantUsers } from '../grant-users.ts';
import { Sample } from '../sample.ts';
import type { Run, Stamped, Watcher, Write } from '../watcher.ts';
import type { DeletionRecord, DueItem } from './deletion-record.ts';
import { Combined } from './combined.ts';
import { deletionIn } from './deletion-signs.ts';
import { Folded } from './folded.ts';
import { announcedBy, grantsAddedBy } from './announcements.ts';
import { assignedLeft, imdsCredentialsLeft, principalsLeft, rolesLeft, tokensLeft, UsedGrants } from './leftovers.ts';
import type { Leftover } from './leftovers.ts';
import { Removals } from './removals.ts';
import { TokenBook } from './token-book.ts';

/** Complete deletions shown one by one; the others are counts. */
const SHOWN = 100;
/** Examples of what is left. */
const EXAMPLES = 20;

/** What was deleted, and what became of what hung on it. */
export class Cleanup implements Watcher {
  readonly book: TokenBook;
  readonly usedGrants: UsedGrants;
  readonly #run: Run;
  readonly #users: GrantUsers;
  readonly #took = new Sample();
  readonly #open = new Set<DeletionRecord>();
  readonly #waiting = new Map<string, DeletionRecord[]>();
  /** By grant: deletions that its last removal settled. */
  readonly #wentWith = new Map<string, readonly DeletionRecord[]>();
  readonly #kept: DeletionRecord[] = [];
  readonly #folded = new Folded();
  readonly #removals: Removals;
  readonly #combined: Combined;
  #assignedSeen: number;
  #principalsSeen: number;
  #rolesSeen: number;

  constructor(run: Run, users: GrantUsers) {
    this.#run = run;
    this.#users = users;
    this.book = new TokenBook(run);
    this.usedGrants = new UsedGrants(run, users);
    this.#removals = new Removals(run);
    this.#combined = new Combined(run, this.book);
    this.#assignedSeen = run.table('azureAssignedIdentities').size;
    this.#principalsSeen = run.table('servicePrincipals').size;
    this.#rolesSeen = run.table('roleAssignments').size;
  }

  onFact(stamped: Stamped): void {
    this.book.onFact(stamped);
    if (stamped.fact.type === 'service-answered') this.#removals.onAccess(stamped.fact, stamped.at);
    const whole = this.#combined.toldBy(stamped);
    if (whole?.isOfInterest === true) this.#follow(whole);
  }

  onWrite(write: Write): void {
    if (write.table === 'azureAssignedIdentities' && write.entry.after !== undefined) {
      if (write.entry.before === undefined) this.#assignedSeen += 1;
      this.usedGrants.note(write.entry.after);
    }
    if (write.entry.before === undefined && write.table === 'servicePrincipals') this.#principalsSeen += 1;
    if (write.entry.before === undefined && write.table === 'roleAssignments') this.#rolesSeen += 1;
    const record = deletionIn(write, { run: this.#run, users: this.#users, book: this.book });
    if (record?.isOfInterest === true) {
      this.#combined.add(record, write);
      this.#removals.add(write, record);
      this.#follow(record);
    }
    for (const { key, note } of announcedBy(this.#run, write))
      this.#settle(key, { state: note === '' ? 'gone' : 'notDue', at: write.entry.at, note });
    for (const key of grantsAddedBy(write)) this.#comeBack(key);
  }

  /** Deletions that something depended on. */
  get deletions(): number {
    return this.#open.size + this.#kept.length + this.#folded.total;
  }

  /** Deletions of which something due is left now. */
  get incomplete(): number {
    return [...this.#open].filter((record) => this.#section(record).verdict === 'incomplete').length;
  }

  /** Whether something due is left of any deletion now. Stops at the first. */
  get hasIncomplete(): boolean {
    for (const record of this.#open) if (this.#section(record).verdict === 'incomplete') return true;
    return false;
  }

  /** Times from a deletion until nothing due was left. */
  get took(): Sample {
    return this.#took;
  }

  /** AzureAssignedIdentities that ever existed. */
  get assignedSeen(): number {
    return this.#assignedSeen;
  }

  /** Service principals that ever existed. */
  get principalsSeen(): number {
    return this.#principalsSeen;
  }

  /** Role assignments that ever existed. */
  get rolesSeen(): number {
    return this.#rolesSeen;
  }

  /** All that is left of one kind. */
  left(kind: LeftKind): readonly Leftover[] {
    switch (kind) {
      case 'assignedIdentities':
        return assignedLeft(this.#run);
      case 'grants':
        return this.usedGrants.left();
      case 'servicePrincipals':
        return principalsLeft(this.#run);
      case 'roleAssignments':
        return rolesLeft(this.#run);
      case 'imdsCredentials':
        return imdsCredentialsLeft(this.#run, this.book);
      case 'liveTokens':
        return tokensLeft(this.#run, this.book);
    }
  }

  section(): CleanupSection {
    const open = [...this.#open].map((record) => this.#section(record));
    const kept = this.#kept.map((record) => this.#section(record));
    const all = [...open, ...kept];
    const incomplete = all.filter((deletion) => deletion.verdict === 'incomplete');
    const others = all.filter((deletion) => deletion.verdict !== 'incomplete');
    const shown = [...incomplete, ...others.slice(0, SHOWN)].sort((a, b) => a.place.atUs - b.place.atUs || a.place.event - b.place.event);
    const left = LEFT_KINDS.map((kind) => [kind, this.left(kind)] as const);
    const counts = new Map(left.map(([kind, things]) => [kind, things.length]));
    const count = (kind: LeftKind): number => counts.get(kind) ?? 0;
    return {
      kinds: this.#folded.kinds(all, this.#run.now),
      took: this.#took.waits(),
      deletions: shown,
      notShown: this.deletions - shown.length,
      left: {
        assignedIdentities: count('assignedIdentities'),
        grants: count('grants'),
        servicePrincipals: count('servicePrincipals'),
        roleAssignments: count('roleAssignments'),
        imdsCredentials: count('imdsCredentials'),
        liveTokens: count('liveTokens'),
      },
      leftExamples: left.flatMap(([, things]) => things.slice(0, EXAMPLES)),
    };
  }

  #follow(record: DeletionRecord): void {
    if (!record.isOpen) {
      this.#close(record);
      return;
    }
    this.#open.add(record);
    for (const key of record.openKeys) {
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) this.#waiting.set(key, [record]);
      else waiting.push(record);
    }
  }

  #settle(key: string, how: { readonly state: 'gone' | 'notDue'; readonly at: Moment; readonly note: string }): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    if (how.state === 'gone' && key.startsWith('grant|')) this.#wentWith.set(key, waiting);
    for (const record of waiting) {
      record.settle(key, how);
      if (record.isOpen) continue;
      this.#open.delete(record);
      this.#close(record);
    }
  }

  /** A grant that had gone is on its machine again. If no AzureAssignedIdentity stands behind it, it has to go once more. */
  #comeBack(key: string): void {
    const [, resource = '', identity = ''] = key.split('|');
    const records = this.#wentWith.get(key) ?? [];
    this.#wentWith.delete(key);
    if (records.length === 0 || this.#users.has({ resource, identity })) return;
    for (const record of records) {
      if (!this.#open.has(record)) this.#takeBack(record);
      record.reopen(key);
      this.#open.add(record);
    }
    this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), ...records]);
  }

  /** Out of the deletions that were over: how long it took will be known when the last of it has gone again. */
  #takeBack(record: DeletionRecord): void {
    if (record.took !== undefined) {
      this.#took.remove(record.took);
      this.#folded.notTaken(record.kind, record.took);
    }
    const index = this.#kept.indexOf(record);
    if (index >= 0) this.#kept.splice(index, 1);
    else this.#folded.remove(record.kind, record.lingersUntil);
  }

  #close(record: DeletionRecord): void {
    if (record.took !== undefined) {
      this.#took.add(record.took);
      this.#folded.took(record.kind, record.took);
    }
    // The removal of a right is kept: accesses may still be let in.
    if (this.#kept.length < SHOWN || record.accepted !== undefined) this.#kept.push(record);
    else this.#folded.add(record.kind, record.lingersUntil);
  }

  #section(record: DeletionRecord): DeletionSection {
    return record.section(this.#run.now, (item) => this.#excuse(item));
  }

  /** Why something that is still there need not go after all: somebody came who needs it. */
  #excuse(item: DueItem): string | undefined {
    const [what, first = '', second = ''] = item.key.split('|');
    if (what === 'grant') {
      const user = this.#users.needing({ resource: first, identity: second });
      return user === undefined ? undefined : `used again there, by ${podKeyOf(user)} for one`;
    }
    if (what !== 'assigned') return undefined;
    const assigned = this.#run.table('azureAssignedIdentities').get(first);
    return assigned !== undefined && isNeeded(this.#run, assigned) ? 'taken over by a pod of the same name' : undefined;
  }
}
