/** What stood in the way at a moment, or was under way. */
import type { Moment } from '../../../kernel/time.ts';
import { humanDuration, humanMoment } from '../../duration-text.ts';
import type { Stamped } from '../../watcher.ts';
import type { Rule } from '../rules.ts';
import type { NotedStatus, RunRecord } from '../record.ts';

/** One matter: a sentence without a full stop, and the rules behind it. */
export interface Matter {
  readonly text: string;
  readonly rules: readonly Rule[];
  /** Of a cause, when it began; absent for what merely was so. */
  readonly causeSince?: Moment;
}

/** Whom a question is about, and the moment it is about. */
export interface Place {
  readonly record: RunRecord;
  /** Facts up to that moment. */
  readonly facts: readonly Stamped[];
  /** `namespace/name`, or part of it; `''` where it is about no pod. */
  readonly pod: string;
  /** Node of that pod; `''` if it has none, or where it is about no pod. */
  readonly node: string;
  /** Resource id of the identity it wants, in lower case; `''` where that is not known. */
  readonly identity: string;
  /** Last change of its AzureAssignedIdentity; undefined without one. */
  readonly status: NotedStatus | undefined;
  readonly at: Moment;
  /** Whether NMI did not come to look for its identity: it did not know the pod, or refused the request as such. */
  readonly isUnknown: boolean;
  /** Whether the last that it heard was a refusal, or a token. */
  readonly isRefused: boolean;
  readonly isServed: boolean;
}

/** A matter without a rule of its own. */
export function plain(text: string, rules: readonly Rule[] = []): Matter {
  return { text, rules };
}

/** What brought about, or held up, that which is asked about; it began `at`. */
export function cause(at: Moment, text: string, rules: readonly Rule[] = []): Matter {
  return { text, rules, causeSince: at };
}

/** `since 00:01:02 (3.0 s)`. */
export function since(at: number, now: number): string {
  return `since ${humanMoment(at)} (${humanDuration(now - at)})`;
}

/** Whether a pod is the one asked for. */
export function isPod(full: string, pod: string): boolean {
  return pod !== '' && (full === pod || full.endsWith(`/${pod}`));
}

/** Whether a node is an instance of a scale set, or the VM itself. */
export function isOn(node: string, resource: string): boolean {
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  return node !== '' && name !== '' && node.startsWith(name);
}
