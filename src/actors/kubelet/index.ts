/**
 * kubelet: one per node; runs the pods that are bound to it.
 *
 * Follows Kubernetes `pkg/kubelet` in what the rest of the world can see: registration, addresses, container starts and ends, crash
 * back-off, liveness probes, status. The parts are files of this folder.
 *
 *   NodeBooted ─► register ─► Ready          orders (watch) ─► address ─► container ─► process actor ─► status
 *                                            deletionTimestamp ─► SIGTERM ─► end ─► delete with no grace
 *
 * Simplified: a pod has one main container that matters, with one process; nothing is evicted for lack of memory or disk.
 */
import type { MessageOf } from '../../model/messages/index.ts';
import { keyOf } from '../../model/kubernetes.ts';
import { haltMachine } from '../../model/machine.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { COOLED, poolSizeOf } from './addresses.ts';
import { complete, drop, dropAll, kill, onKillContainer, onProcessExited, restartGracefully, terminate } from './ending.ts';
import { onProbeAnswer, onProbeFailed, probe } from './probes.ts';
import { takeUpPods } from './reboot.ts';
import { becomeReady, onRegistered, register } from './registration.ts';
import { onReported, report } from './reports.ts';
import { serveTokenProxy } from './token-proxy.ts';
import { admit, admitWaiting, adopt, begin, startContainer } from './starting.ts';
import { blankState, podsOf } from './state.ts';
import type { KubeletState } from './state.ts';
import { onVolumeSetUp, onVolumeStep } from './volumes.ts';

/** What it can be told. */
export type KubeletInbox = MessageOf<
  | 'NodeBooted'
  | 'NodeLost'
  | 'NodeFailureDue'
  | 'WatchEvent'
  | 'PodStepDue'
  | 'NodeStepDue'
  | 'VolumeStepDue'
  | 'VolumeSetUpDone'
  | 'ApiResponse'
  | 'ProcessExited'
  | 'KillContainer'
  | 'ProbeAnswer'
>;

/** The actor `kubelet/<node>`. */
export const kubelet = defineActor<KubeletState, KubeletInbox>({
  kind: 'kubelet',
  initial: blankState,
  handlers: {
    NodeBooted: onNodeBooted,
    NodeLost: onNodeLost,
    NodeFailureDue: (state, _message, turn) => {
      haltMachine(turn, state.vm);
    },
    WatchEvent: (state, { key }, turn) => {
      follow(state, key, turn);
    },
    PodStepDue: onPodStepDue,
    NodeStepDue: onNodeStepDue,
    VolumeStepDue: onVolumeStep,
    VolumeSetUpDone: (state, message, turn) => {
      const ready = onVolumeSetUp(state, message, turn);
      if (ready !== undefined) begin(state, ready, turn);
    },
    ApiResponse: onApiResponse,
    ProcessExited: onProcessExited,
    KillContainer: onKillContainer,
    ProbeAnswer: (state, message, turn) => {
      const sick = onProbeAnswer(state, message, turn);
      if (sick !== undefined) restartGracefully(state, sick, turn);
    },
  },
});

function onNodeBooted(state: KubeletState, message: MessageOf<'NodeBooted'>, turn: Turn): void {
  const { node, vm, pool, providerID, start } = message;
  const resource = turn.table('virtualMachines').get(vm)?.resource ?? '';
  const row = turn.table('nodePools').get(resource);
  const maxPods = row?.maxPods ?? turn.knob('limits.podsPerNode');
  for (const image of row?.images ?? []) state.images[image] = 'present';
  const taints = [...(row?.taints ?? []), ...(row?.startupTaints ?? [])].map((taint) => ({ ...taint }));
  Object.assign(state, { taints, node, vm, pool, providerID, maxPods, poolSize: poolSizeOf(maxPods, turn) });
  turn.watch('pods', { partition: podsOf(node), projection: 'orders' });
  turn.setTimer('failure', turn.draw('node.failure.interarrival', node), { type: 'NodeFailureDue' }, { label: 'idle' });
  if (start !== 'settled') {
    if (start === 'again') for (const key of takeUpPods(state, turn)) follow(state, key, turn);
    register(state, turn);
    return;
  }
  state.readyAt = 0;
  // Running pods first: their addresses are taken before anyone is given a new one.
  const pods = turn.informer('pods', podsOf(node)).by('node', node);
  for (const pod of pods) if (pod.status.phase === 'Running') adopt(state, keyOf(pod), pod, turn);
  for (const pod of pods) follow(state, keyOf(pod), turn);
}

/** Everything on the machine ends with it; the pods stay in the API until someone removes them. */
function onNodeLost(state: KubeletState, { how }: MessageOf<'NodeLost'>, turn: Turn): void {
  dropAll(state, how === 'down' ? 'nodeDown' : 'nodeLost', turn);
  turn.stop(`iptables/${state.node}`);
  turn.stop(`volume-plugin/${state.node}`);
  turn.stop(turn.self);
}

/** Does what the API now orders about one pod. */
function follow(state: KubeletState, key: string, turn: Turn): void {
  const pod = turn.informer('pods', podsOf(state.node)).get(key);
  const uid = pod?.metadata.uid;
  if (uid !== state.pods[key]?.uid) drop(state, key, turn);
  if (pod === undefined) return;
  const isKnown = state.pods[key] !== undefined;
  if (pod.metadata.deletionTimestamp !== undefined) {
    // A pod that was bound and deleted before this kubelet saw it is ended in the same way as one that never started.
    if (!isKnown) admit(state, key, pod, turn);
    terminate(state, key, turn);
    return;
  }
  if (!isKnown && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed') admit(state, key, pod, turn);
}

function onPodStepDue(state: KubeletState, { pod: key, uid, step }: MessageOf<'PodStepDue'>, turn: Turn): void {
  // The name may be another pod's by now.
  if (state.pods[key]?.uid !== uid) return;
  switch (step) {
    case 'start':
    case 'restart':
      startContainer(state, key, turn);
      return;
    case 'publishIp':
    case 'sync':
      report(state, key, turn);
      return;
    case 'kill':
      kill(state, key, turn);
      return;
    case 'complete':
      complete(state, key, turn);
      return;
    case 'proxy':
      serveTokenProxy(state, key, turn);
      return;
    case 'probe':
      probe(state, key, turn);
      return;
    case 'probeTimeout': {
      const sick = onProbeFailed(state, key, turn);
      if (sick !== undefined) restartGracefully(state, sick, turn);
      return;
    }
    case 'pull':
    case 'ready':
    case 'finish':
      // Parts of other steps here: nothing of that name is ever armed.
      throw new Error(`kubelet arms no step ${step}`);
  }
}

function onNodeStepDue(state: KubeletState, { step }: MessageOf<'NodeStepDue'>, turn: Turn): void {
  if (step === 'register') register(state, turn);
  else if (step === 'ready') becomeReady(state, turn);
  else if (step.startsWith(`${COOLED} `)) {
    delete state.taken[step.slice(COOLED.length + 1)];
    admitWaiting(state, turn);
  }
}

function onApiResponse(state: KubeletState, message: MessageOf<'ApiResponse'>, turn: Turn): void {
  const [, what, about] = message.request.split(' ');
  if (about === 'node' && (what === 'register' || what === 'ready')) onRegistered(state, what, message, turn);
  else onReported(state, message, turn);
}
