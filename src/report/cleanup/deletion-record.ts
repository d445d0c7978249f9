/** One deletion and what it leads to: things that have to go, and things that stay by design. */
import type { Moment } from '../../kernel/time.ts';
import type { CleanupItem, DeletionKind, DeletionSection, PlaceInRun } from '../document/index.ts';
import { humanDuration } from '../duration-text.ts';
import { GONE_WITHIN } from './due-time.ts';

/** Something that has to go. */
export interface DueItem {
  readonly kind: CleanupItem['kind'];
  readonly what: string;
  /** Name under which its end is announced, such as `grant|<resource>|<identity>`. */
  readonly key: string;
  readonly settled: { readonly state: 'gone' | 'notDue'; readonly at: Moment; readonly note: string } | undefined;
}

/** Something that stays by design: for ever, or until a moment. */
export interface LingeringItem {
  readonly kind: CleanupItem['kind'];
  readonly what: string;
  /** [µs]; Infinity: no end. */
  readonly until: number;
  readonly note: string;
  /** Whether it is over before that, as things stand now; absent: never. */
  isOver?(): boolean;
}

/** Accesses that a removed role assignment still let in. */
export interface AcceptedAccesses {
  count: number;
  lastAt: Moment;
}

/** A deletion that was noticed. */
export class DeletionRecord {
  readonly kind: DeletionKind;
  readonly name: string;
  readonly place: PlaceInRun;
  readonly lingering: readonly LingeringItem[];
  readonly accepted: AcceptedAccesses | undefined;
  readonly #due: DueItem[];

  constructor(of: {
    readonly kind: DeletionKind;
    readonly name: string;
    readonly place: PlaceInRun;
    readonly due: readonly DueItem[];
    readonly lingering?: readonly LingeringItem[];
    readonly accepted?: AcceptedAccesses;
  }) {
    this.kind = of.kind;
    this.name = of.name;
    this.place = of.place;
    this.#due = [...of.due];
    this.lingering = of.lingering ?? [];
    this.accepted = of.accepted;
  }

  /** What has to go, whether it has gone or not. */
  get due(): readonly DueItem[] {
    return this.#due;
  }

  /** Keys of what has to go and has not. */
  get openKeys(): readonly string[] {
    return this.#due.filter((item) => item.settled === undefined).map((item) => item.key);
  }

  get isOpen(): boolean {
    return this.#due.some((item) => item.settled === undefined);
  }

  /** Whether anything depended on the deletion at all. */
  get isOfInterest(): boolean {
    return this.#due.length > 0 || this.lingering.length > 0 || this.accepted !== undefined;
  }

  /** Until when something stays by design [µs]; -Infinity: nothing does. */
  get lingersUntil(): number {
    return Math.max(-Infinity, ...this.lingering.map((item) => item.until));
  }

  settle(key: string, how: { readonly state: 'gone' | 'notDue'; readonly at: Moment; readonly note: string }): void {
    for (const [index, item] of this.#due.entries()) {
      if (item.key === key && item.settled === undefined) this.#due[index] = { ...item, settled: how };
    }
  }

  /** What had gone is there again, and has to go once more. */
  reopen(key: string): void {
    for (const [index, item] of this.#due.entries()) {
      if (item.key === key && item.settled?.state === 'gone') this.#due[index] = { ...item, settled: undefined };
    }
  }

  /** Time from the deletion until the last thing was gone [µs]; undefined if something is left or nothing had to go. */
  get took(): number | undefined {
    const ends = this.#due.flatMap((item) => (item.settled?.state === 'gone' ? [item.settled.at] : []));
    return this.isOpen || ends.length === 0 ? undefined : Math.max(...ends) - this.place.atUs;
  }

  /** As the report shows it. `excuse` says why something that is still there need not go after all. */
  section(end: Moment, excuse: (item: DueItem) => string | undefined): DeletionSection {
    const items = [
      ...this.#due.map((item) => dueSection(item, this.place.atUs + GONE_WITHIN, excuse)),
      ...this.lingering.map((item) => lingeringSection(item, end)),
      ...this.#acceptedSection(),
    ];
    const isLeft = items.some((item) => item.state === 'left');
    const lingers = items.some((item) => item.state === 'lingersByDesign');
    return {
      kind: this.kind,
      name: this.name,
      place: this.place,
      verdict: isLeft ? 'incomplete' : lingers ? 'lingersByDesign' : 'complete',
      tookUs: isLeft ? null : (this.took ?? 0),
      items,
    };
  }

  #acceptedSection(): readonly CleanupItem[] {
    if (this.accepted === undefined) return [];
    const { count, lastAt } = this.accepted;
    const what = `${String(count)} accesses let in after the removal`;
    if (count === 0)
      return [{ kind: 'acceptedAccess', what, state: 'gone', dueUs: null, goneAtUs: this.place.atUs, untilUs: null, note: '' }];
    const why = this.kind === 'roleAssignment' ? 'services learn of a removal late' : 'tokens issued before go on saying so';
    const note = `the last after ${humanDuration(lastAt - this.place.atUs)}: ${why}`;
    return [{ kind: 'acceptedAccess', what, state: 'lingersByDesign', dueUs: null, goneAtUs: lastAt, untilUs: lastAt, note }];
  }
}

function dueSection(item: DueItem, dueUs: number, excuse: (item: DueItem) => string | undefined): CleanupItem {
  const { kind, what, settled } = item;
  if (settled?.state === 'gone') return { kind, what, state: 'gone', dueUs, goneAtUs: settled.at, untilUs: null, note: settled.note };
  const note = settled?.note ?? excuse(item);
  if (note !== undefined) return { kind, what, state: 'notDue', dueUs: null, goneAtUs: null, untilUs: null, note };
  return { kind, what, state: 'left', dueUs, goneAtUs: null, untilUs: null, note: '' };
}

function lingeringSection(item: LingeringItem, end: Moment): CleanupItem {
  const { kind, what, until } = item;
  const gone = { kind, what, state: 'gone' as const, dueUs: null, untilUs: null };
  if (until <= end) return { ...gone, goneAtUs: until, note: 'expired' };
  if (item.isOver?.() === true) return { ...gone, goneAtUs: null, note: 'out of reach by the end of the run' };
  const note = until === Infinity ? item.note : `${item.note}; works for another ${humanDuration(until - end)}`;
  return { kind, what, state: 'lingersByDesign', dueUs: null, goneAtUs: null, untilUs: until === Infinity ? null : until, note };
}
