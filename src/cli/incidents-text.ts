/** The catalogue of incidents as text, and what re-enacting them came to. */
import type { IncidentResult, IncidentScenario } from '../experiments/incidents.ts';
import type { Host } from './host.ts';
import { styleFor } from './style.ts';
import { wrapped } from './text-layout.ts';

/** The catalogue: two lines or more for each incident. */
export function incidentsText(scenarios: readonly IncidentScenario[], host: Host): string {
  const style = styleFor(host);
  const entries = scenarios.map(({ incident: { id, title, issues, version, cure } }) => {
    const about = `${issues.join(', ')}; seen in ${version}; cure: ${cure?.change ?? 'none known'}`;
    return [`${style.name(id)}  ${title}`, ...wrapped(about, host.columns - 8).map((line) => style.faint(`        ${line}`))].join('\n');
  });
  return `${entries.join('\n')}\n\nRe-enact them: idflow incidents --run, or only some: idflow incidents INC-01 --run\n`;
}

/** What the runs came to, figures beside the reported ones. */
export function resultsText(results: readonly IncidentResult[], host: Host): string {
  const style = styleFor(host);
  const entries = results.map(({ id, title, reproduced, cured, absent, figures, reasons }) =>
    [
      `${style.name(id)}  ${title}`,
      `        ${reproduced ? '✓ reproduced' : '✗ not reproduced'} · ${cured === null ? 'no cure known' : cured ? '✓ cured' : '✗ not cured'} · ${absent ? '✓ absent without its cause' : '✗ still there without its cause'}`,
      ...figures.map((figure) => `        ${figureText(figure)}`),
      ...reasons.map((reason) => `        ${style.faint(reason)}`),
    ].join('\n'),
  );
  const count = (holds: (result: IncidentResult) => boolean): string => String(results.filter(holds).length);
  const of = `of ${String(results.length)}`;
  const total = `${count((one) => one.reproduced)} ${of} reproduced, ${count((one) => one.cured === true)} cured, ${count((one) => one.cured === null)} without a known cure, ${count((one) => one.absent)} absent without their cause`;
  return `${entries.join('\n')}\n\n${total}\n`;
}

/** One figure: what it is, reported and simulated. */
export function figureText({ name, reported, simulated, unit, within }: IncidentResult['figures'][number]): string {
  const value = simulated === null ? 'nothing' : `${String(simulated)}${unit === '1' ? '' : ` ${unit}`}`;
  return `${name}: reported ${reported}, simulated ${value}${within ? '' : ' (outside)'}`;
}
