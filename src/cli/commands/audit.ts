/** `idflow audit`: who used which service, by service principal and when, as the logs would show it, beside the truth of the run. */
import { AuditTrail } from '../../report/audit/trail.ts';
import { auditText } from '../audit-text.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { replayCommand, tokenOf } from '../reproduction.ts';
import type { World } from '../../scenarios/assemble/index.ts';
import { needScenario } from '../scenario-file.ts';
import { choicesOf, watchedRun } from '../watched-run.ts';
import { tellNotes } from './run.ts';

/** Runs a scenario and prints its logs; what the scenario expects is not judged here. */
export async function audit(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loaded = await needScenario(invocation.targets[0] ?? '');
  const choices = choicesOf(invocation, loaded);
  tellNotes(loaded, invocation, host);
  const command = replayCommand(tokenOf(loaded, choices));
  const lookOn = (simulation: World): AuditTrail => {
    const trail = new AuditTrail(simulation);
    simulation.observe(trail);
    return trail;
  };
  const { report, outcome, seen: trail } = await watchedRun(loaded, choices, lookOn, { invocation, host });
  const logs = {
    scenario: loaded.reference,
    seed: choices.seed,
    fingerprint: outcome.fingerprint,
    command,
    summary: report.audit,
    accesses: trail.accesses(),
    signIns: trail.signIns(),
    signInsForgotten: trail.forgotten,
  };
  if (invocation.output === 'json') host.out(`${JSON.stringify({ format: 'idflow.audit/1', ...logs }, null, 2)}\n`);
  else host.out(auditText(logs, { host, detail: invocation.detail }));
  return EXIT.holds;
}
