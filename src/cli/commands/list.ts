/** `idflow list`: the packaged scenarios, by group, and the incidents, each with its question. */
import { isIncident } from '../../experiments/incidents.ts';
import type { ScenarioDescription } from '../../scenarios/description.ts';
import { GROUPS } from '../../scenarios/schema/scenario-schema.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { incidentFiles, packagedNames } from '../package-folder.ts';
import { needScenario } from '../scenario-file.ts';
import { styleFor } from '../style.ts';
import { wrapped } from '../text-layout.ts';

/** Lists the packaged scenarios. */
export async function list(invocation: Invocation, host: Host): Promise<ExitCode> {
  const scenarios: ScenarioDescription[] = [];
  for (const nameOrFile of [...packagedNames(), ...incidentFiles()]) scenarios.push((await needScenario(nameOrFile)).scenario);
  if (invocation.output === 'json') {
    const entries = scenarios.map((scenario) => {
      const { name, question, description, falls } = scenario;
      return { name, group: groupOf(scenario), question, description, falls, incident: scenario.incident?.id ?? null };
    });
    host.out(`${JSON.stringify(entries, null, 2)}\n`);
    return EXIT.holds;
  }
  const groups = [...GROUPS, INCIDENTS].filter((group) => scenarios.some((scenario) => groupOf(scenario) === group));
  const texts = groups.map((group) => groupText(group, { scenarios, invocation, host }));
  host.out(`${texts.join('\n')}\nRun one: idflow run NAME. Re-enact the incidents: idflow incidents --run\n`);
  return EXIT.holds;
}

/** Incidents stand apart, whatever their group. */
const INCIDENTS = 'incidents';

function groupOf(scenario: ScenarioDescription): string {
  return isIncident(scenario) ? INCIDENTS : scenario.group;
}

function groupText(
  group: string,
  {
    scenarios,
    invocation,
    host,
  }: { readonly scenarios: readonly ScenarioDescription[]; readonly invocation: Invocation; readonly host: Host },
): string {
  const style = styleFor(host);
  const members = scenarios.filter((scenario) => groupOf(scenario) === group);
  const width = Math.max(...members.map(({ name }) => name.length));
  const lines = members.flatMap(({ name, question, description }) => [
    ...wrapped(question, host.columns - width - 4).map(
      (line, index) => `  ${index === 0 ? style.name(name.padEnd(width)) : ' '.repeat(width)}  ${line}`,
    ),
    ...(invocation.detail === 'verbose' && description !== ''
      ? wrapped(description, host.columns - 6).map((line) => style.faint(`      ${line}`))
      : []),
  ]);
  return `${style.strong(group)}\n${lines.join('\n')}\n`;
}
