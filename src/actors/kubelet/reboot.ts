/**
 * A node that was rebooted: its pods are still bound to it, and none of their containers runs.
 *
 * Follows `pkg/kubelet` after its start: sandboxes that are gone are made anew, with new addresses, init containers run again, a pod that
 * may not restart has failed. Images are on the disk. Simplified: all at once, and the plugin has forgotten its old addresses.
 */
import { keyOf } from '../../model/kubernetes.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { retire } from './ending.ts';
import { report } from './reports.ts';
import { admit, begin, runOf } from './starting.ts';
import { podsOf } from './state.ts';
import type { KubeletState } from './state.ts';
import { isMounting, setUpVolumes } from './volumes.ts';

/** Takes up the pods of the node again; those that are over stay so. Answers those on their way out, which are still to be let go. */
export function takeUpPods(state: KubeletState, turn: Turn): readonly string[] {
  state.nmiSeen = 'yes';
  state.readyAt = 0;
  const leaving: string[] = [];
  for (const pod of turn.informer('pods', podsOf(state.node)).by('node', state.node)) {
    const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
    if (pod.metadata.deletionTimestamp !== undefined) leaving.push(keyOf(pod));
    else if (!isOver) takeUp(state, keyOf(pod), pod, turn);
  }
  return leaving;
}

function takeUp(state: KubeletState, key: string, pod: Pod, turn: Turn): void {
  const { images } = runOf(state, key, pod, turn);
  for (const image of images) state.images[image] = 'present';
  if (pod.status.phase === 'Pending') {
    admit(state, key, pod, turn);
    return;
  }
  const run = runOf(state, key, pod, turn);
  state.pods[key] = run;
  run.restarts = pod.status.restarts + 1;
  run.startedAt = pod.status.startedAt ?? turn.now;
  run.report = { phase: 'Running', ready: false, podIP: '' };
  if (run.restartPolicy === 'Never') {
    retire(state, key, 1, turn);
    return;
  }
  report(state, key, turn);
  if (isMounting(run)) setUpVolumes(state, key, turn);
  else begin(state, key, turn);
}
