/**
 * Invariants of what MIC brings about in the end: L3 and L6 of the behaviour of MIC. Time counts while things are healthy: a MIC leads and
 * sees what the API server has, and neither that nor ARM has refused it anything since.
 */
import { minutes } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { GONE_WITHIN } from '../cleanup/due-time.ts';
import type { PlaceInRun } from '../document/index.ts';
import { placeOf, placeOfWrite, podOfReplica } from '../watcher.ts';
import type { Run, Stamped } from '../watcher.ts';
import { Deadlines } from './deadlines.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';
import { MicHealth } from './mic-health.ts';

/**
 * `assignmentGoesWithPod`: as long as its machine answers. Known to be late in a cluster without AzureIdentities and bindings, where nothing
 * makes the next cycle (W9).
 */
export function assignmentGoesWithPod(run: Run): Invariant {
  const record = new InvariantRecord('assignmentGoesWithPod');
  const health = new MicHealth(run);
  const orphans = new Deadlines(record, (since, until) => health.leader !== '' && until - Math.max(since, health.calm.at) > GONE_WITHIN);
  return {
    record,
    onFact: (stamped) => health.onFact(stamped),
    onWrite(write) {
      if (write.table === 'azureAssignedIdentities' && write.entry.after === undefined) orphans.end(write.entry.key, write.entry.at);
      if (write.table !== 'pods') return;
      const { key: pod, after } = write.entry;
      for (const { metadata } of run.table('azureAssignedIdentities').by('pod', pod)) {
        const key = `${metadata.namespace}/${metadata.name}`;
        if (after !== undefined) orphans.excuse(key);
        else {
          record.check();
          orphans.begin(key, placeOfWrite(write, pod), `${key} outlived its pod ${pod} by more than 20 healthy minutes`);
        }
      }
    },
    onSettled: (at) => void health.onSettled(at),
    onEnd(at) {
      health.onSettled(at);
      orphans.endAll(at);
    },
  };
}

/** 31.5 s until the lease of a leader that died has run out for every candidate, and what a cold standby takes to fill its caches. */
const LED_WITHIN = minutes(2);

/** `leaderReplaced`: counts while another MIC process is there. Known to fall when that cannot reach the API server (an outage, W39). */
export function leaderReplaced(): Invariant {
  const record = new InvariantRecord('leaderReplaced');
  const alive = new Set<string>();
  let leader = '';
  let vacant: PlaceInRun | undefined;
  const judge = (until: Moment): void => {
    const waited = vacant === undefined ? 0 : ((until - vacant.atUs) as Duration);
    if (vacant !== undefined && waited > LED_WITHIN) record.breach(vacant, `nobody led within two minutes of the end of ${vacant.pod}`);
    vacant = undefined;
  };
  const ended = (pod: string, stamped: Stamped): void => {
    if (!alive.delete(pod)) return;
    if (pod === leader && alive.size > 0) {
      record.check();
      // One that ends before its caches were full has not led.
      vacant ??= placeOf(stamped, pod);
    } else if (alive.size === 0) vacant = undefined;
    if (pod === leader) leader = '';
  };
  return {
    record,
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type === 'mic-started') alive.add(podOfReplica(fact.replica));
      if (fact.type === 'mic-leading') leader = podOfReplica(fact.replica);
      if (fact.type === 'mic-caches-synced') judge(at);
      if (fact.type === 'mic-stopped') ended(podOfReplica(fact.replica), stamped);
      if (fact.type === 'container-ended') ended(fact.pod, stamped);
    },
    onEnd: judge,
  };
}
