/** NMI takes one of a pod's identities, or answers that there is none. Which it may take is a rule of `model/nmi/choice.ts`. */
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import type { AzureIdentity } from '../../model/kubernetes.ts';
import { ANSWERS } from '../../model/nmi/answers.ts';
import type { NoIdentity } from '../../model/nmi/answers.ts';
import { candidates } from '../../model/nmi/choice.ts';
import { nmiFlags } from '../../model/nmi/flags.ts';
import { namesIdentity } from '../../model/nmi/matching.ts';
import { redactedClientId } from '../../model/nmi/redaction.ts';
import type { Wanted } from '../../model/nmi/matching.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { acquire } from './acquisition.ts';
import { answer, answerNoIdentity } from './answer.ts';
import type { NmiState } from './state.ts';

/** Takes one of the identities and goes for its token. Answers which, or undefined where it could not. */
export function choose(state: NmiState, request: string, identities: readonly AzureIdentity[], turn: Turn): AzureIdentity | undefined {
  const open = state.requests[request];
  if (open === undefined) return undefined;
  const flags = nmiFlags(turn, state.own);
  const wanted = wantedOf(open);
  const able = candidates(identities, { wanted, podNamespace: namespaceOf(open.pod), isNamespaced: flags.isNamespaced });
  const chosen = pick(able, open.pod, turn);
  if (chosen === undefined) {
    // Faithful: in standard mode an empty list is indexed, and the panic ends as a 500.
    if (flags.mode === 'standard' && !namesIdentity(wanted)) answer(state, request, ANSWERS.nothingToIndex, turn);
    else answerNoIdentity(state, request, { why: 'notFitting', asked: namedIn(wanted) }, turn);
    return undefined;
  }
  open.identity = {
    key: keyOf(chosen),
    type: chosen.spec.type,
    clientId: chosen.spec.clientID,
    secretKey: chosen.spec.clientPassword === undefined ? '' : keyIn(chosen.spec.clientPassword.namespace, chosen.spec.clientPassword.name),
    auxiliaryTenants: chosen.spec.type === 1 ? chosen.spec.auxiliaryTenantIDs.length : 0,
  };
  acquire(state, request, turn);
  return chosen;
}

/** The first of a list that real caches hold in no order. */
function pick<T>(items: readonly T[], pod: string, turn: Turn): T | undefined {
  if (items.length < 2 || turn.knob('informer.listOrder') === 'given') return items[0];
  return items[Math.min(items.length - 1, Math.floor(turn.uniform('nmi.listOrder', pod) * items.length))];
}

/** What was asked for, as an error may say it: a client id only in part. */
function namedIn({ clientId, resourceId }: Wanted): string {
  if (clientId !== '') return `client id ${redactedClientId(clientId)}`;
  return resourceId === '' ? 'the pod' : `resource id ${resourceId}`;
}

/** What a request names. */
export function wantedOf(open: { readonly clientId: string; readonly resourceId: string }): Wanted {
  return { clientId: open.clientId, resourceId: open.resourceId };
}

/** Ends a request without an identity. */
export function noIdentity(state: NmiState, request: string, why: Exclude<NoIdentity, 'notFitting'>, turn: Turn): void {
  answerNoIdentity(state, request, { why }, turn);
}

/** Namespace of a pod by its key. */
export function namespaceOf(podKey: string): string {
  return podKey.slice(0, podKey.indexOf('/'));
}
