/**
 * NMI finds the identity of a pod: `GetIdentities`.
 *
 * Standard mode looks at AzureAssignedIdentities every 5 s, up to 100 s; managed mode joins label, binding and identity once; the
 * documented variant asks MIC.
 */
import { BINDING_LABEL, keyIn } from '../../model/kubernetes.ts';
import type { AzureAssignedIdentity, AzureIdentity } from '../../model/kubernetes.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import { nmiFlags } from '../../model/nmi/flags.ts';
import { lookAt } from '../../model/nmi/matching.ts';
import { ONE_LOOK, afterLook, hasLook } from '../../model/nmi/wait-loop.ts';
import type { WaitLimits } from '../../model/nmi/wait-loop.ts';
import type { Seen } from '../../kernel/informer.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { choose, namespaceOf, noIdentity, wantedOf } from './choice.ts';
import { citeAssignment, citeRevision } from './citation.ts';
import { askMic } from './mic-lookup.ts';
import type { NmiState, OpenRequest } from './state.ts';

/** Begins the search for the identity of a request whose pod is known. */
export function findIdentity(state: NmiState, request: string, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  const flags = nmiFlags(turn, state.own);
  open.attempt = 0;
  if (flags.mode === 'managed') {
    join(state, request, open, turn);
  } else if (flags.lookup === 'mic') {
    open.stage = 'mic';
    askMic(state, request, turn);
  } else {
    open.stage = 'identity';
    look(state, request, turn);
  }
}

/** One look of the wait loop. */
export function look(state: NmiState, request: string, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  const limits = limitsOf(state, turn);
  if (!hasLook(open.attempt, limits)) {
    noIdentity(state, request, 'notAssigned', turn);
    return;
  }
  const items = assignedTo(state, open.pod, turn);
  const seen = lookAt(items, wantedOf(open));
  if (open.found === 'notLooked') open.found = seen.kind === 'usable' ? 'Assigned' : seen.kind === 'created' ? 'Created' : 'none';
  const next = afterLook(seen.kind, open.attempt, limits);
  if (next === 'notFound') noIdentity(state, request, 'notCreated', turn);
  else if (seen.kind === 'usable') chooseSeen(state, request, seen.usable, turn);
  else if (open.client === 'gone') noIdentity(state, request, 'canceled', turn);
  else {
    open.attempt += 1;
    turn.setTimer(`poll:${request}`, turn.knob('nmi.lookup.interval'), { type: 'IdentityPollDue', request }, { label: 'nmiPoll' });
  }
}

function limitsOf(state: NmiState, turn: Turn): WaitLimits {
  if (!behaves(turn, 'nmiWaitsForIdentity', state.own.release)) return ONE_LOOK;
  return { created: turn.knob('nmi.lookup.createdAttempts'), assigned: turn.knob('nmi.lookup.assignedAttempts') };
}

function assignedTo(state: NmiState, pod: string, turn: Turn): readonly Seen<AzureAssignedIdentity>[] {
  const cache = nmiFlags(turn, state.own).watchesOwnNode
    ? turn.informer('azureAssignedIdentities', { index: 'node', value: state.node })
    : turn.informer('azureAssignedIdentities');
  return cache.revisionsBy('pod', pod);
}

function chooseSeen(state: NmiState, request: string, usable: readonly Seen<AzureAssignedIdentity>[], turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  const chosen = choose(
    state,
    request,
    usable.map(({ value }) => value.spec.azureIdentityRef),
    turn,
  );
  // The one that came to be usable last is what a waiting request waited for, unless it took another.
  const acted = usable.find(({ value }) => value.spec.azureIdentityRef === chosen) ?? usable.at(-1);
  if (acted !== undefined) citeAssignment(acted, turn);
}

/** Managed mode: one try, no waiting. Faithful: a pod without the label matches a binding with an empty selector. */
function join(state: NmiState, request: string, open: OpenRequest, turn: Turn): void {
  const pod = turn.informer('pods', { index: 'node', value: state.node }).get(open.pod);
  const selector = pod?.metadata.labels[BINDING_LABEL] ?? '';
  const namespace = namespaceOf(open.pod);
  const cache = turn.informer('azureIdentities');
  const identities: AzureIdentity[] = [];
  for (const binding of pod === undefined ? [] : turn.informer('azureIdentityBindings').revisionsBy('selector', selector)) {
    if (binding.value.metadata.namespace !== namespace) continue;
    const identity = cache.revision(keyIn(namespace, binding.value.spec.azureIdentity));
    if (identity === undefined) continue;
    identities.push(identity.value);
    citeRevision(binding, turn);
    citeRevision(identity, turn);
  }
  choose(state, request, identities, turn);
}
