/**
 * Federated credentials of user-assigned identities as ARM resources (Microsoft.ManagedIdentity); the directory keeps them.
 *
 * Faithful: while one write to an identity is under way, another is refused with 409
 * (ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity), so a template that writes several side by side fails.
 */
import type { ArmCall } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { answer, federatedName, notFound, refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import { nextId } from './state.ts';
import type { ArmState, Caller, FederatedWrite } from './state.ts';

type FederatedCall = Extract<ArmCall, { readonly op: FederatedWrite['op'] }>;

/** Whether a call writes a federated credential. */
function isFederatedCall(call: ArmCall): call is FederatedCall {
  return call.op === 'putFederatedCredential' || call.op === 'deleteFederatedCredential';
}

/** Takes the identity of such a call for it, or refuses the call while another has it. */
export function hold(state: ArmState, turn: Turn, { call, client, request }: Caller): Answer | undefined {
  if (!isFederatedCall(call)) return undefined;
  const identity = call.identity.toLowerCase();
  if (state.federatedHolds[identity] === undefined) {
    state.federatedHolds[identity] = `${client} ${request}`;
    return undefined;
  }
  const code = 'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity';
  return refusal(turn.knob('wi.fic.concurrentWrite'), code, `Too many writes of federated credentials of ${identity} at once.`);
}

/** Hands a write to the directory. Undefined: the answer comes when that is done. */
export function writeFederated(state: ArmState, turn: Turn, caller: Caller, call: FederatedCall): Answer | undefined {
  const identity = call.identity.toLowerCase();
  const row = turn.table('userAssignedIdentities').get(identity);
  if (row === undefined) {
    delete state.federatedHolds[identity];
    return notFound(identity);
  }
  const operation = nextId(state, turn);
  const { client, request } = caller;
  const { name, op } = call;
  state.federatedWrites[operation] = { client, request, identity, name, op };
  const what = { operation, principalId: row.principalId, name };
  if (call.op === 'putFederatedCredential') {
    const { issuer, subject } = call;
    turn.send('aad', { type: 'FederatedCredentialWanted', ...what, issuer, subject });
  } else {
    turn.send('aad', { type: 'FederatedCredentialUnwanted', ...what });
  }
  return undefined;
}

/** The directory is done with a write. */
export function onFederatedDone(state: ArmState, { operation, status, error }: MessageOf<'FederatedCredentialDone'>, turn: Turn): void {
  const write = state.federatedWrites[operation];
  if (write === undefined) return;
  const { client, request, identity, name, op } = write;
  delete state.federatedWrites[operation];
  delete state.federatedHolds[identity];
  const given = error === undefined ? { status } : { status, error };
  answer(turn, { client, request, call: { op }, about: federatedName({ identity, name }) }, given);
}
