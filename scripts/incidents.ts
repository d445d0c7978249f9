/**
 * Writes docs/INCIDENTS.md: every packaged incident re-enacted on its own seed, its figures beside the reported ones.
 *
 *   tsx scripts/incidents.ts          writes the page anew
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { figureText } from '../src/cli/incidents-text.ts';
import { incidentFiles, packageFolder } from '../src/cli/package-folder.ts';
import { needScenario } from '../src/cli/scenario-file.ts';
import { isIncident, runIncident } from '../src/experiments/incidents.ts';
import type { IncidentResult, IncidentScenario } from '../src/experiments/incidents.ts';

const PAGE = path.join(packageFolder, 'docs', 'INCIDENTS.md');

const INTRODUCTION = `# Real incidents, re-enacted

Made by \`scripts/incidents.ts\` from a run of each file in \`scenarios/incidents\`; \`idflow incidents --run\` gives the same as text. An incident
is reproduced if its symptom shows and its figures are met: derived ones within 2 %, observed ones within their range. Its cure is one
knob or one version; with it, and without the cause, the symptom must not show. Issues without a repository are Azure/aad-pod-identity.
`;

/** An incident and what re-enacting it came to. */
export interface ReenactedIncident {
  readonly scenario: IncidentScenario;
  readonly result: IncidentResult;
}

/** Re-enacts all packaged incidents; each on its own seed, or on the one given. */
export async function reenactAll(seed?: string): Promise<readonly ReenactedIncident[]> {
  const all: ReenactedIncident[] = [];
  for (const file of incidentFiles()) {
    const { scenario } = await needScenario(file);
    if (isIncident(scenario)) all.push({ scenario, result: runIncident({ scenario, ...(seed === undefined ? {} : { seed }) }) });
  }
  return all;
}

/** The page. */
export async function incidentsPage(all: readonly ReenactedIncident[]): Promise<string> {
  return format(`${INTRODUCTION}\n${all.map(sectionOf).join('\n')}`, { parser: 'markdown', printWidth: 140 });
}

function sectionOf({ scenario, result }: ReenactedIncident): string {
  const { incident } = scenario;
  const cure =
    incident.cure === null ? 'No cure is known.' : `${result.cured === true ? 'Cured' : 'Not cured'} by ${incident.cure.change}.`;
  return [
    `## ${incident.id}: ${incident.title}\n`,
    `${incident.issues.join(', ')}; seen in ${incident.version}. ${incident.symptom}\n`,
    `${result.reproduced ? 'Reproduced' : 'Not reproduced'}. ${cure} ${result.absent ? 'Absent' : 'Still there'} with the cause removed (${incident.without.change}).\n`,
    ...result.figures.map((figure) => `- ${figureText(figure)}`),
    ...(incident.why === undefined ? [] : [`\nWhy: \`idflow why ${scenario.name} '${incident.why.ask}'\``]),
    ...(incident.doubt === '' ? [] : [`\nIn doubt: ${incident.doubt}`]),
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, await incidentsPage(await reenactAll()));
