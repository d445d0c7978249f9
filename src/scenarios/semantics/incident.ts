/** Resolves `incident:`: its measures, its figures, and the runs of the same scenario in which it must not show. */
import type { MeasureExpectation } from '../description/expectation.ts';
import type { IncidentDescription, IncidentFigure, IncidentRun } from '../description/incident.ts';
import type { ScenarioDescription } from '../description.ts';
import type { Problem } from '../problem.ts';
import type { IncidentSource } from '../schema/incident-schema.ts';
import { boundOf, readClaim, readSource } from '../schema/measure-claim.ts';
import type { ScenarioSource } from '../schema/scenario-schema.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Path, YamlDocument } from '../text/yaml-source.ts';
import type { Scope } from './scope.ts';

/** Changes a scenario before it is read. */
export type Overlay = (document: YamlDocument) => void;

type Change = NonNullable<IncidentSource['cure']> | IncidentSource['without'];
type Loading =
  { readonly ok: true; readonly scenario: ScenarioDescription } | { readonly ok: false; readonly problems: readonly Problem[] };
type Loader = (overlay: Overlay) => Loading;
type Incident = IncidentDescription<ScenarioDescription>;

/** How far a derived figure may lie from what was reported [share]. */
const TOLERANCE = 0.02;

const PATH: Path = ['incident'];

/** Reads the incident of a scenario; undefined if it cannot be used. */
export function readIncident(scope: Scope, source: ScenarioSource, load: Loader): Incident | undefined {
  const { incident, story = [] } = source;
  if (incident === undefined) return undefined;
  refuseStagedFailures(scope, story);
  const shows = claims(scope, incident.shows, 'shows');
  const also = claims(scope, incident.also ?? [], 'also');
  const well = claims(scope, incident.well, 'well');
  const figures = incident.figures.flatMap((figure, index) => figureOf(scope, figure, [...PATH, 'figures', index]) ?? []);
  const before = scope.findings.problems.length;
  const cure = incident.cure === null ? null : runOf(scope, incident.cure, { key: 'cure', story, load });
  const without = runOf(scope, incident.without, { key: 'without', story, load });
  if (cure === undefined || without === undefined || scope.findings.problems.length > before) return undefined;
  const { id, title, issues, version, symptom, doubt = '' } = incident;
  return {
    id,
    title,
    issues,
    version,
    symptom: symptom.trim(),
    doubt: doubt.trim(),
    shows,
    also,
    well,
    figures,
    cure,
    without,
    ...(incident.why === undefined ? {} : { why: incident.why }),
  };
}

/** What a run of the incident must show: its symptom, what was seen beside it, and its figures. */
export function incidentExpectations({ shows, also, figures }: Incident): readonly MeasureExpectation[] {
  return [...shows, ...also, ...figures.flatMap(({ bounds }) => bounds)];
}

/** A fault may be something that happens to the environment; it may not be the failure that the incident is about. */
function refuseStagedFailures(scope: Scope, story: NonNullable<ScenarioSource['story']>): void {
  for (const [index, { fault, stall }] of story.entries()) {
    if (stall !== undefined) scope.problem(['story', index, 'stall'], 'is the failure itself: an incident must bring it about');
    if (fault === undefined) continue;
    const path = ['story', index, 'fault'];
    if (fault.do !== 'drop' && fault.do.answer !== undefined) {
      scope.problem([...path, 'do'], 'answers in place of a component: an incident must bring the answer about');
    }
    if (fault.do === 'drop' && (fault.type !== undefined || fault.where !== undefined)) {
      scope.problem([...path, 'do'], 'drops chosen messages: in an incident a link may fail, not a message');
    }
  }
}

function claims(scope: Scope, texts: readonly string[], key: 'shows' | 'also' | 'well'): readonly MeasureExpectation[] {
  return texts.flatMap((text, index): readonly MeasureExpectation[] => {
    const path = [...PATH, key, index];
    const read = readClaim(text, scope.stepTimes);
    if (read.ok) return [{ kind: 'measure', measure: read.claim, at: scope.document.placeOf(path) }];
    scope.problem(path, read.rule);
    return [];
  });
}

