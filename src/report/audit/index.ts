/**
 * Audit: which service principal accessed which service, as the access logs show it, and beside it which pod really did.
 *
 * The logs name a principal and a caller address, never a pod. An access can be attributed by its log alone only where a single pod
 * used that principal at all (or, with the address, from there).
 */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { AuditSection } from '../document/index.ts';
import { byText, Tally } from '../watcher.ts';
import type { Run, Stamped, Watcher } from '../watcher.ts';

/** Pods named for one principal at one service. */
const SENDERS_SHOWN = 10;

interface Entry {
  readonly service: string;
  readonly serviceKind: string;
  readonly objectId: string;
  readonly appId: string;
  readonly statuses: Tally<number>;
  readonly senders: Tally<string>;
  readonly firstUs: Moment;
  readonly firstLoggedUs: Moment;
  lastUs: Moment;
}

interface Principal {
  readonly name: string;
  readonly kind: string;
}

/** Accesses by principal and service. */
export class Audit implements Watcher {
  readonly #entries = new Map<string, Entry>();
  /** Pods of each principal, and of each principal at each address. */
  readonly #ofPrincipal = new Map<string, Tally<string>>();
  readonly #ofPrincipalAt = new Map<string, Tally<string>>();
  readonly #principals = new Map<string, Principal>();
  #allowed = 0;
  #denied = 0;

  constructor(run: Run) {
    for (const { objectId, displayName, kind } of run.table('servicePrincipals').all())
      this.#principals.set(objectId, { name: displayName, kind });
  }

  onWrite(write: Parameters<NonNullable<Watcher['onWrite']>>[0]): void {
    if (write.table !== 'servicePrincipals' || write.entry.after === undefined) return;
    const { objectId, displayName, kind } = write.entry.after;
    this.#principals.set(objectId, { name: displayName, kind });
  }

  onFact({ fact, at }: Stamped): void {
    if (fact.type !== 'service-answered') return;
    if (fact.status < 400) this.#allowed += 1;
    else this.#denied += 1;
    const entry = this.#entryOf(fact, at);
    entry.statuses.add(fact.status);
    entry.senders.add(fact.sender);
    entry.lastUs = at;
    tallyOf(this.#ofPrincipal, fact.objectId).add(fact.sender);
    tallyOf(this.#ofPrincipalAt, `${fact.objectId}|${fact.callerIP}`).add(fact.sender);
  }

  get allowed(): number {
    return this.#allowed;
  }

  get denied(): number {
    return this.#denied;
  }

  section(): AuditSection {
    const accesses = this.#allowed + this.#denied;
    const attributable = ofSinglePods(this.#ofPrincipal);
    return {
      accesses,
      allowed: this.#allowed,
      denied: this.#denied,
      attributable,
      attributableShare: accesses === 0 ? null : attributable / accesses,
      attributableWithAddress: ofSinglePods(this.#ofPrincipalAt),
      entries: [...this.#entries.values()]
        .sort((a, b) => byText(a.service, b.service) || a.firstUs - b.firstUs || byText(a.objectId, b.objectId))
        .map((entry) => this.#entrySection(entry)),
    };
  }

  #entryOf(fact: FactOf<'service-answered'>, at: Moment): Entry {
    const key = `${fact.service}|${fact.objectId}|${fact.appId}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const { service, kind, objectId, appId, loggedAt } = fact;
      entry = {
        service,
        serviceKind: kind,
        objectId,
        appId,
        statuses: new Tally(),
        senders: new Tally(),
        firstUs: at,
        firstLoggedUs: loggedAt,
        lastUs: at,
      };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #entrySection(entry: Entry): AuditSection['entries'][number] {
    const { statuses, senders, ...plain } = entry;
    const principal = this.#principals.get(entry.objectId);
    const bySender = [...senders.entries()].sort((a, b) => b[1] - a[1] || byText(a[0], b[0]));
    return {
      ...plain,
      principal: principal?.name ?? '',
      principalKind: principal?.kind ?? '',
      statuses: [...statuses.entries()].sort((a, b) => a[0] - b[0]).map(([status, count]) => ({ status, count })),
      senders: bySender.slice(0, SENDERS_SHOWN).map(([sender, count]) => ({ sender, count })),
      sendersNotShown: Math.max(0, bySender.length - SENDERS_SHOWN),
    };
  }
}

function tallyOf(all: Map<string, Tally<string>>, key: string): Tally<string> {
  let tally = all.get(key);
  if (tally === undefined) all.set(key, (tally = new Tally()));
  return tally;
}

function ofSinglePods(all: ReadonlyMap<string, Tally<string>>): number {
  let count = 0;
  for (const tally of all.values()) if (tally.size === 1) count += tally.total;
  return count;
}
