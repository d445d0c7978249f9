/**
 * From a pod bound to this node to its running container.
 *
 *   orders ─► volumes ─► address ─(image.pull.* + pod.start)─► init containers ─► container-started, process ─(pod.ipVisibleLag)─► status: Running, ready, podIP
 *
 * `pod.ipVisibleLag` counts from the first code of the pod to its address in NMI's cache, watch included. Simplified: the status is written
 * that long after the start and the watch's own lag comes on top; Running, ready and the address are published together, as the kubelet's
 * status manager does. Pods of the host's network and restarted containers publish at once.
 */
import { ORIGIN, ZERO, plus } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { ownNmiOf } from '../../model/pod-identity-release/own-nmi.ts';
import { runTimeOf } from '../../model/pod-template.ts';
import { componentOf, initWorkloadsOf, workloadOf } from '../../model/selectors.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { federatedPlaceOf, WORKLOAD_IDENTITY_KEY } from '../../model/workload-identity.ts';
import { keepAddress, takeAddress } from './addresses.ts';
import { imagesNeeded, nextInit, startInit } from './init-containers.ts';
import { processOf, startProcess } from './process.ts';
import { report } from './reports.ts';
import { setStep } from './state.ts';
import type { KubeletState, PodRun } from './state.ts';
import { serveTokenProxy, startTokenProxy, waitForTokenProxy } from './token-proxy.ts';
import { isMounting, setUpVolumes, volumeRuns } from './volumes.ts';

/** A pod was bound here: fills its volumes, gives it an address and begins its start, or lets it wait for one. */
export function admit(state: KubeletState, key: string, pod: Pod, turn: Turn): void {
  const run = runOf(state, key, pod, turn);
  state.pods[key] = run;
  if (isMounting(run)) setUpVolumes(state, key, turn);
  else begin(state, key, turn);
}

/** An address was freed: the pod that waited longest gets it. */
export function admitWaiting(state: KubeletState, turn: Turn): void {
  const key = state.waiting.shift();
  if (key !== undefined) begin(state, key, turn);
}

/** Gives a pod its address and begins its start, or lets it wait for one. */
export function begin(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  run.ip = takeAddress(state, { key, network: run.network }, turn);
  run.phase = run.ip === '' ? 'waiting' : 'starting';
  if (run.ip === '') state.waiting.push(key);
  else setStep(turn, { key, uid: run.uid, step: 'start', delay: startDelay(state, key, turn), label: 'podStart' });
}

/** The container begins. */
export function startContainer(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined || (run.phase !== 'starting' && run.phase !== 'backoff')) return;
  const init = nextInit(run);
  if (init !== undefined) {
    startInit(state, key, init, turn);
    publish(state, key, { phase: 'Pending', ready: false, podIP: run.ip }, turn);
    return;
  }
  run.phase = 'running';
  run.startedAt = turn.now;
  const { uid, ip, image, createdAt } = run;
  turn.fact({ type: 'container-started', pod: key, uid, node: state.node, ip, image, createdAt });
  startTokenProxy(state, key, turn);
  startProcess(state, key, 'cold', turn);
  if (run.runFor >= 0) setStep(turn, { key, uid, step: 'complete', delay: run.runFor as Duration, label: 'other' });
  publish(state, key, { phase: 'Running', ready: true, podIP: ip }, turn);
}

/** An init container has ended well: the next one, or the main containers. */
export function goOnAfterInit(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  run.phase = 'starting';
  setStep(turn, { key, uid: run.uid, step: 'start', delay: pullTime(state, key, turn), label: 'podStart' });
}

/** Tells the new status; the first with an address takes the time an address takes to be known. */
function publish(state: KubeletState, key: string, status: PodRun['report'], turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  const isFirst = run.report.podIP === '';
  run.report = status;
  if (isFirst && run.network === 'pod')
    setStep(turn, { key, uid: run.uid, step: 'publishIp', delay: turn.draw('pod.ipVisibleLag', key), label: 'podIp' });
  else report(state, key, turn);
}

