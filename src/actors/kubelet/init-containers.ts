/**
 * Init containers: one after another, each to its good end, before the pod's main containers start.
 *
 * Follows `pkg/kubelet/kuberuntime` (computeInitContainerActions). The pod is Pending meanwhile, but has its address, so NMI finds it.
 * Simplified: restartable init containers (sidecars) are left out; one of which the scenario says nothing runs for
 * `pod.initContainer.duration`.
 */
import type { Turn } from '../../model/vocabulary.ts';
import { startInitProcess, stopProcess } from './process.ts';
import { setStep } from './state.ts';
import type { InitRun, KubeletState, PodRun } from './state.ts';

/** The init container that is to run now; undefined when all are done. */
export function nextInit(run: PodRun): InitRun | undefined {
  return run.inits.find((_init, at) => run.initEnds[at]?.exitCode !== 0);
}

/** Images that the next start needs: of the next init container, or of the main ones. */
export function imagesNeeded(run: PodRun): readonly string[] {
  const init = nextInit(run);
  return init === undefined ? run.images : [init.image];
}

/** An init container begins. */
export function startInit(state: KubeletState, key: string, init: InitRun, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  run.phase = 'initializing';
  run.startedAt = turn.now;
  run.initProgram = 0;
  const { uid, ip, createdAt } = run;
  turn.fact({ type: 'container-started', pod: key, uid, node: state.node, ip, image: init.image, createdAt, init: init.name });
  if (init.workloads.length === 0)
    setStep(turn, { key, uid, step: 'complete', delay: turn.draw('pod.initContainer.duration', key), label: 'podStart' });
  else startInitProcess(state, key, init, turn);
}

/** The running init container's program has ended well: the next one begins, as after `&&` of a shell; or there is none. */
export function goOnInInit(state: KubeletState, key: string, turn: Turn): 'running' | 'ended' {
  const run = state.pods[key];
  const init = run === undefined ? undefined : nextInit(run);
  if (run === undefined || init === undefined || run.initProgram + 1 >= init.workloads.length) return 'ended';
  run.initProgram += 1;
  stopProcess(state, key, turn);
  startInitProcess(state, key, init, turn);
  return 'running';
}

/** Notes how the running init container ended; answers its name. */
export function noteInitEnd(run: PodRun, code: number): string {
  const at = run.inits.findIndex((_init, place) => run.initEnds[place]?.exitCode !== 0);
  const name = run.inits[at]?.name ?? '';
  run.initEnds[at] = { name, exitCode: code, reason: code === 0 ? 'Completed' : 'Error' };
  return name;
}
