/** Deletions that are over, as counts: by kind, with how long they took and until when something of them stays by design. */
import type { Moment } from '../../kernel/time.ts';
import { deletionKind } from '../document/correctness.ts';
import type { CleanupSection, DeletionKind, DeletionSection } from '../document/index.ts';
import { Sample } from '../sample.ts';

/** Counts by kind. */
export class Folded {
  /** Until when something of each folded deletion stays [µs]. */
  readonly #lingersUntil = new Map<DeletionKind, number[]>();
  readonly #took = new Map<DeletionKind, Sample>();
  #total = 0;

  /** Deletions folded. */
  get total(): number {
    return this.#total;
  }

  /** Folds a deletion of which nothing due is left. */
  add(kind: DeletionKind, lingersUntil: number): void {
    this.#total += 1;
    const list = this.#lingersUntil.get(kind);
    if (list === undefined) this.#lingersUntil.set(kind, [lingersUntil]);
    else list.push(lingersUntil);
  }

  /** Takes a folded deletion out again: something of it came back. */
  remove(kind: DeletionKind, lingersUntil: number): void {
    const list = this.#lingersUntil.get(kind) ?? [];
    const index = list.indexOf(lingersUntil);
    if (index < 0) return;
    list.splice(index, 1);
    this.#total -= 1;
  }

  /** Notes how long a deletion took, folded or not [µs]. */
  took(kind: DeletionKind, us: number): void {
    const sample = this.#took.get(kind) ?? new Sample();
    sample.add(us);
    this.#took.set(kind, sample);
  }

  /** Takes a noted duration back: something of the deletion came back [µs]. */
  notTaken(kind: DeletionKind, us: number): void {
    this.#took.get(kind)?.remove(us);
  }

  /** Table by kind, of the folded deletions and these. */
  kinds(whole: readonly DeletionSection[], end: Moment): CleanupSection['kinds'] {
    return deletionKind.options.flatMap((kind) => {
      const own = whole.filter((deletion) => deletion.kind === kind);
      const folded = this.#lingersUntil.get(kind) ?? [];
      if (own.length + folded.length === 0) return [];
      const lingering = folded.filter((until) => until > end).length;
      const of = (verdict: DeletionSection['verdict']): number => own.filter((deletion) => deletion.verdict === verdict).length;
      return [
        {
          kind,
          deletions: own.length + folded.length,
          complete: of('complete') + folded.length - lingering,
          incomplete: of('incomplete'),
          lingersByDesign: of('lingersByDesign') + lingering,
          took: this.#took.get(kind)?.waits() ?? null,
        },
      ];
    });
  }
}
