/** What a process shows Entra where it asks Entra itself: the text of its client secret, or the token in its volume. */
import { after } from '../../kernel/time.ts';
import { EXCHANGE_AUDIENCE, projectedAt } from '../../model/federated-credential.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import type { PodState } from './state.ts';

/** The credential as it is now; undefined for a workload that asks the metadata address. */
export function shownBy(state: PodState, { credential }: WorkloadRow, turn: Turn): MessageOf<'AadTokenRequest'>['credential'] | undefined {
  if (credential === undefined) return undefined;
  if (credential.kind === 'secret') return { kind: 'secret', keyId: '', value: credential.value };
  const life = turn.knob('wi.saToken.lifetime');
  const rule = { life, at: turn.knob('wi.saToken.refreshAt'), most: turn.knob('wi.saToken.refreshAt.maximumAge') };
  const expiresAt = after(projectedAt(state.place.startedAt, turn.now, rule), life);
  const { issuer, subject } = credential;
  return { kind: 'assertion', keyId: '', token: { issuer, subject, audience: EXCHANGE_AUDIENCE, expiresAt } };
}
