/** What is under way at the end of a run, for the question why something has not happened yet. */
import type { Moment } from '../../kernel/time.ts';
import { humanDuration, humanMoment } from '../duration-text.ts';
import type { FactOf } from '../../model/facts/index.ts';
import { handleFact } from '../watcher.ts';
import type { FactHandlers } from '../watcher.ts';
import type { RunRecord } from './record.ts';

/** Open matters as sentences, those of the pod first. */
export function openMatters(record: RunRecord, pod: string, now: Moment): readonly string[] {
  const since = (at: number): string => `since ${humanMoment(at)} (${humanDuration(now - at)})`;
  const cycles = new Map<string, Moment>();
  const workers = new Map<string, { readonly at: Moment; readonly error: string }>();
  const leaders = new Set<string>();
  const everLed = record.facts.some(({ fact }) => fact.type === 'mic-leading');
  let reconcile = '';
  let volume = '';
  const handlers: FactHandlers<unknown> = {
    'mic-cycle-started': ({ replica }, { at }) => cycles.set(replica, at),
    'mic-cycle-ended': ({ replica }) => cycles.delete(replica),
    'mic-worker-started': ({ resource }, { at }) => workers.set(resource, { at, error: '' }),
    'mic-worker-ended': ({ resource, error }, { at }) => (error === '' ? workers.delete(resource) : workers.set(resource, { at, error })),
    'mic-leading': ({ replica }) => {
      leaders.add(replica);
    },
    'mic-stopped': ({ replica }) => {
      leaders.delete(replica);
      cycles.delete(replica);
    },
    'volume-setup-ended': (tried, { at }) => {
      if (isOf(tried.pod, pod)) volume = tried.error === '' ? '' : volumeTrouble(tried, at);
    },
    'mic-reconciled': ({ aborted }, { at }) => {
      reconcile = aborted === '' ? '' : `MIC’s last reconcile gave up at ${humanMoment(at)}: ${aborted}`;
    },
  };
  for (const stamped of record.facts) handleFact(handlers, stamped);
  const status = record.statuses.findLast((change) => isOf(change.pod, pod));
  return [
    ...(volume === '' ? [] : [volume]),
    ...(status === undefined
      ? ['there is no AzureAssignedIdentity of this pod']
      : [`its AzureAssignedIdentity is ${status.status} ${since(status.at)}`]),
    ...(everLed && leaders.size === 0 ? ['no MIC process leads'] : []),
    ...[...cycles].map(([replica, at]) => `${replica} is in one cycle ${since(at)}; nothing else begins until its slowest worker is done`),
    ...[...workers].map(([resource, { at, error }]) =>
      error === ''
        ? `the worker of ${resource} is at it ${since(at)}`
        : `the last worker of ${resource} failed at ${humanMoment(at)}: ${error}; the next event or tick tries again`,
    ),
    ...(reconcile === '' ? [] : [reconcile]),
  ];
}

function isOf(full: string, pod: string): boolean {
  return full === pod || full.endsWith(`/${pod}`);
}

function volumeTrouble({ volume, attempt, error, took }: FactOf<'volume-setup-ended'>, at: Moment): string {
  return `its containers wait for the volume ${volume}: try ${String(attempt)} failed at ${humanMoment(at)} after ${humanDuration(took)} (${error})`;
}
