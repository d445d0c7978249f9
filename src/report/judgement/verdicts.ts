/** The verdict on each kind of expectation, with what was asked, what was seen, and why. */
import type { Duration, Moment } from '../../kernel/time.ts';
import type { AlwaysExpectation, EventuallyExpectation, MeasureExpectation, SometimesExpectation } from '../../scenarios/description.ts';
import { INVARIANTS, isInvariantName } from '../../scenarios/schema/claim-names.ts';
import type { JudgedExpectation } from '../document/index.ts';
import { humanDuration, humanMoment } from '../duration-text.ts';
import type { InvariantRecord } from '../invariants/index.ts';
import type { Observed } from '../observed.ts';
import { humanBeside, humanBound } from '../value-text.ts';
import { claimMeaning, claimText, isKnown, measure, measureMeaning } from './claim.ts';
import { isCutShort } from './ending.ts';
import type { Ending } from './ending.ts';

type Verdict = JudgedExpectation['verdict'];

/** Judges `always`. */
export function judgeAlways(
  expectation: AlwaysExpectation,
  of: { readonly record: InvariantRecord | undefined; readonly ending: Ending },
): JudgedExpectation {
  const { record, ending } = of;
  const name = expectation.invariant;
  const base = { kind: 'always' as const, text: `always: ${name}`, bound: 'no breach', line: lineOf(expectation), event: null, atUs: null };
  if (record === undefined || !isInvariantName(name)) {
    return { ...base, observed: 'nothing', observedValue: null, verdict: 'undecided', why: `there is no invariant ${name}` };
  }
  const observed = `${String(record.breaches)} in ${String(record.checks)} check${record.checks === 1 ? '' : 's'}`;
  const found = { ...base, observed, observedValue: record.breaches };
  if (record.first !== undefined) {
    const { place, text } = record.first;
    return {
      ...found,
      verdict: 'fell',
      why: `${text} (event ${String(place.event)}, ${humanMoment(place.atUs)})`,
      event: place.event,
      atUs: place.atUs,
    };
  }
  if (record.checks === 0) return { ...found, verdict: 'undecided', why: 'nothing happened that could have broken it' };
  if (isCutShort(ending)) return { ...found, verdict: 'undecided', why: `not broken when the run was cut short (${ending.ended})` };
  return { ...found, verdict: 'held', why: INVARIANTS[name] };
}

/** Judges a bound on a measure of the whole run. */
export function judgeMeasure(expectation: MeasureExpectation, of: { readonly seen: Observed; readonly ending: Ending }): JudgedExpectation {
  const claim = expectation.measure;
  const { state, reading } = measure(claim, of.seen);
  const bound = `${claim.op} ${humanBound(claim.bound, claim.unit)}`;
  const base = { kind: 'measure' as const, text: claim.text, bound, line: lineOf(expectation), event: null, atUs: null };
  if (state === 'unknown')
    return { ...base, observed: 'nothing', observedValue: null, verdict: 'undecided', why: `there is no measure behind ${claim.text}` };
  if (state === 'empty')
    return { ...base, observed: 'no samples', observedValue: null, verdict: 'undecided', why: 'nothing happened that could be measured' };
  const value = reading?.value ?? 0;
  const found = { ...base, observed: humanBeside(value, claim), observedValue: value };
  const samples = `over ${String(reading?.samples ?? 0)} samples`;
  const what = claim.unit === 'count' ? measureMeaning(claim) : `${measureMeaning(claim)}, ${samples}`;
  if (isCutShort(of.ending)) return { ...found, verdict: 'undecided', why: `the run was cut short (${of.ending.ended})` };
  return { ...found, verdict: state === 'kept' ? 'held' : 'fell', why: what };
}

/**
 * Judges `eventually` and `sometimes`: whether, and when, the claim first held; with `after`, when from that step on, and limit and
 * observation are counted from there. `isOld`: it held before that step and never ceased to, so nothing put it to the test.
 */
export function judgeMoment(
  expectation: EventuallyExpectation | SometimesExpectation,
  of: {
    readonly seen: Observed;
    readonly ending: Ending;
    readonly isOld: boolean;
    readonly heldAt: Moment | undefined;
    readonly event: number;
  },
): JudgedExpectation {
  const { condition, kind, after } = expectation;
  const { heldAt, ending } = of;
  const start = after?.time ?? 0;
  const limit = expectation.kind === 'eventually' ? expectation.within : undefined;
  const bound = limit === undefined ? 'once' : `within ${humanDuration(limit)}`;
  const base = {
    kind,
    text: `${kind}: ${claimText(condition)}${after === undefined ? '' : ` after ${after.key}`}`,
    bound,
    line: lineOf(expectation),
  };
  const at = { event: heldAt === undefined ? null : of.event, atUs: heldAt ?? null };
  if (!isKnown(condition, of.seen))
    return { ...base, ...at, observed: 'nothing', observedValue: null, verdict: 'undecided', why: claimMeaning(condition) };
  if (heldAt !== undefined) {
    const took = (heldAt - start) as Duration;
    const verdict: Verdict = limit === undefined || took <= limit ? 'held' : 'fell';
    const why = verdict === 'held' ? claimMeaning(condition) : `came too late: ${claimMeaning(condition)}`;
    return { ...base, ...at, observed: `after ${humanDuration(took)}`, observedValue: took, verdict, why };
  }
  if (after !== undefined && of.isOld && ending.at >= start) {
    const why = `held before ${after.key} and never ceased to: nothing put it to the test`;
    return { ...base, ...at, observed: 'all along', observedValue: null, verdict: 'undecided', why };
  }
  const never = { ...base, ...at, observed: 'never', observedValue: null };
  if (limit !== undefined && ending.at >= start + limit)
    return { ...never, verdict: 'fell', why: `did not hold: ${claimMeaning(condition)}` };
  if (isCutShort(ending)) return { ...never, verdict: 'undecided', why: `had not held when the run was cut short (${ending.ended})` };
  // A run that fell silent early stays as it is; one that reached its horizon before the limit might still have made it.
  const isOver = limit === undefined || ending.ended === 'quiescent';
  const why = isOver ? `did not hold: ${claimMeaning(condition)}` : `the run ended after ${humanDuration(ending.at)}, before the limit`;
  return { ...never, verdict: isOver ? 'fell' : 'undecided', why };
}

function lineOf({ at }: { readonly at: { readonly file: string; readonly line: number; readonly column: number } }): string {
  return `${at.file}:${String(at.line)}:${String(at.column)}`;
}
