/** Invariants of MIC's loop over time: L7, L9 and L10 of the behaviour of MIC. */
import { minutes, seconds } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { BINDING_LABEL } from '../../model/kubernetes.ts';
import type { TableName } from '../../model/tables.ts';
import { GONE_WITHIN } from '../cleanup/due-time.ts';
import type { PlaceInRun } from '../document/index.ts';
import { wantedFor } from '../entitlement.ts';
import { placeOf, placeOfWrite } from '../watcher.ts';
import type { Run, Write } from '../watcher.ts';
import { Deadlines } from './deadlines.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';
import { MicHealth } from './mic-health.ts';
import type { Since } from './mic-health.ts';

/** More than a watch takes, and the events before it; far less than a resync. */
const TAKEN_IN_WITHIN = minutes(3);

/**
 * `changeIsTakenIn`: each event is followed by a cycle that begins after it. Seen by what a cycle does first: it takes what changed into its
 * desired set, here the arrival of a bound pod on its node. Events are never lost; a storm of them makes it late (W32).
 */
export function changeIsTakenIn(run: Run): Invariant {
  const record = new InvariantRecord('changeIsTakenIn');
  const health = new MicHealth(run);
  const open = new Map<string, { readonly since: Since; readonly place: PlaceInRun }>();
  const look = (at: Moment): void => {
    for (const [key, { since, place }] of open) {
      if (health.leader === '' || health.spareSince(since, at) <= TAKEN_IN_WITHIN) continue;
      open.delete(key);
      // One that came back as it was before MIC looked changes nothing that MIC wants.
      const { nodeName } = run.table('pods').get(key)?.spec ?? {};
      if (
        run
          .table('micDesired')
          .by('pod', `${health.leader}|${key}`)
          .some(({ node }) => node === nodeName)
      )
        continue;
      record.breach(place, `${key} came, and MIC began no cycle that took it in for three idle minutes`);
    }
  };
  return {
    record,
    onFact(stamped) {
      health.onFact(stamped);
      // What a new leader finds it lists.
      if (stamped.fact.type === 'mic-caches-synced') open.clear();
    },
    onWrite(write) {
      if (write.table === 'micDesired') open.delete((write.entry.after ?? write.entry.before)?.podKey ?? '');
      if (write.table !== 'pods') return;
      const { key, before, after, at } = write.entry;
      if (after === undefined) open.delete(key);
      else if (before?.spec.nodeName !== after.spec.nodeName && wantedFor(run, after).length > 0) {
        record.check();
        open.set(key, { since: health.now(at), place: placeOfWrite(write, key) });
      }
    },
    onSettled(at) {
      if (health.onSettled(at)) look(at);
    },
    onEnd: look,
  };
}

/**
 * `namespaceGoes`: one that is deleted while it holds AzureAssignedIdentities is gone within 20 minutes in which a MIC leads and nothing
 * stands in its way; without a MIC nobody takes the finalizers off.
 */
export function namespaceGoes(run: Run): Invariant {
  const record = new InvariantRecord('namespaceGoes');
  const health = new MicHealth(run);
  const leaving = new Deadlines(record, (since, until) => health.leader !== '' && until - Math.max(since, health.calm.at) > GONE_WITHIN);
  return {
    record,
    onFact: (stamped) => health.onFact(stamped),
    onWrite(write) {
      if (write.table !== 'namespaces') return;
      const { key, before, after, at } = write.entry;
      if (after === undefined) leaving.end(key, at);
      else if (before?.metadata.deletionTimestamp === undefined && after.metadata.deletionTimestamp !== undefined) {
        if (run.table('azureAssignedIdentities').by('namespace', after.metadata.name).length === 0) return;
        record.check();
        leaving.begin(key, placeOfWrite(write, ''), `namespace ${key} was still there 20 healthy minutes after its deletion`);
      }
    },
    onSettled: (at) => void health.onSettled(at),
    onEnd(at) {
      leaving.endAll(at);
    },
  };
}

/** Rounds of work without new inputs: one for what was under way, one for what a lagging cache showed twice. */
const ROUNDS = 2;
/** Cycles closer together than this are one round; by then caches show what the last one did. */
const ROUND = seconds(60);

/**
 * `micComesToRest`: while nobody else changes anything, MIC reaches a cycle that finds no work. Known to fall for an identity that ARM
 * refuses, which each resync tries anew (W25), and for two pods whose assignments have one name (W40).
 */
export function micComesToRest(run: Run): Invariant {
  const record = new InvariantRecord('micComesToRest');
  const health = new MicHealth(run);
  let quietSince: number = run.now;
  let lastRound = -Infinity;
  let rounds = 0;
  const stir = (at: Moment): void => {
    quietSince = at;
    rounds = 0;
  };
  return {
    record,
    onFact(stamped) {
      const { fact, at } = stamped;
      health.onFact(stamped);
      if (fact.type === 'mic-leading' || fact.type === 'mic-caches-synced') stir(at);
      if (fact.type === 'arm-operation-ended' && !fact.client.startsWith('mic/')) stir(at);
      if (fact.type !== 'mic-cycle-started') return;
      record.check();
      if (at - Math.max(quietSince, lastRound) < ROUND) return;
      lastRound = at;
      rounds += 1;
      if (rounds > ROUNDS)
        record.breach(placeOf(stamped, ''), `MIC found work for the ${String(rounds)}th time though nothing had changed`);
    },
    onWrite(write) {
      if (isInput(write)) stir(write.entry.at);
    },
    onSettled(at) {
      if (health.onSettled(at) && health.isBlind) stir(at);
    },
  };
}

/** Tables each of whose writes is an input. */
const INPUTS: ReadonlySet<TableName> = new Set(['azureIdentities', 'azureIdentityBindings', 'userAssignedIdentities', 'roleAssignments']);

/** Whether somebody changed what MIC works from. */
function isInput(write: Write): boolean {
  if (write.table === 'nodes') return write.entry.before?.spec.providerID !== write.entry.after?.spec.providerID;
  if (write.table !== 'pods') return INPUTS.has(write.table);
  const { before, after } = write.entry;
  if (before?.metadata.labels[BINDING_LABEL] === undefined && after?.metadata.labels[BINDING_LABEL] === undefined) return false;
  return before?.spec !== after?.spec || before?.metadata.labels !== after?.metadata.labels;
}
