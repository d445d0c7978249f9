/**
 * Judges what a scenario expects of its run. Nothing passes by default: an unknown name, a measure without samples, an invariant that
 * was never put to the test and a run that was cut short are undecided, not held.
 */
import type { Moment } from '../../kernel/time.ts';
import type { EventId } from '../../kernel/vocabulary.ts';
import type { EventuallyExpectation, Expectation, MeasureClaim, SometimesExpectation } from '../../scenarios/description.ts';
import { isInvariantName } from '../../scenarios/schema/claim-names.ts';
import type { InvariantName } from '../../scenarios/schema/claim-names.ts';
import type { JudgedExpectation, RunVerdict } from '../document/index.ts';
import { INVARIANT_OF } from '../invariants/index.ts';
import type { Invariant } from '../invariants/index.ts';
import type { Observed } from '../observed.ts';
import type { Stamped, Watcher, Write } from '../watcher.ts';
import { holds } from './claim.ts';
import { isCutShort } from './ending.ts';
import type { Ending } from './ending.ts';
import { judgeAlways, judgeMeasure, judgeMoment } from './verdicts.ts';

/** A claim that is looked at until it holds. */
interface Awaited {
  readonly expectation: EventuallyExpectation | SometimesExpectation;
  /** Whether it held before the step from which it is judged, and has not ceased to since. */
  isOld: boolean;
  heldAt: Moment | undefined;
  event: EventId;
}

/** Watches a run for what is expected of it. */
export class Judgement implements Watcher {
  readonly #seen: Observed;
  readonly #expectations: readonly Expectation[];
  readonly #invariants = new Map<InvariantName, Invariant>();
  readonly #awaited: readonly Awaited[];
  #isEnded = false;

  constructor(expectations: readonly Expectation[], seen: Observed) {
    this.#seen = seen;
    this.#expectations = expectations;
    for (const expectation of expectations) {
      const claim = measureOf(expectation);
      if (claim?.of.kind === 'observation') seen.observations.add(claim.of.observation);
      if (expectation.kind === 'always' && isInvariantName(expectation.invariant)) this.#watch(expectation.invariant);
    }
    this.#awaited = expectations.flatMap((expectation): Awaited[] =>
      expectation.kind === 'eventually' || expectation.kind === 'sometimes'
        ? [{ expectation, isOld: false, heldAt: undefined, event: -1 }]
        : [],
    );
    this.#look(seen.run.now, -1);
  }

  onFact(stamped: Stamped): void {
    for (const invariant of this.#invariants.values()) invariant.onFact?.(stamped);
  }

  onWrite(write: Write): void {
    for (const invariant of this.#invariants.values()) invariant.onWrite?.(write);
  }

  onSettled(at: Moment, event: EventId): void {
    for (const invariant of this.#invariants.values()) invariant.onSettled?.(at, event);
    this.#look(at, event);
  }

  /** Judgements in the order of the scenario. The run is over. */
  judge(ending: Ending): readonly JudgedExpectation[] {
    if (!this.#isEnded) for (const invariant of this.#invariants.values()) invariant.onEnd?.(ending.at);
    this.#isEnded = true;
    return this.#expectations.map((expectation) => {
      switch (expectation.kind) {
        case 'always':
          return judgeAlways(expectation, { record: this.#invariants.get(expectation.invariant)?.record, ending });
        case 'measure':
          return judgeMeasure(expectation, { seen: this.#seen, ending });
        case 'eventually':
        case 'sometimes': {
          const awaited = this.#awaited.find((one) => one.expectation === expectation);
          const { isOld = false, heldAt, event = -1 } = awaited ?? {};
          return judgeMoment(expectation, { seen: this.#seen, ending, isOld, heldAt, event });
        }
      }
    });
  }

  #watch(name: InvariantName): void {
    if (!this.#invariants.has(name)) this.#invariants.set(name, INVARIANT_OF[name](this.#seen.run));
  }

  #look(at: Moment, event: EventId): void {
    for (const awaited of this.#awaited) {
      if (awaited.heldAt !== undefined) continue;
      const { condition, after } = awaited.expectation;
      const isHeld = holds(condition, this.#seen);
      const isBefore = after !== undefined && at < after.time;
      if (isBefore || !isHeld) awaited.isOld = isHeld;
      if (!isHeld || awaited.isOld) continue;
      awaited.heldAt = at;
      awaited.event = event;
    }
  }
}

function measureOf(expectation: Expectation): MeasureClaim | undefined {
  if (expectation.kind === 'measure') return expectation.measure;
  if (expectation.kind === 'always') return undefined;
  return expectation.condition.kind === 'measure' ? expectation.condition.measure : undefined;
}

/** The run's verdict by its expectations: one that fell decides; else one that is undecided. */
export function verdictOf(judged: readonly JudgedExpectation[], ending: Ending): RunVerdict {
  const count = (verdict: JudgedExpectation['verdict']): number => judged.filter((one) => one.verdict === verdict).length;
  const [held, fell, undecided] = [count('held'), count('fell'), count('undecided')];
  const of = `${String(judged.length)} expectation${judged.length === 1 ? '' : 's'}`;
  const counts = { held, fell, undecided };
  if (fell > 0) return { result: 'fell', why: `${String(fell)} of ${of} fell`, ...counts };
  if (isCutShort(ending)) return { result: 'inconclusive', why: `the run was cut short (${ending.ended})`, ...counts };
  if (undecided > 0) return { result: 'inconclusive', why: `${String(undecided)} of ${of} could not be decided`, ...counts };
  if (judged.length === 0) return { result: 'holds', why: 'the scenario expects nothing', ...counts };
  return { result: 'holds', why: judged.length === 1 ? 'the one expectation held' : `all ${of} held`, ...counts };
}