function figureOf(scope: Scope, source: IncidentSource['figures'][number], path: Path): IncidentFigure | undefined {
  const { name, reported, kind } = source;
  const read = readSource(source.from, scope.stepTimes);
  if (!read.ok) {
    scope.problem([...path, 'from'], read.rule);
    return undefined;
  }
  const { of, unit } = read;
  const ends = endsOf(unit, reported);
  if (ends === undefined) {
    scope.problem(
      [...path, 'reported'],
      `must be a value or a range of ${unit}s, such as ${unit === 'duration' ? '40s..60s' : '3..5'}, not "${reported}"`,
    );
    return undefined;
  }
  const isRange = reported.includes('..');
  if (isRange !== (kind === 'observed')) {
    scope.problem(
      [...path, 'reported'],
      kind === 'observed'
        ? 'an observed figure is a range, such as 40s..60s'
        : `${kind === 'derived' ? 'a derived' : 'an implied'} figure is one value`,
    );
    return undefined;
  }
  const { from, to } = ends;
  const slack = isRange ? 0 : TOLERANCE;
  const bound = (op: '>=' | '<=', value: number): MeasureExpectation => {
    const measure = { text: `${name}: ${read.name} ${op} ${reported}${isRange ? '' : ' (2 %)'}`, of, op, unit, bound: value };
    return { kind: 'measure', measure, at: scope.document.placeOf(path) };
  };
  const upper = to === Infinity ? [] : [bound('<=', to * (1 + slack))];
  return { name, reported, kind, unit, from, to, bounds: [bound('>=', from * (1 - slack)), ...upper] };
}

/** Ends of what was reported: twice the same of a value, infinity of a range that is open. */
function endsOf(unit: IncidentFigure['unit'], reported: string): { readonly from: number; readonly to: number } | undefined {
  const [first = '', last = first, ...more] = reported.split('..').map((text) => text.trim());
  const from = boundOf(unit, first);
  const to = last === '' ? Infinity : boundOf(unit, last);
  if (from === undefined || to === undefined || more.length > 0 || to < from) return undefined;
  return { from, to };
}

interface RunSource {
  readonly key: 'cure' | 'without';
  readonly story: NonNullable<ScenarioSource['story']>;
  readonly load: Loader;
}

function runOf(scope: Scope, change: Change, { key, story, load }: RunSource): IncidentRun<ScenarioDescription> | undefined {
  const path = [...PATH, key];
  const overlay = overlayOf(scope, change, { path, story });
  if (overlay === undefined) return undefined;
  const loaded = load((document) => {
    overlay(document);
    document.remove(PATH);
    document.remove(['expect']);
  });
  if (loaded.ok) return { change: textOf(change), scenario: loaded.scenario };
  // What is wrong with the scenario itself is told once, by its own reading.
  const known = new Set(scope.findings.problems.map(({ rule }) => rule));
  for (const { rule, path: where } of loaded.problems) if (!known.has(rule)) scope.problem(path, `does not fit: ${where}: ${rule}`);
  return undefined;
}

function overlayOf(
  scope: Scope,
  change: Change,
  { path, story }: { readonly path: Path; readonly story: RunSource['story'] },
): Overlay | undefined {
  if ('knob' in change)
    return (document) => {
      document.set(['world', 'parameters', change.knob], change.value);
    };
  if ('version' in change)
    return (document) => {
      document.set(['world', 'cluster', 'podIdentity', 'version'], change.version);
    };
  if ('also' in change)
    return (document) => {
      for (const [n, step] of change.also.entries()) document.set(['story', story.length + n], step);
    };
  if ('step' in change) {
    const index = story.findIndex(({ key }) => key === change.step);
    if (index >= 0)
      return (document) => {
        document.remove(['story', index]);
      };
    scope.problem([...path, 'step'], unknownRule('key of a step', change.step, [...scope.stepTimes.keys()]));
    return undefined;
  }
  const { field, value } = change;
  const parts = partsOf(field);
  if (!scope.document.has(parts) && value === undefined) {
    scope.problem([...path, 'field'], `there is no field ${field} to leave out`);
    return undefined;
  }
  return (document) => {
    if (value === undefined) document.remove(parts);
    else document.set(parts, value);
  };
}

/** `story[0].apply[0]`, as problems spell paths, and `story.0.apply.0` alike; `["odd.key"]` is one part. */
function partsOf(field: string): Path {
  const parts = field.matchAll(/\["(?<quoted>[^"]*)"\]|(?<plain>[^.[\]]+)/gu);
  return [...parts].map(({ groups }) => {
    const { quoted, plain = '' } = groups ?? {};
    if (quoted !== undefined) return quoted;
    return /^\d+$/u.test(plain) ? Number(plain) : plain;
  });
}

function textOf(change: Change): string {
  if ('knob' in change) return `${change.knob}: ${String(change.value)}`;
  if ('version' in change) return `version ${change.version}`;
  if ('also' in change)
    return `also ${change.also.flatMap((step) => Object.keys(step).filter((key) => key !== 'at' && key !== 'text')).join(', ')}`;
  if ('step' in change) return `without the step ${change.step}`;
  if (change.as !== undefined) return change.as;
  if (change.value === undefined) return `without ${change.field}`;
  return `${change.field}: ${typeof change.value === 'object' ? JSON.stringify(change.value) : String(change.value)}`;
}
