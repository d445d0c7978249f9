/** Which token client an application has, and how often it uses its token: as the scenario says, or as applications are found to do. */
import type { Duration } from '../../kernel/time.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import { nameOf } from './state.ts';

/** Client of an application that nobody has looked into. */
const UNKNOWN_CLIENT = 'unknown';

/** Name of the application's token client. */
export function clientNameOf(workload: WorkloadRow, turn: Turn): string {
  return workload.client === UNKNOWN_CLIENT ? habitOf(workload, turn) : workload.client;
}

/** Time until its next use: as the scenario has it, or, of an application that is known to keep no token only by chance, drawn. */
export function pauseOf(workload: WorkloadRow, turn: Turn): Duration {
  if (workload.client !== UNKNOWN_CLIENT || habitOf(workload, turn) !== 'naive') return workload.every;
  return turn.draw('app.noCache.requestRate', nameOf(turn));
}

/** What an application does of which nobody knows the client: a property of the program, so the same in all its processes. */
function habitOf({ name }: WorkloadRow, turn: Turn): 'goLatest' | 'naive' {
  return turn.drawAt('app.cachesToken', name, 0) === 1 ? 'goLatest' : 'naive';
}
