/** What the process's flags and its cloud configuration say. */
import type { NamespaceRule } from '../../model/mic/naming.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Scope of identities and home of their assignments. */
export function namespaceRule(turn: Turn): NamespaceRule {
  const isForced = turn.table('settings').get(SETTINGS_KEY)?.forceNamespaced === 'yes' || turn.knob('mic.namespaced');
  return { scope: isForced ? 'namespaced' : 'cluster', sharedNamespace: turn.knob('mic.assignedIdentity.namespace') };
}

/**
 * Client ids that are never taken off a resource: those of the flag, lower-cased but not trimmed, and the cluster's own as azure.json
 * spelled it when the process began (§2.4). Faithful: the comparison is by letter (W17).
 */
export function immutableClientIds(ownIdentity: string, turn: Turn): readonly string[] {
  const settings = turn.table('settings').get(SETTINGS_KEY);
  const flagged = turn.knob('mic.immutableIds');
  const ids = [...(settings?.immutableClientIds ?? []), ...(flagged === '' ? [] : flagged.split(','))].map((id) => id.toLowerCase());
  const own = behaves(turn, 'micKeepsClusterIdentity') ? ownIdentity : '';
  return own === '' ? ids : [...ids, own];
}
