/** The catalogue of incidents as text, and what re-enacting them came to. */
import type { IncidentResult, IncidentScenario } from '../experiments/incidents.ts';
import type { Host } from './host.ts';
import { styleFor } from './style.ts';
import { hanging, wrapped } from './text-layout.ts';

/** The catalogue: two lines or more for each incident. */
export function incidentsText(scenarios: readonly IncidentScenario[], host: Host): string {
  const style = styleFor(host);
  const entries = scenarios.map(({ incident: { id, title, issues, version, cure } }) => {
    const about = `${issues.join(', ')}; seen in ${version}; cure: ${cure?.change ?? 'none known'}`;
    return [...titled(id, title, host), ...wrapped(about, host.columns - 8).map((line) => style.faint(`        ${line}`))].join('\n');
  });
  return `${entries.join('\n')}\n\nRe-enact them: idflow incidents --run\nOnly some: idflow incidents INC-01 --run\nOne of your own: idflow incidents FILE --run\n`;
}

/** Under the title of an incident. */
const BLANK = '        ';

/** Id and title, the latter folded. */
function titled(id: string, title: string, host: Host): readonly string[] {
  const style = styleFor(host);
  const first = `${id}  `;
  return hanging(first, title, host.columns).map((line) => (line.startsWith(id) ? `${style.name(id)}${line.slice(id.length)}` : line));
}

/** What the runs came to, figures beside the reported ones. `about` has the incidents in the same order. */
export function resultsText(results: readonly IncidentResult[], about: readonly IncidentScenario[], host: Host): string {
  const style = styleFor(host);
  const entries = results.map((result, place) => {
    const { id, title, figures, reasons } = result;
    const scenario = about[place];
    const faint = (text: string): readonly string[] => hanging(BLANK, text, host.columns).map((line) => style.faint(line));
    return [
      ...titled(id, title, host),
      ...(scenario === undefined ? [] : hanging(BLANK, scenario.incident.symptom, host.columns)),
      ...hanging(BLANK, outcomeText(result, scenario), host.columns),
      ...figures.flatMap((figure) => hanging(BLANK, figureText(figure), host.columns)),
      ...reasons.flatMap(faint),
      ...(scenario === undefined || scenario.incident.doubt === '' ? [] : faint(`in doubt: ${scenario.incident.doubt}`)),
      // Not folded: it is to be copied.
      ...(scenario?.incident.why === undefined
        ? []
        : [style.faint(`${BLANK}why: idflow why ${scenario.name} '${scenario.incident.why.ask}'`)]),
    ].join('\n');
  });
  const count = (holds: (result: IncidentResult) => boolean): string => String(results.filter(holds).length);
  const of = `of ${String(results.length)}`;
  const total = `${count((one) => one.reproduced)} ${of} reproduced, ${count((one) => one.cured === true)} cured, ${count((one) => one.cured === null)} without a known cure, ${count((one) => one.absent)} absent without their cause`;
  return `${entries.join('\n')}\n\n${wrapped(total, host.columns).join('\n')}\n`;
}

function outcomeText({ reproduced, cured, absent }: IncidentResult, scenario: IncidentScenario | undefined): string {
  const cure = scenario?.incident.cure?.change;
  const by = cure === undefined ? '' : ` by ${cure}`;
  return [
    reproduced ? '✓ reproduced' : '✗ not reproduced',
    cured === null ? 'no cure known' : `${cured ? '✓ cured' : '✗ not cured'}${by}`,
    `${absent ? '✓ absent' : '✗ still there'} with its cause removed${scenario === undefined ? '' : ` (${scenario.incident.without.change})`}`,
  ].join(' · ');
}

/** One figure: what it is, reported (or implied, where nobody reported it) and simulated, the latter in the unit of the former. */
export function figureText({ name, reported, kind, simulated, unit, within }: IncidentResult['figures'][number]): string {
  const value = simulated === null ? 'nothing' : simulatedText(simulated, { reported, unit });
  return `${name}: ${kind === 'implied' ? 'implied' : 'reported'} ${reported}, simulated ${value}${within ? '' : ' (outside)'}`;
}

/** Seconds in each unit that reports use. */
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** With as many digits as were reported, and at least four. */
function simulatedText(value: number, { reported, unit }: { readonly reported: string; readonly unit: 's' | '%' | '1' }): string {
  const numbers = [...reported.matchAll(/(?<digits>\d+(?:\.\d+)?)(?<unit>[a-z]*)/gu)].map(({ groups }) => groups ?? {});
  const digits = Math.max(4, ...numbers.map((one) => (one['digits'] ?? '').replace('.', '').length));
  const short = (number: number): string => String(Number(number.toPrecision(digits)));
  if (unit !== 's') return `${short(value)}${unit === '%' ? '%' : ''}`;
  const [first = 's', ...others] = new Set(numbers.map((one) => one['unit'] ?? ''));
  const shown = others.length === 0 ? first : value < 120 ? 's' : 'm';
  return `${short(value / (SECONDS[shown] ?? 1))}${shown}`;
}
