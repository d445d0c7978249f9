/**
 * The mutating webhook of Azure Workload Identity, as the API server calls it when a pod is created.
 *
 * Follows `apiserver/pkg/admission/plugin/webhook/mutating`: a call that reaches nobody, or that nobody answers in time, is decided by the
 * failure policy. `Fail` refuses the pod with 500. Faithful: with `Ignore` it is stored as it came, and nothing ever looks at it again: only creation is admitted, so
 * neither a restart of its containers nor the webhook's return gives it credentials.
 *
 *   create Pod ─labelled (or all: wi.webhook.objects)─► somebody ready? ─yes─(wi.webhook.latency)─► stored with environment and volume
 *                             └─no, or not within wi.webhook.timeout─► Fail: 500 │ Ignore: stored as it is
 *
 * Simplified: the webhook's answer is made here; which of its pods are ready is what the server itself stores, without the lag of
 * endpoints; a pod on a lost node counts as ready until the node controller says otherwise.
 */
import { after, ORIGIN, ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { isForWebhook, mutate, WEBHOOK, WEBHOOK_NAMESPACES, WORKLOAD_IDENTITY_KEY } from '../../model/workload-identity.ts';
import { stored } from './objects.ts';
import type { Verdict } from './objects.ts';

/** What becomes of a call at the webhook: it goes on as it is, waits for its answer, or is refused. */
export type Admission =
  | { readonly kind: 'pass' }
  | { readonly kind: 'waits'; readonly call: ApiCall; readonly pod: string; readonly outcome: Outcome; readonly took: Duration }
  | { readonly kind: 'refused'; readonly verdict: Verdict };

type Outcome = 'mutated' | 'ignored' | 'refused';

const PASS: Admission = { kind: 'pass' };

/** Asks the webhook about a call, where it is one that it is asked about. */
export function admission(call: ApiCall, turn: Turn): Admission {
  const pod = newPodOf(call, turn);
  const owner = pod === undefined ? undefined : installedWebhook(turn);
  if (pod === undefined || owner === undefined) return PASS;
  const isFor = isForWebhook(pod);
  // Faithful: without an object selector the webhook was asked about every pod, its own copies among them (#523).
  if (!isFor && turn.knob('wi.webhook.objects') === 'labelled') return PASS;
  const key = keyOf(pod);
  const outcome = turn.knob('wi.webhook.failurePolicy') === 'Fail' ? 'refused' : 'ignored';
  if (!hasReadyCopy(owner, turn)) {
    turn.fact({ type: 'webhook-answered', pod: key, outcome, reason: 'unreachable', took: ZERO });
    return outcome === 'ignored' ? PASS : { kind: 'refused', verdict: failedCall('no endpoints available') };
  }
  const timeout = turn.knob('wi.webhook.timeout');
  const silent: Admission = { kind: 'waits', call, pod: key, outcome, took: timeout };
  if (!isServing(owner, turn) || turn.draw('wi.webhook.unavailableProb', key) === 1) return silent;
  if (!isFor) return PASS;
  const took = turn.draw('wi.webhook.latency', key);
  if (took >= timeout) return silent;
  const account = turn.table('serviceAccounts').get(keyIn(pod.metadata.namespace, pod.spec.serviceAccountName));
  const mutation = mutate(pod, account, turn.knob('wi.saToken.lifetime'));
  if (!mutation.ok) {
    turn.fact({ type: 'webhook-answered', pod: key, outcome: 'refused', reason: mutation.reason, took: ZERO });
    return { kind: 'refused', verdict: { status: 400, reason: `BadRequest: ${mutation.reason}` } };
  }
  const changed: ApiCall = { verb: call.verb === 'apply' ? 'apply' : 'create', object: mutation.pod };
  return { kind: 'waits', call: changed, pod: key, outcome: 'mutated', took };
}

/** The webhook has answered, or is waited for no more: the verdict of a refusal; undefined: the call goes on. */
export function admitted({ pod, outcome, took }: MessageOf<'AdmissionDue'>, turn: Turn): Verdict | undefined {
  const reason = outcome === 'mutated' ? '' : 'context deadline exceeded';
  turn.fact({ type: 'webhook-answered', pod, outcome, reason, took });
  return outcome === 'refused' ? failedCall(reason) : undefined;
}

function failedCall(reason: string): Verdict {
  return { status: 500, reason: `InternalError: failed calling webhook mutation.azure-workload-identity.io: ${reason}` };
}

/** The pod that a call would create, in a cluster with workload identity. */
function newPodOf(call: ApiCall, turn: Turn): Pod | undefined {
  if ((call.verb !== 'create' && call.verb !== 'apply') || call.object.kind !== 'Pod') return undefined;
  if (turn.table('workloadIdentity').get(WORKLOAD_IDENTITY_KEY) === undefined) return undefined;
  return stored(turn, 'Pod', keyOf(call.object)) === undefined ? call.object : undefined;
}

/** Owner of the copies of the webhook; undefined: nobody has installed it yet. */
function installedWebhook(turn: Turn): string | undefined {
  const keys = WEBHOOK_NAMESPACES.map((namespace) => keyIn(namespace, WEBHOOK.name));
  const isPresent = turn.table('workloadIdentity').get(WORKLOAD_IDENTITY_KEY)?.webhook === 'present';
  const key = keys.find((one) => stored(turn, 'Deployment', one) !== undefined) ?? (isPresent ? keys[0] : undefined);
  return key === undefined ? undefined : `Deployment/${key}`;
}

function readyCopies(owner: string, turn: Turn): readonly Pod[] {
  const copies = turn.table('pods').by('owner', owner);
  return copies.filter(({ metadata, status }) => status.ready && metadata.deletionTimestamp === undefined);
}

function hasReadyCopy(owner: string, turn: Turn): boolean {
  return readyCopies(owner, turn).length > 0;
}

/** Simplified: a call finds a copy that serves, if there is one; the real one may meet another first. */
function isServing(owner: string, turn: Turn): boolean {
  const silence = turn.knob('wi.webhook.servesAfter');
  return readyCopies(owner, turn).some(({ status }) => after(status.startedAt ?? ORIGIN, silence) <= turn.now);
}
