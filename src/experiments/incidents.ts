/**
 * Re-enacts an incident: the run in which it shows, the run with its cure, and the run without its cause.
 *
 * Reproduced: everything the scenario expects held, its reported figures among it. Cured, absent: nothing of the symptom showed, and
 * what should be well was.
 */
import type { Overrides } from '../model/calibration/index.ts';
import type { Report } from '../report/document/index.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';
import type { IncidentDescription, IncidentFigure, IncidentRun } from '../scenarios/description/incident.ts';
import { runScenario } from './run.ts';

/** A scenario that is an incident. */
export type IncidentScenario = ScenarioDescription & { readonly incident: IncidentDescription<ScenarioDescription> };

/** A reported figure beside the simulated one. */
interface FigureResult {
  readonly name: string;
  /** As reported: a value or a range; of an implied one, what the symptom means. */
  readonly reported: string;
  readonly kind: IncidentFigure['kind'];
  /** In `unit`; null where there was nothing to measure. */
  readonly simulated: number | null;
  readonly unit: 's' | '%' | '1';
  readonly within: boolean;
}

/** What re-enacting came to. */
export interface IncidentResult {
  readonly id: string;
  readonly title: string;
  readonly reproduced: boolean;
  /** Null: no cure is known. */
  readonly cured: boolean | null;
  readonly figures: readonly FigureResult[];
  /** Whether it did not show without its cause. */
  readonly absent: boolean;
  /** What was not as it should be, a line each. */
  readonly reasons: readonly string[];
}

/** What to run, and how. */
export interface IncidentRequest {
  readonly scenario: IncidentScenario;
  /** Knobs set beside the scenario's own, in all runs; they win. */
  readonly overrides?: Overrides;
  /** Default: the scenario's. */
  readonly seed?: string;
}

/** Whether a scenario re-enacts an incident. */
export function isIncident(scenario: ScenarioDescription): scenario is IncidentScenario {
  return scenario.incident !== undefined;
}

/** Runs an incident, its cure and its counterpart without the cause. Throws as `beginRun` does. */
export function runIncident(request: IncidentRequest): IncidentResult {
  const { id, title, figures, cure, without } = request.scenario.incident;
  const { report } = runScenario(request);
  const fallen = report.expectations
    .filter(({ verdict }) => verdict !== 'held')
    .map((one) => `shown: ${one.text}; observed ${one.observed}`);
  const curing = cure === null ? undefined : complaints(request, cure, 'cured');
  const removing = complaints(request, without, 'without');
  return {
    id,
    title,
    reproduced: fallen.length === 0,
    cured: curing === undefined ? null : curing.length === 0,
    figures: figures.map((figure) => figureResult(figure, report)),
    absent: removing.length === 0,
    reasons: [...fallen, ...(curing ?? []), ...removing],
  };
}

/** Whether everything about an incident is as reported. */
export function isAsReported({ reproduced, cured, absent }: IncidentResult): boolean {
  return reproduced && cured !== false && absent;
}

/** What still shows of the symptom in another run, and what is not well there. */
function complaints(request: IncidentRequest, run: IncidentRun<ScenarioDescription>, name: 'cured' | 'without'): readonly string[] {
  const { shows, well } = request.scenario.incident;
  const { report } = runScenario({ ...request, scenario: { ...run.scenario, expectations: [...shows, ...well] } });
  return report.expectations.flatMap((one, place) => {
    const isSymptom = place < shows.length;
    const isBad = isSymptom ? one.verdict === 'held' : one.verdict !== 'held';
    return isBad ? [`${name}: ${isSymptom ? 'still ' : 'not '}${one.text}; observed ${one.observed}`] : [];
  });
}

function figureResult({ name, reported, kind, unit, bounds }: IncidentFigure, report: Report): FigureResult {
  const judged = bounds.map(({ measure }) => report.expectations.find(({ text }) => text === measure.text));
  const value = judged[0]?.observedValue ?? null;
  const scale = { duration: 1e-6, share: 100, count: 1 }[unit];
  return {
    name,
    reported,
    kind,
    simulated: value === null ? null : Number((value * scale).toPrecision(6)),
    unit: ({ duration: 's', share: '%', count: '1' } as const)[unit],
    within: judged.every((one) => one?.verdict === 'held'),
  };
}
