/** Slice of the resource provider of AKS: the one operation that it works on. */
import type { ResourceRef } from '../../model/messages/arm.ts';

/** Slice of the resource provider. */
export interface AksState {
  /** Requests sent so far [1] -- changes. */
  sent: number;
  phase: 'idle' | 'checking' | 'writing' | 'applying';
  /** Id of the operation, by which ARM knows it; `''` while idle -- changes. */
  operation: string;
  action: 'add' | 'delete';
  /** The pod identity that comes or goes, its client id once it is read -- changes. */
  subject: { namespace: string; name: string; identity: string; clientId: string };
  /** Node pools of the cluster -- changes. */
  pools: ResourceRef[];
  /** Requests without an answer; of ARM what is asked -- changes. */
  asked: Record<string, Asked>;
}

/** What the provider waits for: a look at an identity, a write of a machine, an answer of the API server. */
export interface Asked {
  readonly what: 'identity' | 'machine' | 'object';
  /** ARM id of the identity, or name of the machine or object. */
  readonly of: string;
  /** Kind of the machine. */
  readonly kind: ResourceRef['kind'];
}

/** A fresh slice. */
export function initialAks(): AksState {
  const subject = { namespace: '', name: '', identity: '', clientId: '' };
  return { sent: 0, phase: 'idle', operation: '', action: 'add', subject, pools: [], asked: {} };
}
