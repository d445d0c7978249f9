/** Rows of micWork: the items of the running cycle, by worker and number. */
import type { WorkItem } from '../../model/mic-rows.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Key of one item. */
export function workKey(replica: string, worker: string, index: number): string {
  return `${replica}#${worker}#${String(index)}`;
}

/** One item of a worker; undefined when the cycle it belonged to is over. */
export function workItem(worker: string, index: number, turn: Turn): WorkItem | undefined {
  return turn.table('micWork').get(workKey(turn.self, worker, index));
}

/** Takes a worker's items away. */
export function dropWork(worker: string, count: number, turn: Turn): void {
  for (let index = 0; index < count; index += 1) turn.table('micWork').delete(workKey(turn.self, worker, index));
}
