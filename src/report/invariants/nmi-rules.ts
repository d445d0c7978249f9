/** Invariants of NMI's process on a node: its rules while it serves, and its coming back. Behaviour of NMI, N8, L4. */
import { minutes, seconds } from '../../kernel/time.ts';
import type { NodeRules } from '../../model/node-rules.ts';
import { placeOf, placeOfWrite } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import { Deadlines } from './deadlines.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** NMI looks each minute by default; writing the chain anew, with a lock held by others, takes a few seconds at most. */
const REPAIRED_WITHIN = seconds(65);

/**
 * `rulesInPlace`. NMI counts from its first rules until it stops. Known to fall where a third party leaves the rules in the wrong order:
 * NMI does not see that (W32).
 */
export function rulesInPlace(): Invariant {
  const record = new InvariantRecord('rulesInPlace');
  const serving = new Map<string, 'noRulesYet' | 'initialized'>();
  const broken = new Deadlines(record, (since, until) => until - since > REPAIRED_WITHIN);
  return {
    record,
    onFact({ fact, at }) {
      // A machine that is taken back takes its rules with it.
      if (fact.type === 'node-removed') {
        broken.excuse(fact.node);
        serving.delete(fact.node);
      }
      if (fact.type !== 'nmi-phase') return;
      if (fact.phase === 'serving') serving.set(fact.node, 'noRulesYet');
      else {
        broken.end(fact.node, at);
        serving.delete(fact.node);
      }
    },
    onWrite(write) {
      if (write.table !== 'nodeRules' || write.entry.after === undefined) return;
      const { after: rules, at } = write.entry;
      const phase = serving.get(rules.node);
      if (phase === undefined) return;
      record.check();
      if (redirects(rules)) {
        serving.set(rules.node, 'initialized');
        broken.end(rules.node, at);
        return;
      }
      if (phase === 'noRulesYet') return;
      broken.begin(rules.node, placeOfWrite(write, ''), `the redirect of ${rules.node} was gone for more than its next check`);
    },
    onEnd(at) {
      broken.endAll(at);
    },
  };
}

function redirects(rules: NodeRules): boolean {
  return rules.chain === 'full' && rules.jump === 'present';
}

/** The kubelet's longest back-off, a pull of the image, and the first lists. */
const BACK_WITHIN = minutes(10);

/** `nmiRecovers`: as long as a pod of NMI is on the node. Known to fall without an API server: NMI waits for its first lists for ever. */
export function nmiRecovers(run: Run): Invariant {
  const record = new InvariantRecord('nmiRecovers');
  const down = new Deadlines(record, (since, until) => until - since > BACK_WITHIN);
  return {
    record,
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type === 'node-removed') down.excuse(fact.node);
      if (fact.type !== 'nmi-phase') return;
      if (fact.phase === 'serving') down.end(fact.node, at);
      else if (fact.phase === 'dead') {
        record.check();
        down.begin(fact.node, placeOf(stamped, ''), `NMI on ${fact.node} was down for more than ten minutes`);
      }
    },
    onWrite(write) {
      // A pod of NMI that is taken away for good has nothing to recover.
      if (write.table !== 'pods' || write.entry.after !== undefined) return;
      const node = write.entry.before?.spec.nodeName ?? '';
      const images = write.entry.before?.spec.containers.map(({ image }) => image) ?? [];
      if (images.some((image) => image.includes('/nmi:'))) down.excuse(node);
    },
    onEnd(at) {
      for (const node of down.names()) if (run.table('nodes').get(node) !== undefined) down.end(node, at);
    },
  };
}
