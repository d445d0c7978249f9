/** The processes inside containers: which actor stands for one, its first message, and its end. */
import type { Message } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { startProbes, stopProbes } from './probes.ts';
import { gatewayOf } from './token-proxy.ts';
import type { InitRun, KubeletState, PodRun } from './state.ts';

/** Brings the process of a pod to life, if it has one to simulate. */
export function startProcess(state: KubeletState, key: string, start: 'settled' | 'cold', turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined || run.process === '') return;
  const { process, component } = run;
  // A predecessor of the same id (NMI's former pod on this node) may still be there.
  if (turn.isAlive(process)) turn.stop(process);
  turn.spawn({ id: process, kind: component === 'workload' ? 'pod' : component }, firstMessage(state, key, run, start));
  startProbes(state, key, turn);
}

/** Brings the present program of an init container to life; it ends by itself. */
export function startInitProcess(state: KubeletState, key: string, init: InitRun, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  turn.spawn(
    { id: initProcessOf(key), kind: 'pod' },
    workloadStarted(state, key, run, { workload: init.workloads[run.initProgram] ?? '', until: 'firstToken' }),
  );
}

/** Actor id of an init container's program: one runs at a time, and before the pod's own. */
export function initProcessOf(key: string): string {
  return `pod/${key}`;
}

/** Ends the process of a pod, as SIGKILL does: at once, whatever it was doing. */
export function stopProcess(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  // The node closes a dead process's sockets: NMI loses a client, and connections to a dead NMI are refused from now on.
  const closes = (process: string): void => {
    turn.send(`iptables/${state.node}`, { type: 'ProcessGone', process });
  };
  if (run.inits.length > 0 && turn.isAlive(initProcessOf(key))) {
    turn.stop(initProcessOf(key));
    closes(initProcessOf(key));
  }
  if (run.process === '') return;
  turn.stop(run.process);
  stopProbes(key, turn);
  if (run.component === 'workload') closes(run.process);
  if (run.component === 'nmi') turn.send(`iptables/${state.node}`, { type: 'ListenerChanged', state: 'down' });
}

/** Actor id of the process of a pod. */
export function processOf(component: PodRun['component'], place: { readonly key: string; readonly node: string }): string {
  if (component === 'none') return '';
  if (component === 'nmi') return `nmi/${place.node}`;
  return component === 'mic' ? `mic/${place.key}` : `pod/${place.key}`;
}

function firstMessage(state: KubeletState, key: string, run: PodRun, start: 'settled' | 'cold'): Message {
  const { node } = state;
  if (run.component === 'mic') return { type: 'MicStarted', pod: key, node, start };
  if (run.component === 'nmi') {
    return { type: 'NmiStarted', pod: key, node, start, ...(run.nmi === undefined ? {} : { own: { ...run.nmi } }) };
  }
  return workloadStarted(state, key, run, { workload: run.workload });
}

function workloadStarted(
  { node }: KubeletState,
  key: string,
  run: PodRun,
  what: { readonly workload: string; readonly until?: 'firstToken' },
): Message {
  const { uid, ip, network, startedAt, federated } = run;
  const until = what.until === undefined ? {} : { until: what.until };
  const signIn = federated === undefined ? {} : { federated: { ...federated } };
  const place = { pod: key, podUid: uid, node, gateway: gatewayOf(run, { key, node }), ip, network, startedAt, ...until, ...signIn };
  return { type: 'WorkloadStarted', workload: what.workload, place };
}
