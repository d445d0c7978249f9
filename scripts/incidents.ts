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
is reproduced if its symptom shows and its figures are met: single ones within 2 %, ranges within. Where nobody reported a figure, it says
what the symptom implies in the world played here. Its cure is one
knob or one version; with it, and without the cause, the symptom must not show: \`✓\` says that it is so. Issues without a repository are
Azure/aad-pod-identity.
`;

/** Incidents of the catalogue that no scenario re-enacts, and what is missing for that. */
const MISSING = `## Not re-enacted

**INC-14: 429 storm while AKS upgrades** (#676, #677, #742, #1139). Reported: almost 4,000 PATCHes of one scale set by MIC 1.6.1 in 1.5 h (44 a minute),
of which more than 150 failed with 429, "Retry after 20 seconds". The parts are there: the throttle of the identity provider for each scale set
(\`mi.resource.throttle\`, 45 a minute, which is itself an estimate from this thread), its Retry-After of 20 s, releases that ignore it (before 1.6.3), another
writer on the same bucket (\`armTraffic\`), and a drain (see the scenario arm-429-storm). Missing is what made MIC write every 1.4 s. In worlds of five nodes on which
five pods come or go each second, 1.6.1 wrote 1.3 times a minute, because a PATCH that changes something holds the cycle for half a minute and
1.6.1 sends none that changes nothing (\`SetUserIdentities\`); with an identity that does not exist (#1139) it wrote 94 times a minute, once for each cycle, but each of
these is refused, and 96 % of those reported were not. What else there was, and how many pods came from where, the thread does not say. Any number of them
would be put in, not come out, and with it the share of failures.
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

/** The page: a table of all, what to ask about each, and what is doubtful. */
export async function incidentsPage(all: readonly ReenactedIncident[]): Promise<string> {
  const doubts = all.filter(({ scenario }) => scenario.incident.doubt !== '');
  const text = [
    INTRODUCTION,
    table(['incident', 'symptom', 'figures', 'cure', 'absent without'], all.map(cellsOf)),
    `## Why\n\nWhat to ask for the chain of causes behind each symptom: \`idflow why FILE QUESTION\`.\n`,
    table(
      ['file', 'question'],
      all.flatMap(({ scenario: { name, incident } }) => (incident.why === undefined ? [] : [[`\`${name}\``, `\`${incident.why.ask}\``]])),
    ),
    `## In doubt\n`,
    ...doubts.map(({ scenario: { incident } }) => `- **${incident.id}**: ${incident.doubt}`),
    `\n${MISSING}`,
  ].join('\n');
  return format(text, { parser: 'markdown', printWidth: 140 });
}

/** A table whose columns are not padded: its cells are long. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
  return ['<!-- prettier-ignore-start -->', ...lines, '<!-- prettier-ignore-end -->', ''].join('\n');
}

function cellsOf({ scenario, result }: ReenactedIncident): readonly string[] {
  const { incident, name } = scenario;
  const mark = (isGood: boolean): string => (isGood ? '✓' : '✗');
  return [
    `${mark(result.reproduced)} [${incident.id}](../scenarios/incidents/${name}.yaml) ${incident.title} (${incident.issues.join(', ')})`,
    `${incident.symptom} Seen in ${incident.version}.`,
    result.figures.map((figure) => figureText(figure)).join('; '),
    incident.cure === null ? 'none known' : `${mark(result.cured === true)} ${incident.cure.change}`,
    `${mark(result.absent)} ${incident.without.change}`,
  ];
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, await incidentsPage(await reenactAll()));
