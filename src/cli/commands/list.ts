/** `idflow list`: the packaged scenarios, by group, each with its question. */
import type { ScenarioDescription } from '../../scenarios/description.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { packagedNames } from '../package-folder.ts';
import { needScenario } from '../scenario-file.ts';
import { styleFor } from '../style.ts';
import { wrapped } from '../text-layout.ts';

/** Lists the packaged scenarios. */
export async function list(invocation: Invocation, host: Host): Promise<ExitCode> {
  const scenarios: ScenarioDescription[] = [];
  for (const name of packagedNames()) scenarios.push((await needScenario(name)).scenario);
  if (invocation.output === 'json') {
    const entries = scenarios.map(({ name, group, question, description, falls }) => ({ name, group, question, description, falls }));
    host.out(`${JSON.stringify(entries, null, 2)}\n`);
    return EXIT.holds;
  }
  const groups = [...new Set(scenarios.map((scenario) => scenario.group))];
  host.out(`${groups.map((group) => groupText(group, { scenarios, invocation, host })).join('\n')}\nRun one: idflow run NAME\n`);
  return EXIT.holds;
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
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  const members = scenarios.filter((scenario) => scenario.group === group);
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
