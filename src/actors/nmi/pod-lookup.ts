/** NMI finds out which pod asks: by source address in its cache, five scans with 300 ms between. */
import { keyOf } from '../../model/kubernetes.ts';
import type { AzurePodIdentityException, Pod } from '../../model/kubernetes.ts';
import { ANSWERS } from '../../model/nmi/answers.ts';
import { isExcepted, isMic } from '../../model/nmi/exceptions.ts';
import { nmiFlags } from '../../model/nmi/flags.ts';
import { scanForPod } from '../../model/nmi/pod-by-ip.ts';
import type { Seen } from '../../kernel/informer.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { askImds } from './acquisition.ts';
import { answer } from './answer.ts';
import { citeRevision } from './citation.ts';
import { findIdentity } from './identity-lookup.ts';
import type { NmiState, OpenRequest } from './state.ts';

/** One scan, and what follows from it. Faithful: two pods with the address are an error at once, without another scan. */
export function scan(state: NmiState, request: string, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  const found = scanForPod(turn.informer('pods', { index: 'node', value: state.node }).revisionsBy('ip', open.sourceIP));
  if (found.kind === 'one') {
    resolved(state, request, found.pod, turn);
    return;
  }
  if (found.kind === 'several') {
    answer(state, request, ANSWERS.podAmbiguous, turn);
    return;
  }
  turn.fact({ type: 'nmi-kubernetes-call-failed', node: state.node, request, operation: 'get_pod_list' });
  if (open.attempt >= turn.knob('nmi.podLookup.retries')) {
    answer(state, request, ANSWERS.podUnknown, turn);
    return;
  }
  open.attempt += 1;
  turn.setTimer(`pod:${request}`, turn.knob('nmi.podLookup.sleep'), { type: 'PodLookupDue', request }, { label: 'nmiLookup' });
}

function resolved(state: NmiState, request: string, seen: Seen<Pod>, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  citeRevision(seen, turn);
  const pod = seen.value;
  open.pod = keyOf(pod);
  open.isExcepted = passes(state, pod, turn);
  turn.fact({ type: 'nmi-resolved', node: state.node, request, sender: open.sender, resolved: open.pod, isExcepted: open.isExcepted });
  if (open.isExcepted) forward(state, request, open, turn);
  else findIdentity(state, request, turn);
}

function passes(state: NmiState, pod: Pod, turn: Turn): boolean {
  const exceptions: readonly AzurePodIdentityException[] = turn
    .informer('azurePodIdentityExceptions')
    .by('namespace', pod.metadata.namespace);
  return isExcepted(pod.metadata.labels, exceptions) || isMic(pod, nmiFlags(turn, state.own).micNamespace);
}

/** Faithful: NMI asks anew for such a pod, by client id or for the default identity; a resource id is lost on the way. */
function forward(state: NmiState, request: string, open: OpenRequest, turn: Turn): void {
  askImds(state, request, open.clientId, turn);
}
