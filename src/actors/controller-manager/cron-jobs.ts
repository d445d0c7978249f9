/**
 * CronJobs: a Job at each moment of the schedule, and the oldest finished ones deleted beyond the history that is kept.
 *
 * Follows `pkg/controller/cronjob` with concurrencyPolicy Allow; a Job is named after the minute it is for. Simplified: a CronJob is kept as
 * a Job that repeats; a moment at which the API server refuses the Job is missed; Jobs stay when their CronJob is deleted.
 */
import { minutes, ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import type { Job } from '../../model/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { countOf, ownerName } from './ledger.ts';
import { call, enqueue } from './state.ts';
import type { ControllerManagerState } from './state.ts';

/** Moments that are looked back at for finished Jobs, beyond those that are kept: those that still run, and those that were missed. */
const LOOK_BACK = 20;

/** Waits for the next moment of the schedule. */
export function syncCronJob(job: Job, turn: Turn): void {
  const every = job.spec.repeats?.every ?? ZERO;
  if (every > 0) enqueue(turn, { kind: 'CronDue', key: keyOf(job), delay: (every - (turn.now % every)) as Duration });
}

/** A moment of the schedule has come. */
export function onCronDue(state: ControllerManagerState, key: string, turn: Turn): void {
  const job = turn.informer('jobs').get(key);
  if (job?.spec.repeats === undefined) return;
  const { repeats, ...spec } = job.spec;
  const { namespace, name, labels } = job.metadata;
  const nameAt = (ago: number): string => `${name}-${String(Math.floor((turn.now - ago * repeats.every) / minutes(1)))}`;
  const object: Job = {
    kind: 'Job',
    metadata: {
      name: nameAt(0),
      namespace,
      uid: '',
      resourceVersion: '',
      labels,
      annotations: {},
      finalizers: [],
      ownerReferences: [{ kind: 'CronJob', name }],
    },
    spec,
  };
  call(state, turn, ['cron', key], { verb: 'create', object });
  let finished = 0;
  for (let ago = 1; ago <= repeats.keep + LOOK_BACK; ago += 1) {
    const made = turn.informer('jobs').get(keyIn(namespace, nameAt(ago)));
    if (made === undefined || countOf(ownerName(made), 'done', turn) < made.spec.completions) continue;
    finished += 1;
    if (finished > repeats.keep) enqueue(turn, { kind: 'FinishedJob', key: keyOf(made) });
  }
  syncCronJob(job, turn);
}
