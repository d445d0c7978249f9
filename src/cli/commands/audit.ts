/** `idflow audit`: who used which service, by service principal and when, as the logs would show it, beside the truth of the run. */
import { beginRun } from '../../experiments/run.ts';
import { AuditTrail } from '../../report/audit/trail.ts';
import { auditText } from '../audit-text.ts';
import { driveToEnd } from '../drive.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { knobSettings } from '../knob-settings.ts';
import { replayCommand, tokenOf } from '../reproduction.ts';
import { needScenario } from '../scenario-file.ts';
import { tellNotes } from './run.ts';

/** Runs a scenario and prints its logs; what the scenario expects is not judged here. */
export async function audit(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loaded = await needScenario(invocation.targets[0] ?? '');
  const overrides = knobSettings(invocation.set, loaded.scenario);
  const choices = { seed: invocation.seed ?? loaded.scenario.seed, overrides, ties: invocation.ties };
  tellNotes(loaded, invocation, host);
  const command = replayCommand(tokenOf(loaded, choices));
  const underWay = beginRun({ scenario: loaded.scenario, ...choices, mode: invocation.mode });
  const trail = new AuditTrail(underWay.simulation);
  underWay.simulation.observe(trail);
  await driveToEnd(underWay, host, { replayAt: (event) => replayCommand(tokenOf(loaded, choices, event)) });
  const { report, outcome } = underWay.finish();
  const logs = {
    scenario: loaded.reference,
    seed: choices.seed,
    fingerprint: outcome.fingerprint,
    command,
    summary: report.audit,
    accesses: trail.accesses(),
    signIns: trail.signIns(),
  };
  if (invocation.output === 'json') host.out(`${JSON.stringify({ format: 'idflow.audit/1', ...logs }, null, 2)}\n`);
  else host.out(auditText(logs, { host, detail: invocation.detail }));
  return EXIT.holds;
}
