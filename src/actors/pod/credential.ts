/** Whom a process asks for tokens, by which client, and what it shows Entra where it asks Entra itself: a client secret, or the token in its volume. */
import type { SendOptions } from '../../kernel/actor.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { heldSecret } from '../../model/client-secret.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { projectedToken } from '../../model/projected-token.ts';
import { profileOf } from '../../model/token-client/calibrated.ts';
import { REFUSED } from '../../model/token-client/profile.ts';
import { entraProfile } from '../../model/token-client/entra.ts';
import type { Profile } from '../../model/token-client/profile.ts';
import type { Identity, Turn } from '../../model/vocabulary.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import { clientNameOf } from './habit.ts';
import type { PodState } from './state.ts';

/** The application that this process runs; undefined when its row is gone. */
export function workloadOf(state: PodState, turn: Turn): WorkloadRow | undefined {
  return turn.table('workloads').get(state.workload);
}

/** The token client of the application. */
export function clientOf(state: PodState, workload: WorkloadRow, turn: Turn): Profile {
  const profile = profileOf(clientNameOf(workload, turn), turn);
  if (sourceOf(state, workload) === 'metadata') return profile;
  const feelsExpiryAtOnce = workload.credential?.kind === 'secret' && turn.knob('secret.expired.podFailsAfter') === 'atOnce';
  // What is felt at once is asked for each time: nothing is kept.
  return entraProfile(feelsExpiryAtOnce ? profileOf('naive', turn) : profile);
}

/** Whom a process asks for tokens; `nobody`: it finds no credential that it could use, and says so at once. */
export function sourceOf({ place }: PodState, { credential, clientId }: WorkloadRow): 'entra' | 'metadata' | 'nobody' {
  if (credential === undefined) return 'metadata';
  if (credential.kind === 'secret') return 'entra';
  const { federated } = place;
  if (federated !== undefined && (clientId !== '' || federated.clientId !== '')) return 'entra';
  return credential.otherwise === 'metadata' ? 'metadata' : 'nobody';
}

/** Client id that a process asks for; `''`: none. Where the application names none, its environment may. */
export function clientIdOf(state: PodState, workload: WorkloadRow): string {
  if (workload.clientId !== '' || sourceOf(state, workload) !== 'entra') return workload.clientId;
  return state.place.federated?.clientId ?? '';
}

/** Client id that the application asks for. */
export function requestedBy(state: PodState, turn: Turn): string {
  const workload = workloadOf(state, turn);
  return workload === undefined ? '' : clientIdOf(state, workload);
}

/** Client secret that this process held at a moment; `''` for one that holds none. */
function secretAt({ place }: PodState, { credential, clientId }: WorkloadRow, at: Moment, turn: Turn): string {
  if (credential?.kind !== 'secret') return '';
  const kept = turn.table('clientSecrets').get(clientId);
  return kept === undefined ? credential.value : heldSecret(kept, { startedAt: place.startedAt, name: turn.self }, at, turn);
}

/** The credential as it is now; undefined for a process that asks the metadata address. */
export function shownBy(state: PodState, workload: WorkloadRow, turn: Turn): MessageOf<'AadTokenRequest'>['credential'] | undefined {
  const { credential } = workload;
  if (credential?.kind === 'secret') return { kind: 'secret', keyId: '', value: secretAt(state, workload, turn.now, turn) };
  const { federated, startedAt } = state.place;
  if (credential === undefined || federated === undefined) return undefined;
  // Its volume is as old as the process. Simplified: a restarted container finds a token of that moment.
  const readAt = turn.knob('wi.saToken.readAgain') ? turn.now : startedAt;
  return projectedToken(federated, { filledAt: startedAt, readAt }, turn);
}

/** A client secret that has expired, or that Entra does not know (learn.microsoft.com, error codes of Entra). */
const SECRET_REFUSED: ReadonlySet<string | undefined> = new Set(['AADSTS7000222', 'AADSTS7000215']);

/** People see sooner or later that a secret is refused which this process showed. */
export function tellOfSecret(
  state: PodState,
  { error, shownAt }: { readonly error: string | undefined; readonly shownAt: Moment },
  turn: Turn,
): void {
  const workload = workloadOf(state, turn);
  if (workload === undefined || !SECRET_REFUSED.has(error)) return;
  const { clientId } = workload;
  if (turn.table('clientSecrets').get(clientId) === undefined) return;
  turn.send('operator', { type: 'SecretRefused', clientId, value: secretAt(state, workload, shownAt, turn) });
}

/** What a process hears of Entra that is not there, or to which no packet gets: no connection. */
export function unreached(request: string, connectTimeout: Duration): SendOptions<Identity> {
  const nobody = { type: 'AadTokenResponse', request, status: REFUSED } as const;
  return { ifAbsent: nobody, ifDropped: { message: nobody, after: connectTimeout } };
}
