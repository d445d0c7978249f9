/** Steps and questions that the tests of NMI's weaknesses share. */
import type { RulesOperation } from '../../../../src/model/messages/token.ts';
import type { Turn } from '../../../../src/model/vocabulary.ts';
import { seconds } from '../../../../src/kernel/time.ts';
import type { WorkloadRow } from '../../../../src/model/workload.ts';
import { assignedObject, identityObject, NODE, podObject, POD_IP } from '../../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../../support/token-path.ts';
import type { Seen, TokenPath } from '../../../support/token-path.ts';
import type { ScriptStep } from '../../../support/token-path-stand-ins.ts';

/** The one NMI. */
export const NMI = `nmi/${NODE}`;

/** Identity `one`, which pod `app` has in {@link BASE}. */
export const ONE = identityObject('one');

/** A pod with its identity Assigned. */
export const BASE: TokenPath = { pods: [podObject()], assigned: [assignedObject(ONE, 'Assigned')], until: 400 };

/** A token request at that second; its name is `q` and the second. */
export function ask(at: number, more: Parameters<typeof requestToken>[1] = {}): ScriptStep {
  return { at, act: requestToken(`q${String(at)}`, more) };
}

/** The client of the request asked at `asked` hangs up. */
export function hangUp(at: number, asked: number): ScriptStep {
  return { at, act: (turn) => turn.send(`iptables/${NODE}`, { type: 'ConnectionClosed', request: `q${String(asked)}` }) };
}

/** Somebody changes the node's rules. */
export function rules(at: number, op: RulesOperation): ScriptStep {
  return { at, act: (turn) => turn.send(`iptables/${NODE}`, { type: 'RulesCommand', request: 'r', op }) };
}

/** A look at the health page. */
export function probe(at: number): ScriptStep {
  return { at, act: (turn) => turn.send(NMI, { type: 'Probe', request: 'p' }) };
}

/** A process of NMI gets SIGTERM. */
export function terminate(at: number): ScriptStep {
  return { at, act: (turn) => turn.send(NMI, { type: 'Signal', signal: 'SIGTERM' }) };
}

/** NMI is gone without a word, as after SIGKILL. */
export function vanish(at: number): ScriptStep {
  return { at, act: (turn) => turn.stop(NMI) };
}

/** A new process of NMI begins. */
export function start(at: number): ScriptStep {
  return {
    at,
    act: (turn) => turn.spawn({ id: NMI, kind: 'nmi' }, { type: 'NmiStarted', pod: 'kube-system/nmi-x', node: NODE, start: 'cold' }),
  };
}

/** One of NMI's caches stops, or goes on, taking in changes. */
export function cache(at: number, table: Parameters<Turn['stall']>[1], state: 'frozen' | 'flowing'): ScriptStep {
  return { at, act: (turn) => turn.stall(NMI, table, state) };
}

/** Who answered, in order. */
export function servedBy(seen: Seen): readonly string[] {
  return seen.answers.map(({ answer }) => answer.servedBy);
}

/** Status and second of each answer. */
export function answers(seen: Seen): readonly (readonly [number, number])[] {
  return seen.answers.map(({ status, at }) => [status, at]);
}

/** Client ids of the tokens, in order; `''` for an answer without one. */
export function identities(seen: Seen): readonly string[] {
  return seen.answers.map(({ answer }) => answer.body?.token.appId ?? '');
}

/** Bodies of the health page, with their statuses. */
export function pages(seen: Seen): readonly string[] {
  return seen.deliveries.flatMap(({ message }) => (message.type === 'ProbeAnswer' ? [`${String(message.status)} ${message.body}`] : []));
}

/** A pod `app` whose process asks once, by such a token client, from second 0. */
export function runClient(client: string, path: TokenPath, row: Partial<WorkloadRow> = {}): Seen {
  return runTokenPath({
    ...BASE,
    until: 2000,
    ...path,
    fill: (sim) => {
      path.fill?.(sim);
      sim.fill('workloads', 'app', { name: 'app', client, clientId: '', resource: 'r', service: '', every: seconds(0), ...row });
      const place = {
        pod: 'default/app',
        podUid: 'u',
        node: NODE,
        gateway: `iptables/${NODE}`,
        ip: POD_IP,
        network: 'pod',
        startedAt: sim.now,
      } as const;
      sim.add({ id: 'pod/default/app', kind: 'pod' }, { type: 'WorkloadStarted', workload: 'app', place });
    },
  });
}
