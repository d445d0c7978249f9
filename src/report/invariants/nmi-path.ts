/** Invariants of the way to NMI and through it: who is let past, whom NMI takes the sender for, what it answers from. Behaviour of NMI, N1, N3, N5, N9. */
import { SETTINGS_KEY } from '../../model/settings.ts';
import { placeOf } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** `tokensMediated`. Known to fall while a node has no rules: its start, a graceful stop, a foreign flush (W1, W2, W25). */
export function tokensMediated(run: Run): Invariant {
  const record = new InvariantRecord('tokensMediated');
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'token-answered' || fact.servedBy === 'clientCache' || fact.servedBy === 'aad') return;
      const pod = run.table('pods').get(fact.pod);
      if (pod === undefined || pod.spec.hostNetwork || (run.table('settings').get(SETTINGS_KEY)?.mode ?? 'none') === 'none') return;
      record.check();
      if (fact.servedBy === 'imds') record.breach(placeOf(stamped, fact.pod), `${fact.pod} got a token from IMDS around NMI`);
    },
  };
}

/** `senderRecognised`. Known to fall where an address is used again before NMI's cache knows, or is spoofed (W6, W30). */
export function senderRecognised(): Invariant {
  const record = new InvariantRecord('senderRecognised');
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'nmi-resolved') return;
      record.check();
      if (fact.resolved === fact.sender) return;
      record.breach(placeOf(stamped, fact.sender), `NMI on ${fact.node} took ${fact.sender} for ${fact.resolved}`);
    },
  };
}

/** `unnamedIdentityStable`. Known to fall for a pod with several identities that names none (W22). */
export function unnamedIdentityStable(): Invariant {
  const record = new InvariantRecord('unnamedIdentityStable');
  /** Client id of the last token of each process that named no identity. */
  const last = new Map<string, string>();
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'container-ended') last.delete(fact.pod);
      if (fact.type !== 'token-answered' || fact.requestedClientId !== '' || fact.servedBy === 'clientCache') return;
      record.check();
      const before = last.get(fact.pod);
      last.set(fact.pod, fact.appId);
      if (before === undefined || before === fact.appId) return;
      record.breach(placeOf(stamped, fact.pod), `${fact.pod} named no identity and got one of ${before}, then one of ${fact.appId}`);
    },
  };
}

/** `nmiKeepsNoToken`: behind every token of NMI stands a way to its source that was gone for this request alone. */
export function nmiKeepsNoToken(): Invariant {
  const record = new InvariantRecord('nmiKeepsNoToken');
  const fetched = new Set<string>();
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'nmi-upstream-ended' && fact.status === 200) fetched.add(`${fact.node} ${fact.request}`);
      if (fact.type !== 'nmi-answered' || fact.status !== 200) return;
      record.check();
      if (fetched.delete(`${fact.node} ${fact.request}`)) return;
      record.breach(placeOf(stamped, fact.sender), `NMI on ${fact.node} answered ${fact.request} with a token it had asked nobody for`);
    },
  };
}