/** A pod that has been running since before the world began. */
export function adopt(state: KubeletState, key: string, pod: Pod, turn: Turn): void {
  const run = runOf(state, key, pod, turn);
  const { phase, ready, podIP } = pod.status;
  run.phase = 'running';
  run.initEnds = run.inits.map(({ name }) => ({ name, exitCode: 0, reason: 'Completed' }));
  run.ip = podIP;
  run.startedAt = pod.status.startedAt ?? turn.now;
  run.restarts = pod.status.restarts;
  run.report = { phase, ready, podIP };
  state.pods[key] = run;
  if (run.network === 'pod') keepAddress(state, podIP, key);
  for (const { image } of pod.spec.containers) state.images[image] = 'present';
  if (run.component === 'nmi') state.nmiSeen = 'yes';
  const { uid, image, createdAt } = run;
  turn.fact({ type: 'container-started', pod: key, uid, node: state.node, ip: podIP, image, createdAt });
  serveTokenProxy(state, key, turn);
  startProcess(state, key, 'settled', turn);
  if (run.runFor >= 0) setStep(turn, { key, uid, step: 'complete', delay: run.runFor as Duration, label: 'other' });
}

/** Time until the first container runs: pull of what the node lacks, and the start itself. */
function startDelay(state: KubeletState, key: string, turn: Turn): Duration {
  if (state.pods[key]?.component === 'nmi' && state.nmiSeen === 'no') {
    notePresent(state, imagesNeeded(state.pods[key]));
    return firstNmiDelay(state, turn);
  }
  return plus(plus(pullTime(state, key, turn), turn.draw('pod.start', key)), waitForTokenProxy(state.pods[key], key, turn));
}

/** Time until the node has the images that a pod's next container needs. */
function pullTime(state: KubeletState, key: string, turn: Turn): Duration {
  const run = state.pods[key];
  const missing = run === undefined ? [] : imagesNeeded(run).filter((image) => state.images[image] === undefined);
  notePresent(state, missing);
  let pull: Duration = turn.draw('image.pull.cached', key);
  for (const image of missing) pull = plus(pull, turn.draw('image.pull.cold', `${state.node}|${image}`));
  return pull;
}

function notePresent(state: KubeletState, images: readonly string[]): void {
  for (const image of images) state.images[image] = 'present';
}

/** NMI's first start on a new node: its time counts from the node's readiness, image included. */
function firstNmiDelay(state: KubeletState, turn: Turn): Duration {
  state.nmiSeen = 'yes';
  const isCold = turn.knob('nmi.startAfterReady.image') === 'cold';
  const took = isCold ? turn.draw('nmi.startAfterReady.cold', state.node) : turn.draw('nmi.startAfterReady.cached', state.node);
  const since = state.readyAt < 0 ? turn.now : state.readyAt;
  return Math.max(ZERO, since + took - turn.now) as Duration;
}

/** A pod as this node begins with it. */
export function runOf(state: KubeletState, key: string, pod: Pod, turn: Turn): PodRun {
  const workload = workloadOf(pod, turn.table('workloads'));
  const component = componentOf(pod) ?? (workload === undefined ? 'none' : 'workload');
  const main = pod.spec.containers[0] ?? { image: '', args: [] };
  const own = component === 'nmi' ? ownNmiOf(main, turn.table('settings').get(SETTINGS_KEY)) : {};
  const federated = federatedPlaceOf(pod, turn.table('workloadIdentity').get(WORKLOAD_IDENTITY_KEY));
  return {
    uid: pod.metadata.uid,
    createdAt: pod.metadata.creationTimestamp ?? ORIGIN,
    image: pod.spec.containers[0]?.image ?? '',
    images: pod.spec.containers.map(({ image }) => image),
    component,
    ...(Object.keys(own).length === 0 ? {} : { nmi: own }),
    workload: component === 'workload' ? (workload?.name ?? '') : '',
    process: processOf(component, { key, node: state.node }),
    network: pod.spec.hostNetwork ? 'host' : 'pod',
    ...(federated === undefined ? {} : { federated }),
    ...(federated === undefined || pod.spec.tokenProxy === undefined ? {} : { tokenProxy: pod.spec.tokenProxy }),
    restartPolicy: pod.spec.restartPolicy,
    grace: pod.spec.terminationGracePeriod,
    runFor: runTimeOf(pod) ?? -1,
    phase: 'waiting',
    volumes: volumeRuns(pod.spec.volumes ?? []),
    mountWaits: 0,
    inits: (pod.spec.initContainers ?? []).map(({ name, image }) => ({
      name,
      image,
      workloads: initWorkloadsOf(pod, name, turn.table('workloads')).map((workload) => workload.name),
    })),
    initEnds: [],
    initProgram: 0,
    ip: '',
    startedAt: ORIGIN,
    restarts: 0,
    backoff: 0,
    report: { phase: 'Pending', ready: false, podIP: '' },
    asked: 0,
    seenAt: turn.now,
    ...(pod.spec.livenessProbe === undefined ? {} : { liveness: { ...pod.spec.livenessProbe } }),
    probe: { asked: 0, successes: 0, failures: 0 },
  };
}
