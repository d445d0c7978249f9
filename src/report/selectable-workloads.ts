/** The workloads of a run, as whoever looks for the one of a pod wants them. */
import type { SelectableWorkloads } from '../model/selectors.ts';
import type { Run } from './watcher.ts';

/** Workloads by what they select; of two that select a pod, the one that was written down first has it. The run is filled. */
export function selectableWorkloads(run: Run): SelectableWorkloads {
  const rows = run.table('workloads');
  const places = new Map(rows.all().map(({ name }, created) => [name, { created }]));
  return { by: (index, value) => rows.by(index, value), revision: (name) => places.get(name) };
}
