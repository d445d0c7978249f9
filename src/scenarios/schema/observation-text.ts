/**
 * Reads an observation: a fold over facts, or over the rows of a table at that moment. docs/MEASURES.md explains each form.
 *
 * `max(mic-cycle-ended.took)`, `count(nmi-answered[status=404,sender=shop/*])`, `first(token-answered.at) after burst`,
 * `count(azureAssignedIdentities[status.status=Created])`, `max(between(node-ready, rules-changed[redirect=on] by node))`,
 * `max(count(token-failed by pod))`, `perMinute(arm-answered[status=429])`, `share(token-failed of token-asked)`.
 */
import { ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { TABLES } from '../../model/tables.ts';
import type { TableName } from '../../model/tables.ts';
import type { Fold, Observation, ObservationSubject } from '../description/observation.ts';
import { unknownRule } from '../text/schema-issue.ts';
import { FACT_FIELDS, isFactType } from './fact-fields.ts';
import { isTimeField, readPattern, readTests, unknownField } from './fact-pattern.ts';

/** An observation, or the rule it breaks. */
export type ObservationReading = { readonly ok: true; readonly observation: Observation } | { readonly ok: false; readonly rule: string };

/** Steps of the story that have a key, with their times. */
export type StepTimes = ReadonlyMap<string, Duration>;

const SHAPE = /^\s*(\w+)\(\s*(.*?)\s*\)(?:\s+after\s+(\S+))?\s*$/u;
const FIELD = /^([\w-]+)(?:\[([^\]]*)\])?(?:\.([\w.]+))?$/u;
const NESTED = /^\w+\(/u;
const BETWEEN =
  /^between\(\s*([\w-]+(?:\[[^\]]*\])?)\s*,\s*([\w-]+(?:\[[^\]]*\])?)(?:\s+by\s+([\w.]+)(?:=([\w.]+))?)?\s*\)$/u;
const COUNTS = /^count\(\s*([\w-]+(?:\[[^\]]*\])?)\s+by\s+([\w.]+)\s*\)$/u;
const SHARE = /^([\w-]+(?:\[[^\]]*\])?)\s+of\s+([\w-]+(?:\[[^\]]*\])?)$/u;

const FOLDS: readonly Fold[] = [
  'count',
  'distinct',
  'first',
  'last',
  'min',
  'max',
  'mean',
  'sum',
  'p50',
  'p95',
  'span',
  'perMinute',
  'share',
  'age',
];
/** Folds that need to know when something happened: rows do not tell. */
const OF_FACTS: ReadonlySet<Fold> = new Set(['first', 'last', 'perMinute', 'age']);
/** Folds that only count. */
const WITHOUT_FIELD: ReadonlySet<Fold> = new Set(['count', 'perMinute', 'age']);

/** Whether a text looks like an observation rather than the name of a measure. */
export function looksLikeObservation(text: string): boolean {
  return text.includes('(');
}

/** Reads an observation. `steps`: what `after` may name. */
export function readObservation(text: string, steps: StepTimes = new Map()): ObservationReading {
  const [, fold = '', source = '', step] = SHAPE.exec(text) ?? [];
  if (source === '') return { ok: false, rule: noObservation(text) };
  if (!isFold(fold)) return { ok: false, rule: unknownRule('fold', fold, FOLDS) };
  const after = step === undefined ? ZERO : steps.get(step);
  if (after === undefined) return { ok: false, rule: unknownRule('key of a step', step ?? '', [...steps.keys()]) };
  const subject = readSubject(text, fold, source);
  if (typeof subject === 'string') return { ok: false, rule: subject };
  return { ok: true, observation: { text: text.trim().replaceAll(/\s+/gu, ' '), fold, subject, unit: unitOf(fold, subject), after } };
}

function noObservation(text: string): string {
  return `"${text}" is no observation: write fold(subject[field=value].field), such as max(mic-cycle-ended.took)`;
}

function isFold(name: string): name is Fold {
  return (FOLDS as readonly string[]).includes(name);
}

function unitOf(fold: Fold, subject: ObservationSubject): Observation['unit'] {
  if (fold === 'share') return 'share';
  if (fold === 'age') return 'duration';
  if (fold === 'count' || fold === 'distinct') return 'count';
  if (subject.kind === 'between') return 'duration';
  return 'field' in subject && isTimeField(subject.field) ? 'duration' : 'count';
}

function readSubject(text: string, fold: Fold, source: string): ObservationSubject | string {
  if (fold === 'share') return shareOf(source);
  if (!NESTED.test(source)) return fieldOf(text, fold, source);
  if (fold === 'distinct' || fold === 'perMinute' || fold === 'age') return `${fold} takes facts, not ${source}`;
  const [, from, to, by = '', toBy = by] = BETWEEN.exec(source) ?? [];
  if (from !== undefined && to !== undefined) return bothOf(readPattern(from, by), readPattern(to, toBy), betweenOf);
  const [, counted, subject = ''] = COUNTS.exec(source) ?? [];
  if (counted === undefined) return `"${source}" is neither between(fact, fact by field) nor count(fact by field)`;
  if (fold === 'count') return 'count(count(…)) says no more than count or distinct';
  const of = readPattern(counted, subject);
  return typeof of === 'string' ? of : { kind: 'counts', of };
}

type Pattern = Exclude<ReturnType<typeof readPattern>, string>;

function bothOf(a: Pattern | string, b: Pattern | string, made: (a: Pattern, b: Pattern) => ObservationSubject): ObservationSubject | string {
  if (typeof a === 'string') return a;
  return typeof b === 'string' ? b : made(a, b);
}

function betweenOf(from: Pattern, to: Pattern): ObservationSubject {
  return { kind: 'between', from, to };
}

function shareOf(source: string): ObservationSubject | string {
  const [, part, whole] = SHARE.exec(source) ?? [];
  if (part === undefined || whole === undefined) return `"${source}" is no share: write fact of fact, such as share(token-failed of token-asked)`;
  return bothOf(readPattern(part), readPattern(whole), (a, b) => ({ kind: 'share', part: a, whole: b }));
}

function fieldOf(text: string, fold: Fold, source: string): ObservationSubject | string {
  const [, name = '', written = '', field = ''] = FIELD.exec(source) ?? [];
  if (name === '') return noObservation(text);
  const tests = readTests(written);
  if (typeof tests === 'string') return tests;
  if (WITHOUT_FIELD.has(fold) && field !== '') return `${fold} takes no field`;
  if (!WITHOUT_FIELD.has(fold) && field === '') return `${fold} needs a field`;
  if (isFactType(name)) return unknownField(name, [field, ...tests.map(({ path }) => path)]) ?? { kind: 'fact', type: name, tests, field };
  if (!Object.hasOwn(TABLES, name)) return unknownRule('fact or table', name, [...Object.keys(FACT_FIELDS), ...Object.keys(TABLES)]);
  if (OF_FACTS.has(fold)) return `rows of a table have no ${fold}`;
  return { kind: 'rows', table: name as TableName, tests, field };
}
