/** `idflow list`: the packaged scenarios, by group, and the incidents, each with its question. */
import path from 'node:path';
import { GROUPS } from '../../scenarios/schema/groups.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { incidentFiles, incidentIdOf, packagedNames, scenariosFolder } from '../package-folder.ts';
import { readHead } from '../scenario-head.ts';
import type { ScenarioHead } from '../scenario-head.ts';
import { styleFor } from '../style.ts';
import { wrapped } from '../text-layout.ts';

/** Incidents stand apart, whatever their group. */
const INCIDENTS = 'incidents';

/** A scenario as it is listed. `incident`: its id, null for what is none. */
interface Entry extends ScenarioHead {
  readonly incident: string | null;
}

/** Lists the packaged scenarios. */
export function list(invocation: Invocation, host: Host): ExitCode {
  const scenarios = packagedNames().map((name): Entry => ({ ...readHead(path.join(scenariosFolder, `${name}.yaml`)), incident: null }));
  const incidents = incidentFiles().map((file): Entry => ({ ...readHead(file), group: INCIDENTS, incident: incidentIdOf(file) }));
  const entries = [...scenarios, ...incidents];
  if (invocation.output === 'json') {
    host.out(`${JSON.stringify(entries, null, 2)}\n`);
    return EXIT.holds;
  }
  const groups = [...GROUPS, INCIDENTS].filter((group) => entries.some((entry) => entry.group === group));
  const texts = groups.map((group) => groupText(group, { entries, invocation, host }));
  host.out(`${texts.join('\n')}\nRun one: idflow run NAME. Re-enact the incidents: idflow incidents --run\n`);
  return EXIT.holds;
}

function groupText(
  group: string,
  { entries, invocation, host }: { readonly entries: readonly Entry[]; readonly invocation: Invocation; readonly host: Host },
): string {
  const style = styleFor(host);
  const members = entries.filter((entry) => entry.group === group);
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
