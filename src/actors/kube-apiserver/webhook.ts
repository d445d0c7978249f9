/**
 * The mutating webhook of Azure Workload Identity, as the API server calls it when a pod is created.
 *
 * Follows `apiserver/pkg/admission/plugin/webhook/mutating`: a call that reaches nobody is decided by the failure policy. `Fail` refuses
 * the pod with 500. Faithful: with `Ignore` it is stored as it came, and nothing ever looks at it again: only creation is admitted, so
 * neither a restart of its containers nor the webhook's return gives it credentials.
 *
 *   create Pod ─labelled (or all: wi.webhook.objects)─► somebody ready? ─yes─(wi.webhook.latency)─► stored with environment and volume
 *                             └─no─► Fail: 500 │ Ignore: stored as it is
 *
 * Simplified: the webhook's answer is made here; which of its pods are ready is what the server itself stores, without the lag of
 * endpoints; a pod on a lost node counts as ready until the node controller says otherwise.
 */
import type { Duration } from '../../kernel/time.ts';
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { isForWebhook, mutate, WEBHOOK, WORKLOAD_IDENTITY_KEY } from '../../model/workload-identity.ts';
import { stored } from './objects.ts';
import type { Verdict } from './objects.ts';

/** What becomes of a call at the webhook: it goes on as it is, goes on changed and later, or is refused. */
export type Admission =
  | { readonly kind: 'pass' }
  | { readonly kind: 'changed'; readonly call: ApiCall; readonly latency: Duration }
  | { readonly kind: 'refused'; readonly verdict: Verdict };

const PASS: Admission = { kind: 'pass' };

/** Asks the webhook about a call, where it is one that it is asked about. */
export function admission(call: ApiCall, turn: Turn): Admission {
  const pod = newPodOf(call, turn);
  if (pod === undefined) return PASS;
  const isFor = isForWebhook(pod);
  // Faithful: without an object selector the webhook was asked about every pod, its own copies among them (#523).
  if (!isFor && turn.knob('wi.webhook.objects') === 'labelled') return PASS;
  const key = keyOf(pod);
  if (!isReachable(key, turn)) {
    const policy = turn.knob('wi.webhook.failurePolicy');
    turn.fact({ type: 'webhook-answered', pod: key, outcome: policy === 'Fail' ? 'refused' : 'ignored', reason: 'unreachable' });
    if (policy === 'Ignore') return PASS;
    const reason = 'InternalError: failed calling webhook mutation.azure-workload-identity.io: no endpoints available';
    return { kind: 'refused', verdict: { status: 500, reason } };
  }
  if (!isFor) return PASS;
  const account = turn.table('serviceAccounts').get(keyIn(pod.metadata.namespace, pod.spec.serviceAccountName));
  const mutation = mutate(pod, account, turn.knob('wi.saToken.lifetime'));
  if (!mutation.ok) {
    turn.fact({ type: 'webhook-answered', pod: key, outcome: 'refused', reason: mutation.reason });
    return { kind: 'refused', verdict: { status: 400, reason: `BadRequest: ${mutation.reason}` } };
  }
  turn.fact({ type: 'webhook-answered', pod: key, outcome: 'mutated', reason: '' });
  const latency = turn.draw('wi.webhook.latency', key);
  const changed: ApiCall = { verb: call.verb === 'apply' ? 'apply' : 'create', object: mutation.pod };
  return { kind: 'changed', call: changed, latency };
}

/** The pod that a call would create, in a cluster with the webhook. */
function newPodOf(call: ApiCall, turn: Turn): Pod | undefined {
  if ((call.verb !== 'create' && call.verb !== 'apply') || call.object.kind !== 'Pod') return undefined;
  if (turn.table('workloadIdentity').get(WORKLOAD_IDENTITY_KEY) === undefined) return undefined;
  return stored(turn, 'Pod', keyOf(call.object)) === undefined ? call.object : undefined;
}

function isReachable(key: string, turn: Turn): boolean {
  const copies = turn.table('pods').by('owner', `Deployment/${keyIn(WEBHOOK.namespace, WEBHOOK.name)}`);
  const isReady = copies.some(({ metadata, status }) => status.ready && metadata.deletionTimestamp === undefined);
  return isReady && turn.draw('wi.webhook.unavailableProb', key) === 0;
}
