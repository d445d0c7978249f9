/**
 * Writes docs/RACES.md: every class of races with its rule, and a packaged scenario in which it occurs beside one in which it does not.
 *
 *   tsx scripts/races.ts          writes the page anew
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { packageFolder } from '../src/cli/package-folder.ts';
import { needScenario } from '../src/cli/scenario-file.ts';
import { runScenario } from '../src/experiments/run.ts';
import type { Report } from '../src/report/document/index.ts';
import { RACE_RULES } from '../src/report/races/rules.ts';
import { RACE_CLASS_NAMES, RACE_CLASSES } from '../src/scenarios/schema/metric-names.ts';
import type { RaceClass } from '../src/scenarios/schema/metric-names.ts';

const PAGE = path.join(packageFolder, 'docs', 'RACES.md');

/** For each class a scenario that shows it, and one in which it could happen and does not. */
const PAIRS: Readonly<Record<RaceClass, readonly [shows: string, spares: string]>> = {
  askedBeforeAssigned: ['rbac-day-one', 'role-removed'],
  staleRevision: ['scale-out-in-waves', 'namespace-deleted'],
  lostUpdate: ['two-writers', 'namespace-deleted'],
  removedWhileInUse: ['two-names-for-one-identity', 'namespace-deleted'],
  assignedAfterGone: ['pod-deleted-mid-assignment', 'rbac-day-one'],
  servedOtherPod: ['pod-ip-reuse', 'watch-stall'],
  bypassedNmi: ['nmi-rolling-update', 'nmi-out-of-memory'],
  twoLeaders: ['leader-hangs-mid-patch', 'aks-sql-token'],
  stuckAssignment: ['bad-identity-in-batch', 'rbac-day-one'],
  flappingAssignment: ['two-names-for-one-identity', 'pod-deleted-mid-assignment'],
  duplicateAssignment: ['two-names-for-one-identity', 'pod-deleted-mid-assignment'],
  wedge: ['patch-16-minutes', 'arm-429-storm'],
};

/** What a scenario shows of a class. */
export interface RaceShowing {
  readonly scenario: string;
  readonly race: Report['races'][number];
}

/** A class with its pair. */
export interface RacePair {
  readonly race: RaceClass;
  readonly shows: RaceShowing;
  readonly spares: RaceShowing;
}

/** Runs the scenarios of all pairs, each once. */
export async function racePairs(): Promise<readonly RacePair[]> {
  const reports = new Map<string, Report>();
  for (const name of new Set(Object.values(PAIRS).flat())) {
    const { scenario } = await needScenario(name);
    reports.set(name, runScenario({ scenario }).report);
  }
  const showing = (scenario: string, race: RaceClass): RaceShowing => {
    const found = reports.get(scenario)?.races.find((one) => one.race === race);
    if (found === undefined) throw new Error(`the report of ${scenario} says nothing of ${race}`);
    return { scenario, race: found };
  };
  return RACE_CLASS_NAMES.map((race) => ({ race, shows: showing(PAIRS[race][0], race), spares: showing(PAIRS[race][1], race) }));
}

const INTRODUCTION = `# Races, by their rules

A race is counted where the order of things did harm, or nearly did: whoever asked, wrote or answered was too early, too late, or knew less
than the API server and ARM did. Each class below has a rule that anybody can check in the trace.

MIC decides which pod gets which identity and writes an AzureAssignedIdentity for it: \`Created\` once it has decided, \`Assigned\` once the
identity is on the VM or scale set, gone when the pod is. NMI stands on each node between the pods and IMDS, which hands out the tokens, and
looks at the AzureAssignedIdentities before it asks IMDS.

An _occasion_ is a moment at which the race could have happened; a rate is the count for 1,000 occasions. \`idflow run\` counts the classes of
every run, \`--verbose\` adds the first and the worst example and \`--json\` the same as data, with the number of the event in the trace and the
moment; \`idflow why SCENARIO 'race CLASS'\` tells how the first one came about. This page is made by \`scripts/races.ts\` from the rules of the
detectors and a run of each scenario named.
`;

/** The page. */
export async function racesPage(pairs: readonly RacePair[]): Promise<string> {
  return format(`${INTRODUCTION}\n${pairs.map(sectionOf).join('\n')}`, { parser: 'markdown', printWidth: 140 });
}

function sectionOf({ race, shows, spares }: RacePair): string {
  const { occasion, counts } = RACE_RULES[race];
  const worst = shows.race.worst === null ? '' : ` The worst: ${shows.race.worst.text}.`;
  return [
    `## ${race}\n`,
    `${sentence(RACE_CLASSES[race])}\n`,
    `- Occasion: ${occasion}.`,
    `- Counts if ${counts}.`,
    `- Occurs in \`${shows.scenario}\`: ${rateOf(shows)}. The first: ${shows.race.first?.text ?? ''}.${worst}`,
    `- Does not occur in \`${spares.scenario}\`: ${rateOf(spares)}.`,
    '',
  ].join('\n');
}

function rateOf({ race: { count, examined, perThousand } }: RaceShowing): string {
  return `${String(count)} of ${String(examined)} occasions (${perThousand === null ? '-' : String(perThousand)} per 1,000)`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, await racesPage(await racePairs()));
