/** Rows of micWork: the items of the running cycle, by worker and number. */
import type { WorkItem } from '../../model/mic-rows.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Key of one item. */
export function workKey(item: Pick<WorkItem, 'replica' | 'worker' | 'index'>): string {
  return `${item.replica}#${item.worker}#${String(item.index)}`;
}

/** One item of a worker; undefined when the cycle it belonged to is over. */
export function workItem(worker: string, index: number, turn: Turn): WorkItem | undefined {
  return turn.table('micWork').get(workKey({ replica: turn.self, worker, index }));
}

/** Takes a worker's items away. */
export function dropWork(worker: string, count: number, turn: Turn): void {
  for (let index = 0; index < count; index += 1) turn.table('micWork').delete(workKey({ replica: turn.self, worker, index }));
}
