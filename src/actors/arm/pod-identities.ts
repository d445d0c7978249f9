/** Pod identities of the managed cluster: ARM hands their writes to the resource provider of AKS, and its answer back. */
import type { ArmCall } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { answer, podIdentityName } from './answer.ts';
import { nextId } from './state.ts';
import type { ArmState, Caller, ClusterWrite } from './state.ts';

/** Hands a write to AKS; the answer comes when that is done. */
export function changePodIdentity(
  state: ArmState,
  turn: Turn,
  { client, request }: Caller,
  call: Extract<ArmCall, { readonly op: ClusterWrite['op'] }>,
): void {
  const operation = nextId(state, turn);
  const { op, namespace, name, pools } = call;
  state.clusterWrites[operation] = { client, request, namespace, name, op };
  const action = call.op === 'putPodIdentity' ? 'add' : 'delete';
  const identity = call.op === 'putPodIdentity' ? call.identity : '';
  turn.send('aks', { type: 'PodIdentityChange', operation, action, subject: { namespace, name, identity }, pools });
}

/** AKS is done with a write. */
export function onPodIdentityDone(state: ArmState, { operation, status, error }: MessageOf<'PodIdentityDone'>, turn: Turn): void {
  const write = state.clusterWrites[operation];
  if (write === undefined) return;
  const { client, request, op, namespace, name } = write;
  delete state.clusterWrites[operation];
  const given = error === undefined ? { status } : { status, error };
  answer(turn, { client, request, call: { op }, about: podIdentityName({ namespace, name }) }, given);
}
