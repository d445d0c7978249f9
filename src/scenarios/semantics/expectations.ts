/** Resolves `expect:`: names of invariants, conditions and measures, and bounds with their units. */
import type { AfterStep, Claim, Expectation } from '../description.ts';
import type { Duration } from '../../kernel/time.ts';
import { CONDITION_NAMES, INVARIANT_NAMES, isConditionName, isInvariantName } from '../schema/claim-names.ts';
import { looksLikeMeasure, readClaim } from '../schema/measure-claim.ts';
import type { ScenarioSource } from '../schema/scenario-schema.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Path } from '../text/yaml-source.ts';
import type { Scope } from './scope.ts';
import { timeInRun } from './story.ts';

type ExpectationSource = NonNullable<ScenarioSource['expect']>[number];

/** All expectations, as written. */
export function readExpectations(scope: Scope, sources: readonly ExpectationSource[]): readonly Expectation[] {
  return sources.flatMap((source, index) => expectationOf(scope, source, ['expect', index]) ?? []);
}

function expectationOf(scope: Scope, source: ExpectationSource, path: Path): Expectation | undefined {
  const { always, eventually, within, sometimes, measure } = source;
  const at = scope.document.placeOf(path);
  if (always !== undefined) {
    if (isInvariantName(always)) return { kind: 'always', invariant: always, at };
    scope.problem([...path, 'always'], unknownRule('invariant', always, INVARIANT_NAMES));
    return undefined;
  }
  const after = stepOf(scope, source.after, [...path, 'after']);
  if (eventually !== undefined) {
    const condition = claimOf(scope, eventually, [...path, 'eventually']);
    const limit = limitOf(scope, { within, after }, [...path, 'within']);
    if (condition === undefined || limit === undefined || after === 'unknown') return undefined;
    return { kind: 'eventually', condition, within: limit, ...(after && { after }), at };
  }
  if (sometimes !== undefined) {
    const condition = claimOf(scope, sometimes, [...path, 'sometimes']);
    return condition === undefined || after === 'unknown' ? undefined : { kind: 'sometimes', condition, ...(after && { after }), at };
  }
  if (measure === undefined) return undefined;
  const read = readClaim(measure, scope.stepTimes);
  if (read.ok) return { kind: 'measure', measure: read.claim, at };
  scope.problem([...path, 'measure'], read.rule);
  return undefined;
}

function stepOf(scope: Scope, key: string | undefined, path: Path): AfterStep | 'unknown' | undefined {
  if (key === undefined) return undefined;
  const time = scope.stepTimes.get(key);
  if (time !== undefined) return { key, time };
  scope.problem(path, unknownRule('key of a step', key, [...scope.stepTimes.keys()]));
  return 'unknown';
}

/** A limit has to lie in the run: counted from the start, or from its step. */
function limitOf(
  scope: Scope,
  { within, after }: { readonly within: string | undefined; readonly after: AfterStep | 'unknown' | undefined },
  path: Path,
): Duration | undefined {
  if (within === undefined) return undefined;
  const limit = timeInRun(scope, within, path);
  if (limit === undefined || after === undefined || after === 'unknown' || scope.horizon === undefined) return limit;
  if (after.time <= scope.horizon && after.time + limit > scope.horizon) {
    scope.problem(path, `${within} after ${after.key} lies after the horizon`);
    return undefined;
  }
  return limit;
}

function claimOf(scope: Scope, text: string, path: Path): Claim | undefined {
  if (isConditionName(text)) return { kind: 'condition', condition: text };
  if (!looksLikeMeasure(text)) {
    scope.problem(path, unknownRule('condition', text, CONDITION_NAMES));
    return undefined;
  }
  const read = readClaim(text, scope.stepTimes);
  if (read.ok) return { kind: 'measure', measure: read.claim };
  scope.problem(path, read.rule);
  return undefined;
}
