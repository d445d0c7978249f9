/** Resolves `expect:`: names of invariants, conditions and measures, and bounds with their units. */
import type { Claim, Expectation } from '../description.ts';
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
  if (eventually !== undefined) {
    const condition = claimOf(scope, eventually, [...path, 'eventually']);
    const limit = within === undefined ? undefined : timeInRun(scope, within, [...path, 'within']);
    return condition === undefined || limit === undefined ? undefined : { kind: 'eventually', condition, within: limit, at };
  }
  if (sometimes !== undefined) {
    const condition = claimOf(scope, sometimes, [...path, 'sometimes']);
    return condition && { kind: 'sometimes', condition, at };
  }
  if (measure === undefined) return undefined;
  const read = readClaim(measure, scope.stepTimes);
  if (read.ok) return { kind: 'measure', measure: read.claim, at };
  scope.problem([...path, 'measure'], read.rule);
  return undefined;
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
