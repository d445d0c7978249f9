/**
 * Reads an observation: a fold over facts, or over the rows of a table at that moment.
 *
 * `max(mic-cycle-ended.took)`, `count(nmi-answered[status=404,sender=shop/*])`, `first(token-answered.at) after burst`,
 * `count(azureAssignedIdentities[status.status=Created])`.
 */
import { parseDuration, ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { TABLES } from '../../model/tables.ts';
import type { TableName } from '../../model/tables.ts';
import type { FieldTest, Fold, Observation } from '../description/observation.ts';
import { unknownRule } from '../text/schema-issue.ts';
import { FACT_FIELDS, isFactType } from './fact-fields.ts';

/** An observation, or the rule it breaks. */
export type ObservationReading = { readonly ok: true; readonly observation: Observation } | { readonly ok: false; readonly rule: string };

/** Steps of the story that have a key, with their times. */
export type StepTimes = ReadonlyMap<string, Duration>;

const SHAPE = /^\s*(\w+)\(\s*([\w-]+)(?:\[([^\]]*)\])?(?:\.([\w.]+))?\s*\)(?:\s+after\s+(\S+))?\s*$/u;
const TEST = /^\s*([\w.]+)\s*(!=|=|<|>)\s*(.*?)\s*$/u;

const FOLDS: readonly Fold[] = ['count', 'distinct', 'first', 'last', 'min', 'max', 'mean', 'sum', 'p50', 'p95', 'span'];
const WITHOUT_ROWS: ReadonlySet<Fold> = new Set(['first', 'last']);

/** Fields of facts that are times or durations [µs]; all others are numbers. */
const TIMES: ReadonlySet<string> = new Set(['at', 'took', 'waited', 'since', 'startedAt', 'askedAt', 'createdAt', 'expiresAt', 'loggedAt', 'notAfter']);

/** Whether a text looks like an observation rather than the name of a measure. */
export function looksLikeObservation(text: string): boolean {
  return text.includes('(');
}

/** Whether a field is a time or a duration. */
export function isTimeField(path: string): boolean {
  return TIMES.has(path.split('.').at(-1) ?? '');
}

/** Reads an observation. `steps`: what `after` may name. */
export function readObservation(text: string, steps: StepTimes = new Map()): ObservationReading {
  const [, fold = '', subject = '', tests = '', field = '', step] = SHAPE.exec(text) ?? [];
  if (subject === '') return { ok: false, rule: `"${text}" is no observation: write fold(subject[field=value].field), such as max(mic-cycle-ended.took)` };
  if (!isFold(fold)) return { ok: false, rule: unknownRule('fold', fold, FOLDS) };
  const after = step === undefined ? ZERO : steps.get(step);
  if (after === undefined) return { ok: false, rule: unknownRule('key of a step', step ?? '', [...steps.keys()]) };
  const read = readTests(tests);
  if (typeof read === 'string') return { ok: false, rule: read };
  const of = subjectOf(subject);
  if (of === undefined) return { ok: false, rule: unknownRule('fact or table', subject, [...Object.keys(FACT_FIELDS), ...Object.keys(TABLES)]) };
  const wrong = wrongField(of, fold, field, read);
  if (wrong !== undefined) return { ok: false, rule: wrong };
  const unit = fold !== 'count' && fold !== 'distinct' && isTimeField(field) ? 'duration' : 'count';
  return { ok: true, observation: { text: text.trim().replaceAll(/\s+/gu, ' '), fold, subject: of, tests: read, field, unit, after } };
}

function isFold(name: string): name is Fold {
  return (FOLDS as readonly string[]).includes(name);
}

function subjectOf(name: string): Observation['subject'] | undefined {
  if (isFactType(name)) return { kind: 'fact', type: name };
  return Object.hasOwn(TABLES, name) ? { kind: 'rows', table: name as TableName } : undefined;
}

function readTests(text: string): readonly FieldTest[] | string {
  const tests: FieldTest[] = [];
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [, path, op, value] = TEST.exec(part) ?? [];
    if (path === undefined || op === undefined || value === undefined) return `"${part.trim()}" is no test of a field: write field=value, field!=value, field<value or field>value`;
    tests.push({ path, op: op as FieldTest['op'], value: bounded(path, op, value) });
  }
  return tests;
}

function bounded(path: string, op: string, value: string): string {
  const duration = isTimeField(path) && (op === '<' || op === '>') ? parseDuration(value) : undefined;
  return duration === undefined ? value : String(duration);
}

function wrongField(subject: Observation['subject'], fold: Fold, field: string, tests: readonly FieldTest[]): string | undefined {
  if (fold === 'count' && field !== '') return 'count takes no field';
  if (fold !== 'count' && field === '') return `${fold} needs a field`;
  if (subject.kind === 'rows') return WITHOUT_ROWS.has(fold) ? `rows of a table have no ${fold}` : undefined;
  const known: readonly string[] = [...FACT_FIELDS[subject.type], 'at'];
  for (const path of [field, ...tests.map((test) => test.path)]) {
    const [head = ''] = path.split('.');
    if (head !== '' && !known.includes(head)) return unknownRule(`field of ${subject.type}`, head, known);
  }
  return undefined;
}
