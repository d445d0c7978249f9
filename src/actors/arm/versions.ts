/**
 * What a GET shows: the resource as it is, or, while reads lag behind writes, as it was.
 *
 * Follows the weakness that MIC reads, edits and writes without an ETag: a read that comes soon after a write may be answered from a cache
 * that has not seen it. All reads lag by the same `arm.get.staleFor`.
 */
import { after } from '../../kernel/time.ts';
import type { ComputeResource } from '../../model/azure.ts';
import type { ResourceRef } from '../../model/messages/arm.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { resourceNamed } from './answer.ts';
import type { ArmState, Version } from './state.ts';

/** Writes the row of a resource and counts the change; every change of one goes through here. */
export function putResource(state: ArmState, turn: Turn, row: ComputeResource): void {
  const key = row.id.toLowerCase();
  remember(state, turn, key);
  turn.table('computeResources').put(key, { ...row, generation: row.generation + 1 });
}

/** Takes the row of a resource away. */
export function deleteResource(state: ArmState, turn: Turn, row: ComputeResource): void {
  const key = row.id.toLowerCase();
  remember(state, turn, key);
  turn.table('computeResources').delete(key);
}

/** The resource as a GET shows it now. Of one that is gone, or new, a lagging read does not know it yet. */
export function shownResource(state: ArmState, turn: Turn, ref: ResourceRef): ComputeResource | undefined {
  const lag = turn.knob('arm.get.staleFor');
  if (lag === 0) return resourceNamed(turn, ref);
  const key = resourceNamed(turn, ref)?.id.toLowerCase() ?? goneKey(state, ref);
  const seen = state.versions[key]?.find(({ until }) => after(until, lag) > turn.now);
  return seen === undefined ? resourceNamed(turn, ref) : copied(seen.row);
}

/** Keeps what the row was until now, as long as a read can still meet it. */
function remember(state: ArmState, turn: Turn, key: string): void {
  const lag = turn.knob('arm.get.staleFor');
  if (lag === 0) return;
  const kept = (state.versions[key] ?? []).filter(({ until }) => after(until, lag) > turn.now);
  const row = copied(turn.table('computeResources').get(key));
  state.versions[key] = [...kept, { until: turn.now, ...(row === undefined ? {} : { row }) }];
}

function goneKey(state: ArmState, ref: ResourceRef): string {
  const isIt = ({ row }: Version): boolean => row?.kind === ref.kind && row.name.toLowerCase() === ref.name.toLowerCase();
  return Object.keys(state.versions).find((key) => state.versions[key]?.some(isIt) === true) ?? '';
}

/** A row of its own: slices hold no rows of tables, and what leaves holds nothing of a slice. */
function copied(row: ComputeResource | undefined): ComputeResource | undefined {
  if (row === undefined) return undefined;
  const { systemAssigned, ...rest } = row;
  return {
    ...rest,
    userAssigned: [...row.userAssigned],
    ...(systemAssigned === undefined ? {} : { systemAssigned: { ...systemAssigned } }),
  };
}
