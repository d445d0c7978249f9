/** The operator's memory. */
import { current, isDraft } from 'immer';
import type { Moment } from '../../kernel/time.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Slice of the operator. */
export interface OperatorState {
  /** Number of requests sent so far -- changes. */
  requests: number;
  /** ARM calls without a final answer, by request id -- changes. */
  calls: Record<string, ArmCall>;
  /** API calls without a final answer, by request id, how often each was sent, and whose drain it belongs to -- changes. */
  asks: Record<string, { readonly call: ApiCall; sent: number; readonly drain: string }>;
  /** Streams frozen by the story, by the id under which they are thawed -- changes. */
  stalls: Record<string, { readonly watcher: string; readonly table: string }>;
  /** Actors frozen by the story, by the id under which they are thawed -- changes. */
  frozen: Record<string, readonly string[]>;
  /** When each drain under way is given up, by node -- changes. */
  drains: Record<string, Moment>;
  /** Client secrets whose outage is known, or about to be, or that are being rotated, by client id -- changes. */
  rotating: Record<string, boolean>;
}

/** Id of the next request. */
export function nextRequest(state: OperatorState, turn: Turn): string {
  state.requests += 1;
  return `${turn.self}#${String(state.requests)}`;
}

/** A call from the slice as a message may carry it: in recorded mode the slice is a draft, which must not leave. */
export function plain<Call extends object>(call: Call): Call {
  return isDraft(call) ? current(call as never) : call;
}
