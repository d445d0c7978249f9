/** `idflow validate`: checks scenario files and says everything that is wrong with any of them. */
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { InputFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { readScenario } from '../scenario-file.ts';
import { tellNotes } from './run.ts';

/**
 * Checks files.
 *
 * @throws InputFailure with the problems of all of them, if there are any
 */
export async function validate(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loadings = await Promise.all(invocation.targets.map((target) => readScenario(target)));
  const problems = loadings.flatMap((loading) => (loading.ok ? [] : loading.lines));
  if (problems.length > 0) throw new InputFailure(problems);
  for (const loading of loadings) {
    if (!loading.ok) continue;
    const { scenario, warnings } = loading.loaded;
    tellNotes(loading.loaded, invocation, host);
    const counts = `${String(scenario.steps.length)} steps, ${String(scenario.expectations.length)} expectations, ${String(warnings.length)} warnings`;
    host.out(`${scenario.path}: valid (${counts})\n`);
  }
  return EXIT.holds;
}
